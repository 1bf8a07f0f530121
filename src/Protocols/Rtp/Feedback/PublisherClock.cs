using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>
/// The difference between one publisher's wall clock and ours, learned from its sender reports and shared by all its tracks, so that
/// sound and picture keep the publisher's own relation. A report that travelled faster than the others is nearer to the truth; the
/// difference follows the fastest quickly and the rest slowly, in small steps that cannot reorder media times. One thread uses it.
/// </summary>
/// <param name="wallClock">Our own wall clock.</param>
public sealed class PublisherClock(WallClock wallClock)
{
    /// <summary>The most one report may move the difference: well below the distance of two frames.</summary>
    public static readonly TimeSpan LargestStep = TimeSpan.FromMilliseconds(5);

    /// <summary>A difference so far off means that the publisher's wall clock was set: it is followed at once.</summary>
    public static readonly TimeSpan ClockWasSet = TimeSpan.FromSeconds(1);

    private const int SlowFraction = 16;

    /// <summary>Our own wall clock.</summary>
    public WallClock WallClock { get; } = wallClock;

    /// <summary>True once a sender report of any track came.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>What to add to the publisher's wall clock to have ours; it includes the shortest way from it to us.</summary>
    public TimeSpan Offset { get; private set; }

    /// <summary>How often the publisher's clock was set while it was publishing.</summary>
    public int TimesSet { get; private set; }

    /// <summary>Tells of a sender report of any track; <see cref="TrackClock.OnSenderReport"/> does.</summary>
    internal void OnSenderReport(Instant arrival, NtpTime ntp)
    {
        var sample = WallClock.ToNtp(arrival) - ntp;
        if (!IsKnown)
        {
            IsKnown = true;
            Offset = sample;
            return;
        }

        var error = sample - Offset;
        if (error.Duration() >= ClockWasSet)
        {
            TimesSet++;
            Offset = sample;
            return;
        }

        var step = error < TimeSpan.Zero ? error : error / SlowFraction;
        Offset += TimeSpan.FromTicks(Math.Clamp(step.Ticks, -LargestStep.Ticks, LargestStep.Ticks));
    }
}
