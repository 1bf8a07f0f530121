using Sluice.Control.Live;
using Sluice.Protocols.Rtmp.Tags;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>How publications end.</summary>
public sealed class RtmpEndTests
{
    private readonly RtmpLab _lab = new();

    [Fact]
    public void A_publisher_that_says_goodbye_has_stopped()
    {
        var publisher = _lab.GoLive(out var stream);
        publisher.Client.Unpublish();
        publisher.Pump();
        publisher.Server.HandleClosed(_lab.Now);
        Assert.Equal(StreamEnd.Stopped, stream.EndReason);
        Assert.Same(stream, Assert.Single(_lab.Ended));
        Assert.Null(_lab.Live);
        Assert.Equal(0, _lab.Input.PublisherCount);
    }

    [Fact]
    public void A_publisher_that_only_hangs_up_is_lost_once()
    {
        var publisher = _lab.GoLive(out var stream);
        publisher.Server.HandleClosed(_lab.Now);
        publisher.Server.HandleClosed(_lab.Now);
        Assert.Equal(StreamEnd.Lost, stream.EndReason);
        Assert.Single(_lab.Ended);
        Assert.True(publisher.Server.IsOver);
    }

    [Fact]
    public void A_publisher_that_falls_silent_is_lost()
    {
        var publisher = _lab.GoLive(out var stream);
        publisher.Pass(29_000);
        Assert.False(stream.HasEnded);
        publisher.Pass(2000);
        Assert.Equal(StreamEnd.Lost, stream.EndReason);
    }

    [Fact]
    public void A_publisher_far_above_the_limit_is_put_out_by_name()
    {
        var lab = new RtmpLab(maxBitrate: 1_000_000);
        var publisher = lab.Publish();
        publisher.Begin();
        publisher.Picture(0, isKey: true);
        byte[] large = [0, 1, 0x86, 0xa0, 0x41, .. new byte[99_999]];
        for (var i = 1; i < 300 && !publisher.Server.IsOver; i++)
        {
            lab.Now += TimeSpan.FromMilliseconds(40);
            publisher.Frame(RtmpCodec.Avc, i * 40, large, isKey: false);
        }

        Assert.Contains("MaxBitrate", publisher.Words, StringComparison.Ordinal);
        Assert.Contains("1.0", lab.Channels.Open("room").LastRefusal!.Reason, StringComparison.Ordinal);
        Assert.Null(lab.Live);
    }
}
