using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

/// <summary>
/// Where a publisher's media time lies on our clock: one offset for all its tracks, from arrival. Of the frames of half a second the one that came earliest for
/// its time counts, since TCP only ever delays; the offset falls quickly in the first seconds, while the backlog of the start is worked off, and moves slowly then.
/// </summary>
internal sealed class PublisherTimeline(WallClock clock)
{
    private const long Window = 500_000_000;
    private const long Settling = 2_000_000_000;
    private const long LargestStep = 5_000_000;
    private const long WasInterrupted = 1_000_000_000;
    private const long Noticeable = 1_000_000;
    private const int SlowFraction = 8;

    private long _zero;
    private long _told;
    private long _earliest = long.MaxValue;
    private long _windowEnd;
    private long _settledAt;
    private bool _isKnown;

    /// <summary>Grows when the offset has moved by a millisecond.</summary>
    public int Version { get; private set; }

    /// <summary>Tells of a frame.</summary>
    public void Observe(Instant now, long media)
    {
        var sample = now.Nanoseconds - media;
        if (!_isKnown)
        {
            _isKnown = true;
            _zero = _told = sample;
            _windowEnd = now.Nanoseconds + Window;
            _settledAt = now.Nanoseconds + Settling;
            Version = 1;
            return;
        }

        _earliest = Math.Min(_earliest, sample);
        if (now.Nanoseconds < _settledAt)
        {
            _zero = Math.Min(_zero, sample);
        }
        else if (now.Nanoseconds >= _windowEnd)
        {
            var error = _earliest - _zero;
            if (Math.Abs(error) > WasInterrupted) _zero = _earliest;
            else _zero += Math.Clamp(error < 0 ? error : error / SlowFraction, -LargestStep, LargestStep);
            _earliest = long.MaxValue;
            _windowEnd = now.Nanoseconds + Window;
        }

        if (Math.Abs(_zero - _told) < Noticeable) return;
        _told = _zero;
        Version++;
    }

    /// <summary>The wall-clock time of a media time.</summary>
    public NtpTime At(long media) => clock.ToNtp(new Instant(_told + media));
}
