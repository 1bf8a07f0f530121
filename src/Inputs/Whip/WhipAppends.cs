using Sluice.Control.Live;

namespace Sluice.Inputs.Whip;

/// <summary>
/// The channels that got packets since the shard last took: every shard with viewers of them is told once for the whole batch, and the others are woken. Owned
/// by the shard's thread.
/// </summary>
public sealed class WhipAppends(ReaderThread thread)
{
    private readonly List<LiveChannel> _channels = [];

    internal void NoteAppended(LiveChannel channel)
    {
        // A batch holds packets of few publishers, mostly one after the other.
        if (_channels.Count > 0 && ReferenceEquals(_channels[^1], channel)) return;
        if (!_channels.Contains(channel)) _channels.Add(channel);
    }

    /// <summary>Tells the shards that serve viewers of what was appended.</summary>
    public void Flush()
    {
        if (_channels.Count == 0) return;
        foreach (var channel in _channels)
        {
            channel.WakeReaders(thread);
        }

        _channels.Clear();
    }
}
