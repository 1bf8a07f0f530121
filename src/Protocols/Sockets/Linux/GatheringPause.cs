using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Linux;

/// <summary>
/// Lets a busy thread pause before it looks for input again. Where many peers send, going to sleep and waking for each costs more than what they sent: as long as a
/// pause gathers enough of it, it is worth the delay. A thread that takes as long over its work gathers by working.
/// </summary>
/// <param name="nanoseconds">From the end of one pause to the end of the next.</param>
/// <param name="worth">What one must gather.</param>
internal sealed class GatheringPause(int nanoseconds, int worth)
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);
    private const long Shortest = 50_000; // what a thread cannot sleep less than, nearly

    private Instant _windowStart;
    private Instant _ended;
    private int _arrivals;

    /// <summary>What was decided last; false at first.</summary>
    public bool IsWorthIt { get; private set; }

    /// <summary>Notes what has come; every 50 ms it is decided anew whether pauses are worth it.</summary>
    public void Note(Instant now, int arrivals)
    {
        _arrivals += arrivals;
        var elapsed = now - _windowStart;
        if (elapsed < Window) return;
        IsWorthIt = _arrivals * (double)nanoseconds >= worth * elapsed.TotalNanoseconds;
        _arrivals = 0;
        _windowStart = now;
    }

    /// <summary>Pauses where it is worth it; the time after.</summary>
    public unsafe Instant Take(Instant now)
    {
        if (!IsWorthIt) return now;
        var left = nanoseconds - (now.Nanoseconds - _ended.Nanoseconds);
        if (left >= Shortest)
        {
            var time = new Libc.TimeSpec { Nanoseconds = left };
            _ = Libc.Sleep(&time, null);
            now = MonotonicClock.Now;
        }

        return _ended = now;
    }
}
