using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>
/// Joins the keyframe requests of many viewers of one stream into few towards its publisher: the first goes at once, later ones wait for
/// the interval, and an unanswered one is repeated at each interval until a keyframe comes. One thread uses it.
/// </summary>
public sealed class KeyframeRequestThrottle
{
    /// <summary>The least interval: encoders cannot use more, and keyframes cost bandwidth.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(500);

    private readonly TimeSpan _interval;
    private bool _wanted;
    private Instant _allowed = Instant.Zero;

    /// <summary>A throttle with one second between requests.</summary>
    public KeyframeRequestThrottle()
        : this(TimeSpan.FromSeconds(1))
    {
    }

    /// <summary>A throttle with an interval of its own, at least <see cref="ShortestInterval"/>.</summary>
    public KeyframeRequestThrottle(TimeSpan interval) => _interval = interval > ShortestInterval ? interval : ShortestInterval;

    /// <summary>When <see cref="TryTake"/> will give a request; <see cref="Instant.Never"/> while nobody waits for a keyframe.</summary>
    public Instant NextTimeout => _wanted ? _allowed : Instant.Never;

    /// <summary>Requests heard.</summary>
    public long Asked { get; private set; }

    /// <summary>Requests sent on.</summary>
    public long Sent { get; private set; }

    /// <summary>Keyframes that came while one was wanted.</summary>
    public long Answered { get; private set; }

    /// <summary>Tells that somebody wants a keyframe.</summary>
    public void Request()
    {
        Asked++;
        _wanted = true;
    }

    /// <summary>True where a request shall be sent now; the next waits for the interval.</summary>
    public bool TryTake(Instant now)
    {
        if (!NextTimeout.IsDue(now)) return false;
        _allowed = now + _interval;
        Sent++;
        return true;
    }

    /// <summary>Tells that a keyframe has begun: whoever waits is served.</summary>
    public void OnKeyframe()
    {
        Answered += _wanted ? 1 : 0;
        _wanted = false;
    }
}
