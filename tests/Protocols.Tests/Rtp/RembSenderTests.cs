using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtp;

public class RembSenderTests
{
    private readonly RembSender _remb = new();
    private readonly Instant _start = Instant.FromMilliseconds(50);

    [Fact]
    public void Nothing_is_said_before_there_is_a_limit()
    {
        Assert.Equal(Instant.Never, _remb.NextTimeout);
        Assert.Equal(0, Take(_start));
    }

    [Fact]
    public void The_limit_is_said_at_once_and_repeated_each_second()
    {
        _remb.SetLimit(_start, 4_000_000);
        Assert.Equal(4_000_000, Take(_start));
        Assert.Equal(0, Take(_start + TimeSpan.FromMilliseconds(999)));
        Assert.Equal(4_000_000, Take(_start + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_fall_does_not_wait_and_a_rise_does()
    {
        _remb.SetLimit(_start, 4_000_000);
        Take(_start);
        var later = _start + TimeSpan.FromMilliseconds(100);
        _remb.SetLimit(later, 6_000_000);
        Assert.Equal(0, Take(later));
        _remb.SetLimit(later, 3_900_000); // two and a half percent
        Assert.Equal(0, Take(later));
        _remb.SetLimit(later, 1_000_000);
        Assert.Equal(1_000_000, Take(later));
        Assert.Equal(later + RembSender.Interval, _remb.NextTimeout);
    }

    private long Take(Instant now)
    {
        Span<byte> buffer = stackalloc byte[64];
        var length = _remb.Take(now, new Ssrc(1), [new Ssrc(2), new Ssrc(3)], buffer);
        if (length == 0) return 0;
        var reader = new RtcpReader(buffer[..length]);
        Assert.True(reader.MoveNext());
        Assert.True(ReceiverEstimatedBitrate.TryParse(reader.Current, out var estimate));
        Assert.Equal(2, estimate.Count);
        return estimate.BitsPerSecond;
    }
}
