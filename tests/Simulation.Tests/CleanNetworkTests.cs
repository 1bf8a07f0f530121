using Sluice.Protocols.Media;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>One publisher and its viewers where nothing is lost.</summary>
public sealed class CleanNetworkTests
{
    [Theory]
    [InlineData(Codec.H264, 1)]
    [InlineData(Codec.Vp8, 1)]
    [InlineData(Codec.H264, 2)]
    [InlineData(Codec.Vp8, 2)]
    public void A_viewer_gets_every_frame_from_the_keyframe_on(Codec codec, int shards)
    {
        using var node = new SimulatedNode(shards: shards);
        var publisher = node.Publish(new PublisherPlan { Video = codec });
        node.Connect(publisher);
        node.Run(2);
        var viewer = node.Watch();
        node.Run(20);

        Assert.Empty(viewer.Errors);
        Assert.Equal(0, viewer.Video.MissingFrames);
        Assert.Equal(0, viewer.Audio.MissingFrames);
        Assert.Equal(0, viewer.Video.Lost + viewer.Audio.Lost + viewer.Forged + viewer.Replayed);
        Assert.Contains(viewer.Video.FirstFrame!.Value, publisher.Video.Keyframes);
        Assert.InRange(publisher.Video.Frames - 1 - viewer.Video.LastStamp.Frame, 0u, 1u);
        Assert.InRange(publisher.Audio.Frames - 1 - viewer.Audio.LastStamp.Frame, 0u, 1u);
    }
}
