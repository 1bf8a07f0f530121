using Sluice.Protocols.Wire;

namespace Sluice.Simulation.Tests;

public sealed class FanOutTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_channel_that_nobody_appended_to_is_not_looked_at(int shards)
    {
        const int Silent = 40;
        using var node = new SimulatedNode(shards: shards);
        for (var i = 0; i < Silent; i++)
        {
            node.Connect(node.Watch(channel: $"silent-{i}"));
        }

        var publisher = node.Publish();
        node.Connect(publisher);
        var viewers = Enumerable.Range(0, 4).Select(_ => node.Watch()).ToArray();
        foreach (var viewer in viewers) node.Connect(viewer);
        var visits = node.Node.Shards.Sum(s => s.FanOut.GroupsVisited);
        var packets = Appended(node);
        node.Run(5);

        // Each shard looks once when a packet came, and once more where a picture's beginning waited for its end.
        packets = Appended(node) - packets;
        visits = node.Node.Shards.Sum(s => s.FanOut.GroupsVisited) - visits;
        Assert.InRange(visits, 1, 2 * packets * shards);
        foreach (var viewer in viewers) viewer.AssertFlawless(publisher);
    }

    [Fact]
    public void The_beginning_of_a_picture_leaves_after_its_hold_where_the_end_does_not_come()
    {
        using var node = new SimulatedNode(shards: 2);
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Connect(viewer);
        node.Run(3);

        // The publisher falls silent somewhere; whatever it has sent is passed on, and no shard keeps a deadline in the past.
        node.Vanish(publisher);
        node.Run(1);
        viewer.AssertFlawless(publisher);
        Assert.All(node.Node.Shards, s => Assert.True(s.FanOut.NextTimeout == Instant.Never || s.FanOut.NextTimeout > node.Now));
    }

    private static long Appended(SimulatedNode node) => node.Live.Stream!.Tracks.Sum(t => t.Packets.Head);
}
