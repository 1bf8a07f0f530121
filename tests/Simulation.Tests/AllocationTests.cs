using Sluice.Protocols.Media;
using Sluice.Testing;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>What forwarding costs the garbage collector: nothing for a packet, and a few hundred bytes a second for clocks and upkeep.</summary>
public sealed class AllocationTests
{
    private const int Viewers = 10;
    private const int Rounds = 4;

    [Theory]
    [InlineData(Codec.H264, 1, 0)]
    [InlineData(Codec.Vp8, 1, 0)]
    [InlineData(Codec.H264, 2, 0)]
    [InlineData(Codec.Vp8, 1, 0.05)]
    public void A_packet_that_is_forwarded_allocates_nothing(Codec codec, int shards, double loss)
    {
        using var node = new SimulatedNode(seed: 41, shards: shards);
        var publisher = node.Publish(new PublisherPlan { Video = codec, VideoBitrate = 8_000_000, KeyframeInterval = 120, KeyframeFactor = 4 });
        node.Connect(publisher);
        var viewers = Enumerable.Range(0, Viewers).Select(_ => node.Watch(link: new LinkProfile { Loss = loss })).ToArray();
        node.Run(20);

        // Reports, NACKs, feedback and the reuse of pages are all in it. What the runtime allocates by the way does not come in every round.
        AllocatedBytes? least = null;
        for (var i = 0; i < Rounds; i++)
        {
            var packets = publisher.Video.Packets + publisher.Audio.Packets;
            var before = node.Machine.Allocated;
            node.Run(12);
            var round = node.Machine.Allocated - before;
            least = least is not { } l ? round : new(Math.Min(l.ForMedia, round.ForMedia), Math.Min(l.ForSending, round.ForSending),
                Math.Min(l.ForTimeouts, round.ForTimeouts), Math.Min(l.ForRest, round.ForRest));
            Assert.True(publisher.Video.Packets + publisher.Audio.Packets - packets > 10_000);
        }

        // To ten viewers, more than 100 000 packets went out. Each track's clock is placed anew twice a second, H.264's profile is read with each
        // keyframe, and the directory is swept once a second: that alone allocates.
        var (media, sending, timeouts, rest) = least!.Value;
        Assert.Equal((0, 0), (sending, rest));
        Assert.InRange(media, 0, 12 * 250);
        Assert.InRange(timeouts, 0, 12 * 100);
        if (loss == 0) Assert.All(viewers, viewer => viewer.AssertFlawless(publisher));
        else Assert.All(viewers, viewer => viewer.AssertSound());
    }
}
