using Sluice.Control.Live;
using Sluice.Inputs.Rtmp;
using Sluice.Protocols.Rtmp.Sessions;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>Several encoders with one key.</summary>
public sealed class RtmpTakeoverTests
{
    private readonly RtmpLab _lab = new();

    public RtmpTakeoverTests() => _lab.Gate = request =>
        _lab.Channels.Open(request.ChannelId).WhyNot(request.Who, refusesTakeover: false, _lab.Now) is { } reason
            ? RtmpAnswer.Refused(RtmpRefusal.BadName, reason)
            : RtmpAnswer.Granted;

    [Fact]
    public void The_newest_publisher_takes_over_and_the_one_before_is_told()
    {
        var first = _lab.GoLive(out var stream, host: 1);
        _lab.GoLive(out _, host: 2);
        Assert.Equal(StreamEnd.TakenOver, stream.EndReason);
        first.Pump();
        Assert.Contains(first.Told, t => t.Code == "NetStream.Publish.BadName" && t.Description.Contains("taken the stream over", StringComparison.Ordinal));
        Assert.True(first.Server.IsOver);
        first.Server.HandleClosed(_lab.Now);
        Assert.False(_lab.Live!.HasEnded);
        Assert.Single(_lab.Ended);
        Assert.Contains("took the stream over, by rtmp", _lab.Channels.Open("room").LastRefusal!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_was_replaced_and_connects_again_by_itself_is_told_to_stay_away()
    {
        _lab.GoLive(out _, host: 1);
        var winner = _lab.GoLive(out var stream, host: 2);
        for (var i = 1; i <= 20; i++)
        {
            _lab.Now += TimeSpan.FromSeconds(i);
            winner.Picture(i * 40, isKey: true);
            var again = _lab.Connect(host: 1);
            again.Pump();
            Assert.False(again.Client.IsPublishing);
            Assert.Contains(again.Told, t => t.Code == "NetStream.Publish.BadName" && t.Description.Contains("is sending", StringComparison.Ordinal));
            Assert.True(again.Server.IsOver);
        }

        Assert.Same(stream, _lab.Live);
        Assert.Contains("stop that one first", _lab.Channels.Open("room").LastRefusal!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoder_whose_connection_died_silently_takes_its_own_place_at_once()
    {
        for (var i = 0; i < 5; i++)
        {
            _lab.GoLive(out _);
            _lab.Now += TimeSpan.FromSeconds(2);
        }

        Assert.Equal(4, _lab.Ended.Count);
        Assert.All(_lab.Ended, ended => Assert.Equal(StreamEnd.TakenOver, ended.EndReason));
        Assert.False(_lab.Live!.HasEnded);
    }
}
