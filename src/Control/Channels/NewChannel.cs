namespace Sluice.Control.Channels;

/// <summary>A channel just made. The only place where its secret is in plain text: show it once, keep it nowhere.</summary>
public sealed record NewChannel(Channel Channel, string Secret)
{
    /// <summary>The whole key, <c>{channel}-{secret}</c>.</summary>
    public string Key => StreamKey.Compose(Channel.Id, Secret);

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"new channel {Channel.Id}";
}

/// <summary>How making a watch token ended.</summary>
public enum WatchTokenOutcome
{
    /// <summary>It was made.</summary>
    Made,

    /// <summary>There is no such channel.</summary>
    ChannelUnknown,

    /// <summary>The channel has as many tokens as it may have.</summary>
    TooMany,
}

/// <summary>A watch token just made, with its plain text, or why not.</summary>
public sealed record NewWatchToken(WatchTokenOutcome Outcome, WatchToken? Token = null, string Secret = "")
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => $"watch token {Token?.Id} {Outcome}";
}
