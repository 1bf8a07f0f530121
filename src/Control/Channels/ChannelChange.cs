namespace Sluice.Control.Channels;

/// <summary>What happened to a channel, for whoever holds something running on it.</summary>
public enum ChannelChangeKind
{
    /// <summary>Name, title or settings changed.</summary>
    Updated,

    /// <summary>The secret was replaced: the old key is worth nothing from now on.</summary>
    SecretRotated,

    /// <summary>A watch token was removed.</summary>
    WatchTokenRemoved,

    /// <summary>The channel is gone: its stream and its viewers end.</summary>
    Removed,
}

/// <summary>One change of one channel; raised after the store has it.</summary>
public readonly record struct ChannelChange(string ChannelId, ChannelChangeKind Kind);
