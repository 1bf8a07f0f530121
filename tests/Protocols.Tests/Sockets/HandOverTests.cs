using System.Net;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

[Collection(SocketsCollection.Name)]
public sealed class HandOverTests
{
    [Fact]
    public async Task Datagrams_reach_the_shard_that_owns_the_peer()
    {
        const int Peers = 16;
        await using var group = Group();
        for (var i = 0; i < Peers; i++)
        {
            using var peer = Peer.UdpTo(i % 2 == 0 ? IPAddress.Loopback : IPAddress.IPv6Loopback, group.Port);
            for (byte n = 0; n < 10; n++) Assert.Equal([1, 1, n], peer.Ask(1, n));
        }

        var statistics = group.Group.Drivers.Select(d => d.Statistics).ToArray();
        Assert.True(statistics[0].HandOversSent > 0, "Sixteen peers all fell to one shard.");
        Assert.Equal(statistics[0].HandOversSent, statistics[1].HandOversTaken);
        Assert.Equal(Peers * 10, group.Group.Drivers[1].Machine.Handled); // those handed over, and those that came there straight
    }

    [Fact]
    public async Task Connection_moves_with_the_frame_that_asked_for_it_and_those_behind_it()
    {
        await using var group = Group();
        for (var i = 0; i < 16; i++)
        {
            using var peer = Peer.Tcp(IPAddress.Loopback, group.Port);
            var behind = Peer.Framed([1, 3], [1, 4]);
            peer.Send([.. Peer.Framed([1, 2]), .. behind[..5]]);
            Assert.Equal([1, 1, 2], peer.ReceiveFrame());
            peer.Send(behind[5..]);
            Assert.Equal([1, 1, 3], peer.ReceiveFrame());
            Assert.Equal([1, 1, 4], peer.ReceiveFrame());
        }

        var statistics = group.Group.Drivers.Select(d => d.Statistics).ToArray();
        Assert.True(statistics[0].HandOversSent > 0, "Sixteen connections all fell to one shard.");
        Assert.Equal(statistics[0].HandOversSent, statistics[1].HandOversTaken);
        Assert.Equal(16 * 3, statistics[1].DatagramsSent);
        Assert.Equal(0, statistics[0].TcpClosed);
    }

    [Fact]
    public async Task Connection_moves_on_when_a_later_frame_belongs_elsewhere()
    {
        await using var group = Group();
        using var peer = Peer.Tcp(IPAddress.Loopback, group.Port);
        peer.Send(Peer.Framed([0, 1], [1, 2], [0, 3]));
        Assert.Equal([0, 0, 1], peer.ReceiveFrame());
        Assert.Equal([1, 1, 2], peer.ReceiveFrame());
        Assert.Equal([0, 0, 3], peer.ReceiveFrame());
    }

    [Fact]
    public async Task Datagram_nobody_wants_is_not_passed_around()
    {
        await using var group = new TestGroup(false, shard => new ScriptedMachine { OnDatagram = (_, _, _) => Handling.HandOver(1 - shard) }, shards: 2);
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        peer.Send([1]);
        while (group.Group.Drivers.Sum(d => d.Statistics.HandOversDropped) == 0) Thread.Yield();
        Assert.Equal(2, group.Group.Drivers.Sum(d => d.Machine.Handled));
    }

    [Fact]
    public async Task Connection_nobody_wants_is_closed()
    {
        await using var group = new TestGroup(false, shard => new ScriptedMachine { OnDatagram = (_, _, _) => Handling.HandOver(1 - shard) }, shards: 2);
        using var peer = Peer.Tcp(IPAddress.Loopback, group.Port);
        peer.Send(Peer.Framed([1]));
        Assert.True(peer.IsClosedByPeer());
    }

    [Theory, BothPaths]
    public async Task Hand_over_to_a_shard_that_is_not_there_is_a_bug_of_the_machine(bool portable)
    {
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, bytes) => bytes[0] < 3 ? Handling.HandOver(bytes[0]) : machine.Echo(path, bytes),
        }, mayFail: true);
        using var peer = Peer.Tcp(IPAddress.Loopback, group.Port);
        peer.Send(Peer.Framed([0], [1], [5]));
        Assert.Equal([5], peer.ReceiveFrame());
        Assert.Equal(2, group.Failures.Count);
        Assert.All(group.Failures, e => Assert.IsType<InvalidOperationException>(e));
    }

    [Fact]
    public void Full_inbox_and_a_datagram_longer_than_a_cell_say_no()
    {
        var inbox = new HandOverInbox(3);
        var path = new NetworkPath(TransportProtocol.Udp, NetworkAddress.FromIPv4(1, 2), NetworkAddress.FromIPv4(3, 4));
        Assert.False(inbox.TryPut(path, new byte[HandOverInbox.CellBytes + 1]));
        for (byte round = 0; round < 10; round++)
        {
            Assert.True(inbox.TryPut(path, [round, 0]));
            Assert.True(inbox.TryPut(path, new byte[HandOverInbox.CellBytes]));
            Assert.True(inbox.TryPut(path, []));
            Assert.False(inbox.TryPut(path, [1]));
            Assert.True(inbox.TryPeek(out var from, out var first));
            Assert.Equal(path, from);
            Assert.Equal([round, 0], first.ToArray());
            Assert.False(inbox.TryPut(path, [1])); // the cell is the taker's until it is released
            inbox.Release();
            Assert.True(inbox.TryPeek(out _, out var second));
            Assert.Equal(HandOverInbox.CellBytes, second.Length);
            inbox.Release();
            Assert.True(inbox.TryPeek(out _, out var third));
            Assert.Equal(0, third.Length);
            inbox.Release();
            Assert.False(inbox.TryPeek(out _, out _));
        }

        inbox.Close();
        Assert.False(inbox.TryPut(path, [1]));
    }

    // The first byte of a datagram names its owner, who answers with its own number in front.
    private static TestGroup Group() => new(
        false,
        shard => new ScriptedMachine
        {
            OnDatagram = (machine, path, bytes) =>
            {
                if (bytes[0] != shard) return Handling.HandOver(bytes[0]);
                machine.Send(path, [(byte)shard, .. bytes]);
                return Handling.Handled;
            },
        },
        shards: 2);
}
