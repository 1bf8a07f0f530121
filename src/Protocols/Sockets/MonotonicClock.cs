using System.Diagnostics;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets;

/// <summary>
/// The one monotonic clock of the process: every driver, and whoever hands instants to machines from outside, shares its epoch.
/// Any thread may read it.
/// </summary>
public static class MonotonicClock
{
    private static readonly long Start = Stopwatch.GetTimestamp();
    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    /// <summary>Nanoseconds since the class was first touched.</summary>
    public static Instant Now
    {
        get
        {
            var ticks = Stopwatch.GetTimestamp() - Start;
            return new Instant(Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)(ticks * NanosecondsPerTick));
        }
    }

    /// <summary>
    /// A fresh anchor between this clock and the wall clock. The wall clock may be stepped: whoever keeps an anchor keeps the old time, which is what
    /// RTCP wants within one session.
    /// </summary>
    public static WallClock ReadWallClock() => new(Now, NtpTime.FromUtc(DateTime.UtcNow));
}
