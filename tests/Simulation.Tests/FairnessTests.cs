using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>A shard that cannot keep up serves its viewers in turn: whoever stands at the end of the row is not served last every time.</summary>
public sealed class FairnessTests
{
    private const int Viewers = 10;

    [Fact]
    public void News_in_the_middle_of_a_round_does_not_send_it_back_to_the_first_viewers()
    {
        using var node = new SimulatedNode(seed: 5);
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewers = Enumerable.Range(0, Viewers).Select(_ => node.Watch()).ToArray();
        node.Run(5);
        publisher.IsSending = false;
        node.Run(1);
        var fanOut = node.Node.Shards[0].FanOut;
        var sound = node.Live.Stream!.Tracks.Single(track => track.Id.Kind == MediaKind.Audio).Packets;
        var buffer = GC.AllocateUninitializedArray<byte>(65_535, pinned: true);

        Append(sound, node.Now);
        var first = Take(3);
        Assert.Equal(3, first.Distinct().Count());
        Append(sound, node.Now);
        var second = Take(Viewers);

        // The visit that was broken off goes on; then those who have waited longest, with both packets in one visit; the three served before come after them.
        Assert.Equal(first[^1], second[0]);
        Assert.Equal(Viewers - 3, second.Skip(1).TakeWhile(path => !first.Contains(path)).Distinct().Count());
        var all = first.Concat(second).Concat(Take(int.MaxValue)).ToList();
        Assert.Equal(Viewers, all.Distinct().Count());
        Assert.All(viewers, viewer => Assert.True(viewer.IsConnected));

        List<NetworkPath> Take(int most)
        {
            var taken = new List<NetworkPath>();
            node.Live.WakeReaders();
            fanOut.Prepare(node.Now);
            while (taken.Count < most && fanOut.TryTakeTransmit(node.Now, buffer, out var transmit))
            {
                fanOut.CompleteTransmits();
                taken.Add(transmit.Path);
            }

            return taken;
        }
    }

    [Fact]
    public void Viewers_that_catch_up_are_served_in_turn_however_little_can_be_sent()
    {
        using var node = new SimulatedNode(seed: 6);
        var publisher = node.Publish();
        node.Connect(publisher);
        for (var i = 0; i < Viewers; i++) node.Watch();
        node.Run(5);
        publisher.IsSending = false;
        node.Run(1);
        var fanOut = node.Node.Shards[0].FanOut;
        var buffer = GC.AllocateUninitializedArray<byte>(65_535, pinned: true);
        var picture = node.Live.Stream!.Tracks.Single(track => track.Id.Kind == MediaKind.Video).Packets;
        for (var i = 0; i < 2000; i++) Append(picture, node.Now);
        node.Live.WakeReaders();

        // Each turn has room for a few runs, and all the others are behind by then.
        var served = new HashSet<NetworkPath>();
        var now = node.Now;
        for (var turn = 0; turn < 20 * Viewers; turn++)
        {
            now += TimeSpan.FromMilliseconds(5);
            fanOut.Prepare(now);
            for (var i = 0; i < 2 && fanOut.TryTakeTransmit(now, buffer, out var transmit); i++)
            {
                fanOut.CompleteTransmits();
                if (turn >= 10 * Viewers) served.Add(transmit.Path);
            }
        }

        Assert.Equal(Viewers, served.Count);
    }

    private static void Append(PacketLog log, Instant now)
    {
        Assert.True(log.TryRead(log.Head - 1, out var last));
        var header = last.Header;
        header.Sequence++;
        header.Timestamp += 960;
        header.ArrivedAt = now;
        Assert.True(log.Append(ref header, default, last.Payload.ToArray()));
    }
}
