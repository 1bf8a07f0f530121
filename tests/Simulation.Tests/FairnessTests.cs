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
