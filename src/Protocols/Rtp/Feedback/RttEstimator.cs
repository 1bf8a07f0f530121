using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>
/// The round-trip time from the reports of the other side (RFC 3550 §6.4.1: arrival minus LSR minus DLSR), smoothed as TCP does
/// (RFC 6298 §2). It also takes DLRR (RFC 3611 §4.5), which is the same sum. One thread uses it.
/// </summary>
/// <param name="initial">What to assume before the first report.</param>
public sealed class RttEstimator(TimeSpan initial)
{
    private const long LongestTicks = 10 * TimeSpan.TicksPerSecond;

    /// <summary>True once a report was usable.</summary>
    public bool IsMeasured { get; private set; }

    /// <summary>The smoothed round-trip time.</summary>
    public TimeSpan Smoothed { get; private set; } = initial;

    /// <summary>The last measurement.</summary>
    public TimeSpan Latest { get; private set; } = initial;

    /// <summary>The smallest measurement.</summary>
    public TimeSpan Smallest { get; private set; } = TimeSpan.MaxValue;

    /// <summary>
    /// Tells of a report block or DLRR entry about us. False where it holds no measurement: no report of ours was received yet, or the
    /// sum is negative or above ten seconds, which no honest peer produces.
    /// </summary>
    /// <param name="arrival">When it arrived, on the clock our own reports state.</param>
    /// <param name="lastReport">LSR: the middle of the NTP time of our last report the peer saw.</param>
    /// <param name="delay">DLSR: how long the peer held it, in units of 1/65536 s.</param>
    public bool OnReport(NtpTime arrival, uint lastReport, uint delay)
    {
        if (lastReport == 0) return false;
        long units = (int)(arrival.Middle - lastReport - delay);

        // The peer rounds; a round trip below the resolution may come out a little negative.
        if (units is < 0 and > -66) units = 0;
        var ticks = units * TimeSpan.TicksPerSecond >> 16;
        if (ticks is < 0 or > LongestTicks) return false;
        Latest = TimeSpan.FromTicks(ticks);
        Smoothed = IsMeasured ? Smoothed + (Latest - Smoothed) / 8 : Latest;
        Smallest = Latest < Smallest ? Latest : Smallest;
        IsMeasured = true;
        return true;
    }
}
