using Sluice.Protocols.Wire;

namespace Sluice.Control.Tracks;

/// <summary>
/// Where a track's media timestamps lie on the wall clock of this node: one point and a rate. Immutable; the input replaces it when a sender
/// report says better. All tracks of one publisher share one offset, so that sound and picture stay in step.
/// </summary>
/// <param name="Timestamp">A media timestamp, without wrap-around.</param>
/// <param name="At">The wall-clock time it stands for.</param>
/// <param name="ClockRate">Ticks in a second.</param>
public sealed record Timeline(long Timestamp, NtpTime At, int ClockRate)
{
    /// <summary>The wall-clock time of a media timestamp.</summary>
    public NtpTime ToNtp(long timestamp) => At + TimeSpan.FromTicks((long)((timestamp - Timestamp) * (double)TimeSpan.TicksPerSecond / ClockRate));

    /// <summary>The media timestamp of a wall-clock time.</summary>
    public long ToTimestamp(NtpTime at) => Timestamp + (long)Math.Round((at - At).Ticks * (double)ClockRate / TimeSpan.TicksPerSecond);
}
