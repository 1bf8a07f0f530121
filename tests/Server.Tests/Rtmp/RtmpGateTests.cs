using Sluice.Inputs.Rtmp;
using Sluice.Protocols.Rtmp.Sessions;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>Who may publish, and under which name.</summary>
public sealed class RtmpGateTests
{
    private readonly RtmpLab _lab = new();

    [Fact]
    public void Who_is_refused_reads_why_and_publishes_nothing()
    {
        _lab.Gate = _ => RtmpAnswer.Refused(RtmpRefusal.BadName, "The stream key is wrong.");
        var publisher = _lab.Connect();
        publisher.Pump();
        Assert.False(publisher.Client.IsPublishing);
        Assert.Contains(publisher.Told, t => t is { Code: "NetStream.Publish.BadName", Description: "The stream key is wrong." });
        Assert.True(publisher.Server.IsOver);
        Assert.Equal("The stream key is wrong.", _lab.Channels.Open("room").LastRefusal!.Reason);
        Assert.Null(_lab.Live);
    }

    [Theory]
    [InlineData("room-se-cr-et", "live", "room", "room-se-cr-et")]
    [InlineData("room?key=se-cr-et", "live", "room", "se-cr-et")]
    [InlineData("room?x=1&key=a%2Db", "live", "room", "a-b")]
    [InlineData("room", "live", "room", null)]
    [InlineData("", "live/room-secret", "room", "room-secret")]
    [InlineData("room", "live?key=secret", "room", "secret")]
    [InlineData("-secret", "live", "", "-secret")]
    [InlineData("", "", "", null)]
    public void Names_are_split_at_the_first_dash(string name, string app, string channel, string? key)
    {
        var asked = new List<RtmpRequest>();
        _lab.Gate = request =>
        {
            asked.Add(request);
            return RtmpAnswer.Refused(RtmpRefusal.BadName, "no", isKnownChannel: false);
        };
        _lab.Connect(name, app).Pump();
        Assert.Equal((channel, key), (Assert.Single(asked).ChannelId, asked[0].Key));
        Assert.DoesNotContain("secret", asked[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_channel_that_nobody_knows_leaves_nothing_behind()
    {
        _lab.Gate = _ => RtmpAnswer.Refused(RtmpRefusal.BadName, "no", isKnownChannel: false);
        _lab.Connect("nothere-x").Pump();
        Assert.Null(_lab.Channels.Find("nothere"));
    }

    [Fact]
    public void A_gate_that_breaks_refuses()
    {
        _lab.Gate = _ => throw new InvalidOperationException("broken");
        var publisher = _lab.Connect();
        publisher.Pump();
        Assert.Contains("could not check", publisher.Words, StringComparison.Ordinal);
    }
}
