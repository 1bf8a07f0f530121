using Sluice.Control.Live;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Whip;

/// <summary>What one publisher has appended and nobody was told of yet.</summary>
internal sealed class UntoldAppends(LiveChannel channel, IncomingTrack[] tracks)
{
    public LiveChannel Channel => channel;

    public IncomingTrack[] Tracks => tracks;

    /// <summary>The stream it belongs to, once it has begun.</summary>
    public LiveStream? Stream { get; set; }

    /// <summary>True where a track may hold the beginning of a slice.</summary>
    public bool IsHeld { get; set; }

    /// <summary>When the first of it came.</summary>
    public Instant Since { get; set; }

    /// <summary>True where sound is among it, or the end of a picture.</summary>
    public bool IsWhole { get; set; }

    public bool IsListed { get; set; }
}

/// <summary>
/// The channels that got packets since the shard last took: every shard with viewers of them is told once for the whole batch, and the others are woken. Owned
/// by the shard's thread.
/// </summary>
/// <remarks>
/// The beginning of a picture waits for its end: sent as one run its packets cost a third, and what a decoder waits for is the last one. Readers are not even told, since
/// waking a thread for each packet costs more than the packet, and a thread that has just run is not moved to an idle processor when there is work for it.
/// </remarks>
public sealed class WhipAppends(ReaderThread thread)
{
    /// <summary>How long the beginning of a picture waits at most.</summary>
    public static readonly TimeSpan FrameHold = TimeSpan.FromMilliseconds(1);

    private readonly List<UntoldAppends> _untold = []; // each publisher of the shard once at most

    /// <summary>When the beginning of a picture has waited long enough.</summary>
    public Instant NextTimeout { get; private set; } = Instant.Never;

    internal void NoteAppended(Instant now, UntoldAppends untold, bool isWhole)
    {
        untold.IsWhole |= isWhole;
        if (untold.IsListed) return;
        untold.IsListed = true;
        untold.Since = now;
        _untold.Add(untold);
    }

    /// <summary>Derives what was asked for, and tells the threads that read of what was appended; but not of the pictures that wait.</summary>
    public void Flush(Instant now)
    {
        NextTimeout = Instant.Never;
        var kept = 0;
        for (var i = 0; i < _untold.Count; i++)
        {
            var untold = _untold[i];
            var until = untold.Since + FrameHold;
            if (!untold.IsWhole && now < until)
            {
                _untold[kept++] = untold;
                NextTimeout = Instant.Min(NextTimeout, until);
                continue;
            }

            untold.IsListed = false;
            untold.IsWhole = false;
            if (untold.IsHeld) Release(untold);
            untold.Stream?.Derive(now);
            untold.Channel.WakeReaders(thread);
        }

        _untold.RemoveRange(kept, _untold.Count - kept);
    }

    private static void Release(UntoldAppends untold)
    {
        untold.IsHeld = false;
        foreach (var track in untold.Tracks) track.Release();
    }
}
