using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtp;

public class KeyframeRequestThrottleTests
{
    private readonly KeyframeRequestThrottle _throttle = new();
    private Instant _now = Instant.FromMilliseconds(100);

    [Fact]
    public void Nothing_is_sent_unless_somebody_asks()
    {
        Assert.Equal(Instant.Never, _throttle.NextTimeout);
        Assert.False(_throttle.TryTake(_now));
        _throttle.OnKeyframe();
        Assert.Equal(0, _throttle.Answered);
    }

    [Fact]
    public void The_first_request_goes_at_once_and_a_hundred_viewers_make_one()
    {
        var sent = 0;
        for (var viewer = 0; viewer < 100; viewer++)
        {
            _throttle.Request();
            sent += _throttle.TryTake(_now) ? 1 : 0;
            _now += TimeSpan.FromMilliseconds(5);
        }

        Assert.Equal(1, sent);
        Assert.Equal((100, 1), (_throttle.Asked, _throttle.Sent));
    }

    [Fact]
    public void An_unanswered_request_is_repeated_at_each_interval_until_the_keyframe()
    {
        _throttle.Request();
        Assert.True(_throttle.TryTake(_now));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(_now + TimeSpan.FromSeconds(1), _throttle.NextTimeout);
            Assert.False(_throttle.TryTake(_throttle.NextTimeout - TimeSpan.FromMilliseconds(1)));
            _now = _throttle.NextTimeout;
            Assert.True(_throttle.TryTake(_now));
        }

        _throttle.OnKeyframe();
        Assert.Equal(Instant.Never, _throttle.NextTimeout);
        Assert.Equal((4, 1), (_throttle.Sent, _throttle.Answered));
    }

    [Fact]
    public void A_request_after_the_keyframe_still_waits_for_the_interval()
    {
        _throttle.Request();
        _throttle.TryTake(_now);
        _throttle.OnKeyframe();
        _throttle.Request();
        Assert.False(_throttle.TryTake(_now + TimeSpan.FromMilliseconds(999)));
        Assert.True(_throttle.TryTake(_now + TimeSpan.FromMilliseconds(1000)));
    }

    [Theory]
    [InlineData(0, 500)]
    [InlineData(500, 500)]
    [InlineData(2000, 2000)]
    public void No_interval_is_shorter_than_half_a_second(int asked, int used)
    {
        var throttle = new KeyframeRequestThrottle(TimeSpan.FromMilliseconds(asked));
        throttle.Request();
        throttle.TryTake(_now);
        Assert.Equal(_now + TimeSpan.FromMilliseconds(used), throttle.NextTimeout);
    }
}
