using Sluice.Control.Live;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Whip;

/// <summary>
/// The channels that got packets since the shard last took: every shard with viewers of them is told once for the whole batch, and the others are woken. Owned
/// by the shard's thread.
/// </summary>
public sealed class WhipAppends(ReaderThread thread)
{
    private readonly List<(LiveChannel Channel, LiveStream Stream)> _appended = [];

    internal void NoteAppended(LiveChannel channel, LiveStream stream)
    {
        // A batch holds packets of few publishers, mostly one after the other.
        for (var i = _appended.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_appended[i].Stream, stream)) return;
        }

        _appended.Add((channel, stream));
    }

    /// <summary>Derives what was asked for from what was appended, and tells the threads that read.</summary>
    public void Flush(Instant now)
    {
        if (_appended.Count == 0) return;
        foreach (var (channel, stream) in _appended)
        {
            stream.Derive(now);
            channel.WakeReaders(thread);
        }

        _appended.Clear();
    }
}
