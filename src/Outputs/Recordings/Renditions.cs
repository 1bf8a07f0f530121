using Sluice.Control.Tracks;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Recordings;

/// <summary>
/// The renditions of one source (simulcast), and which of them is to be recorded: the largest that comes. Publishers short of bandwidth stop their largest first and bring it
/// back. Every change is another file: a larger one must have come for a while before it is gone up to, and one that has fallen silent is left soon.
/// </summary>
internal sealed class Renditions(Track[] all)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(5);

    private Track? _better;
    private Instant _betterSince;

    /// <summary>The largest; before sizes are known, the one the publisher prefers.</summary>
    public Track Preferred => all.MaxBy(SizeOf)!;

    /// <summary>Every one of them comes: none is to be waited for.</summary>
    public bool AreAll(Instant now) => Array.TrueForAll(all, t => Comes(t, now));

    /// <summary>The largest that comes; the current one where none is larger.</summary>
    public Track Largest(Track current, Instant now)
    {
        var best = Comes(current, now) ? current : null;
        foreach (var track in all)
        {
            if (Comes(track, now) && (best is null || SizeOf(track) > SizeOf(best))) best = track;
        }

        return best ?? current;
    }

    /// <summary>The rendition to be recorded: the current one, unless another is better.</summary>
    public Track Choose(Track current, Instant now)
    {
        var best = Largest(current, now);
        if (ReferenceEquals(best, current))
        {
            _better = null;
            return current;
        }

        if (!Comes(current, now)) return best;
        if (!ReferenceEquals(_better, best))
        {
            _better = best;
            _betterSince = now;
        }

        return now - _betterSince >= Steady ? best : current;
    }

    private static bool Comes(Track track, Instant now) =>
        track.Statistics.LastPacket is var last && last != Instant.Never && now - last <= Silence;

    private static long SizeOf(Track track) => (long)track.Resolution.Width * track.Resolution.Height;
}
