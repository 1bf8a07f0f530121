using Sluice.Protocols.Media;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Testing;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>Layers by rid, and viewers that change between them.</summary>
public sealed class SimulcastTests
{
    private static readonly string[] Layers = ["h", "m", "l"];

    [Theory]
    [InlineData(Codec.Vp8, 0)]
    [InlineData(Codec.H264, 0)]
    [InlineData(Codec.Vp8, 0.05)]
    public void A_change_of_layer_happens_at_a_keyframe_and_breaks_no_number(Codec codec, double loss)
    {
        using var node = new SimulatedNode(seed: 3, shards: 2);
        var link = new LinkProfile { Loss = loss };
        var publisher = node.Publish(new PublisherPlan { Video = codec, Layers = Layers }, link: link);
        node.Connect(publisher);
        var viewer = node.Watch(link: link);
        var steady = node.Watch();
        node.Run(3);
        Assert.Equal(publisher.Encodings[0].Source, viewer.Video.LastStamp.Source);
        var changes = 0;
        foreach (var layer in (ReadOnlySpan<int>)[2, 0, 1, 2, 1, 0])
        {
            Assert.True(node.Node.Whep.SelectLayer(SimulatedNode.Channel, node.SessionOf(viewer), null, Layers[layer]).Succeeded);
            node.Run(4);
            Assert.Equal(publisher.Encodings[layer].Source, viewer.Video.LastStamp.Source);
            Assert.Equal(++changes, viewer.Video.Switches);
        }

        viewer.AssertSound();
        steady.AssertSound();
        Assert.Equal(0, steady.Video.Switches);
        Assert.InRange(viewer.LargestSkew, TimeSpan.Zero, TimeSpan.FromMilliseconds(40));
        if (loss > 0) return;
        Assert.Equal(0, viewer.Video.Lost);
        Assert.Equal(0, viewer.Video.MissingFrames);
        Assert.Equal(viewer.Video.CompleteFrames, viewer.Video.DecodableFrames);

        // The old layer goes on until the new one can begin.
        Assert.InRange(viewer.Video.LongestPause, TimeSpan.Zero, TimeSpan.FromMilliseconds(150));
    }

    [Fact]
    public void Only_the_layer_that_is_wanted_is_asked_for_keyframes()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish(new PublisherPlan { Video = Codec.Vp8, Layers = Layers });
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(3);
        var before = publisher.Encodings.Select(e => e.KeyframeRequests).ToArray();
        Assert.True(node.Node.Whep.SelectLayer(SimulatedNode.Channel, node.SessionOf(viewer), "1", "l").Succeeded);
        node.Run(3);

        Assert.Equal(before[0], publisher.Encodings[0].KeyframeRequests);
        Assert.Equal(before[1], publisher.Encodings[1].KeyframeRequests);
        Assert.Equal(before[2] + 1, publisher.Encodings[2].KeyframeRequests);
    }

    [Fact]
    public void A_layer_or_medium_that_is_not_there_is_refused()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish(new PublisherPlan { Video = Codec.Vp8, Layers = Layers });
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(2);
        var session = node.SessionOf(viewer);

        Assert.Equal(SessionError.Conflict, node.Node.Whep.SelectLayer(SimulatedNode.Channel, session, null, "x").Error);
        Assert.Equal(SessionError.Conflict, node.Node.Whep.SelectLayer(SimulatedNode.Channel, session, "7", "h").Error);
        Assert.Equal(SessionError.NotFound, node.Node.Whep.SelectLayer(SimulatedNode.Channel, "nobody", null, "h").Error);
        node.Run(2);
        viewer.AssertFlawless(publisher);
    }
}
