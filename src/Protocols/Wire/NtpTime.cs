namespace Sluice.Protocols.Wire;

/// <summary>
/// Wall-clock time as RTCP carries it: seconds since 1900 in 32.32 fixed point (RFC 3550 §4).
/// </summary>
/// <param name="Value">The 64-bit NTP timestamp.</param>
public readonly record struct NtpTime(ulong Value)
{
    private const long UnixEpochSeconds = 2_208_988_800;

    /// <summary>The middle 32 bits, as LSR and DLSR use them (RFC 3550 §6.4.1).</summary>
    public uint Middle => (uint)(Value >> 16);

    /// <summary>Converts from a UTC time of .NET.</summary>
    public static NtpTime FromUtc(DateTime utc)
    {
        var ticks = utc.Ticks - DateTime.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        return new NtpTime((ulong)(seconds + UnixEpochSeconds) << 32 | ((ulong)rest << 32) / TimeSpan.TicksPerSecond);
    }

    /// <summary>Converts to a UTC time of .NET; the era is the one that began in 1900.</summary>
    public DateTime ToUtc()
    {
        var seconds = (long)(Value >> 32) - UnixEpochSeconds;
        var fraction = (long)((Value & uint.MaxValue) * TimeSpan.TicksPerSecond >> 32);
        return DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond + fraction);
    }

    /// <summary>The NTP time a span later.</summary>
    public static NtpTime operator +(NtpTime at, TimeSpan span) =>
        new(at.Value + (ulong)(long)(span.Ticks * ((double)(1UL << 32) / TimeSpan.TicksPerSecond)));

    /// <summary>The signed span between two NTP times.</summary>
    public static TimeSpan operator -(NtpTime later, NtpTime earlier) =>
        TimeSpan.FromTicks((long)((long)(later.Value - earlier.Value) * ((double)TimeSpan.TicksPerSecond / (1UL << 32))));
}

/// <summary>
/// Ties the drivers' monotonic clock to the wall clock: cores that must state wall-clock time (RTCP sender reports)
/// are given one and stay free of clocks.
/// </summary>
/// <param name="At">An instant of the monotonic clock.</param>
/// <param name="Ntp">The wall-clock time at that instant.</param>
public readonly record struct WallClock(Instant At, NtpTime Ntp)
{
    /// <summary>The wall-clock time at an instant.</summary>
    public NtpTime ToNtp(Instant now) => Ntp + (now - At);

    /// <summary>The instant of a wall-clock time.</summary>
    public Instant ToInstant(NtpTime ntp) => At + (ntp - Ntp);
}
