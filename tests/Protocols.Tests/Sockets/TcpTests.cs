using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

[Collection(SocketsCollection.Name)]
public sealed class TcpTests
{
    [Theory, BothPaths]
    public async Task Frames_split_and_joined_in_every_way_are_read_whole(bool portable)
    {
        await using var group = new TestGroup(portable);
        using var peer = Peer.Tcp(IPAddress.Loopback, group.Port);
        byte[][] datagrams = [[1], [2, 2], new byte[1200], [4, 4, 4, 4], new byte[2048]];
        var stream = Peer.Framed([[], .. datagrams, []]);
        for (var step = 1; step < 600; step = step * 3 + 1)
        {
            for (var at = 0; at < stream.Length; at += step) peer.Send(stream.AsSpan(at, Math.Min(step, stream.Length - at)));
            foreach (var datagram in datagrams) Assert.Equal(datagram, peer.ReceiveFrame());
        }
    }

    [Theory, BothPaths]
    public async Task Run_to_a_connection_becomes_one_frame_for_each_datagram(bool portable)
    {
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, _) =>
            {
                Assert.Equal(TransportProtocol.Tcp, path.Protocol);
                machine.Send(path, [1, 1, 1, 2, 2, 2, 3], 3);
                return Handling.Handled;
            },
        });
        using var peer = Peer.Tcp(IPAddress.IPv6Loopback, group.Port);
        peer.Send(Peer.Framed([0]));
        Assert.Equal([1, 1, 1], peer.ReceiveFrame());
        Assert.Equal([2, 2, 2], peer.ReceiveFrame());
        Assert.Equal([3], peer.ReceiveFrame());
    }

    [Theory, BothPaths]
    public async Task Connection_whose_first_frame_is_refused_is_closed(bool portable)
    {
        await using var group = new TestGroup(portable, _ => new ScriptedMachine { OnDatagram = (_, _, _) => Handling.Refused });
        using var peer = Peer.Tcp(IPAddress.Loopback, group.Port);
        peer.Send(Peer.Framed([1]));
        Assert.True(peer.IsClosedByPeer());
        Assert.Equal(1, group.Statistics.Refused);
        Assert.Equal(1, group.Statistics.TcpClosed);
    }

    [Theory, BothPaths]
    public async Task Proven_connection_survives_a_refused_frame_but_not_only_refused_ones(bool portable)
    {
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, bytes) => bytes[0] == 0 ? Handling.Refused : machine.Echo(path, bytes),
        });
        using var peer = Peer.Tcp(IPAddress.Loopback, group.Port);
        peer.Send(Peer.Framed([1], [0], [2]));
        Assert.Equal([1], peer.ReceiveFrame());
        Assert.Equal([2], peer.ReceiveFrame());
        for (var i = 0; i < 64; i++) peer.Send(Peer.Framed([0]), SocketFlags.None, out _);
        Assert.True(peer.IsClosedByPeer());
    }

    [Theory, BothPaths]
    public async Task Silent_connection_is_closed_after_the_grace(bool portable)
    {
        await using var group = new TestGroup(portable, options: failed => new DriverOptions
        {
            ForcePortable = portable,
            Shards = 1,
            Failed = failed,
            TcpGrace = TimeSpan.FromMilliseconds(30),
        });
        using var silent = Peer.Tcp(IPAddress.Loopback, group.Port);
        using var halfFrame = Peer.Tcp(IPAddress.Loopback, group.Port);
        halfFrame.Send([0]);
        Assert.True(silent.IsClosedByPeer());
        Assert.True(halfFrame.IsClosedByPeer());
    }

    [Theory, BothPaths]
    public async Task Frame_above_the_limit_closes_the_connection(bool portable)
    {
        await using var group = new TestGroup(portable);
        using var peer = Peer.Tcp(IPAddress.Loopback, group.Port);
        peer.Send([0xff, 0xff, 1, 2, 3]);
        Assert.True(peer.IsClosedByPeer());
        Assert.Equal(0, group.Statistics.DatagramsReceived);
    }

    [Theory, BothPaths]
    public async Task Connections_beyond_the_limit_of_an_address_are_turned_away(bool portable)
    {
        await using var group = new TestGroup(portable, options: failed => new DriverOptions
        {
            ForcePortable = portable,
            Shards = 1,
            Failed = failed,
            TcpConnectionsPerAddress = 2,
        });
        using var first = Peer.Tcp(IPAddress.Loopback, group.Port);
        using var second = Peer.Tcp(IPAddress.Loopback, group.Port);
        foreach (var peer in (Socket[])[first, second])
        {
            peer.Send(Peer.Framed([1]));
            Assert.Equal([1], peer.ReceiveFrame());
        }

        using var third = Peer.Tcp(IPAddress.Loopback, group.Port);
        Assert.True(third.IsClosedByPeer());
        Assert.Equal(1, group.Statistics.TcpTurnedAway);
        // A place that was given back is given again; the driver hears of the close before the next connection, or turns it away.
        first.Dispose();
        byte[]? answer = null;
        for (var i = 0; i < 1000 && answer is null; i++)
        {
            using var next = Peer.Tcp(IPAddress.Loopback, group.Port);
            next.Send(Peer.Framed([5]), SocketFlags.None, out _);
            TryReceive(next, out answer);
        }

        Assert.Equal([0, 1, 5], answer);
    }

    [Theory, BothPaths]
    public async Task Slow_reader_loses_whole_datagrams_and_holds_up_nobody(bool portable)
    {
        const int Frames = 20_000;
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, bytes) =>
            {
                if (bytes[0] == 1)
                {
                    for (var i = 0; i < Frames; i++)
                    {
                        var frame = new byte[1200];
                        frame.AsSpan().Fill((byte)i);
                        BitConverter.TryWriteBytes(frame, i);
                        machine.Send(path, frame);
                    }
                }
                else
                {
                    machine.Send(path, bytes);
                }

                return Handling.Handled;
            },
        });
        using var slow = Peer.Tcp(IPAddress.Loopback, group.Port, receiveBuffer: 8192);
        using var udp = Peer.UdpTo(IPAddress.Loopback, group.Port);
        using var quick = Peer.Tcp(IPAddress.Loopback, group.Port);
        slow.Send(Peer.Framed([1]));
        for (var i = 0; i < 100; i++) Assert.Equal([2], udp.Ask(2));
        quick.Send(Peer.Framed([3]));
        Assert.Equal([3], quick.ReceiveFrame());

        // Everything the machine sent is queued or dropped by now; what is queued arrives whole and in order.
        slow.Send(Peer.Framed([4]));
        var last = -1;
        var received = 0;
        while (slow.ReceiveFrame() is { Length: > 1 } frame)
        {
            var number = BitConverter.ToInt32(frame);
            Assert.True(number > last);
            Assert.Equal(1200, frame.Length);
            Assert.All(frame[4..], b => Assert.Equal((byte)number, b));
            last = number;
            received++;
            if (received + group.Statistics.TcpQueueFull >= Frames) break;
        }

        Assert.True(group.Statistics.TcpQueueFull > 0);
        Assert.InRange(received, 1, Frames - 1);
    }

    [Theory, BothPaths]
    public async Task Datagram_for_a_connection_that_is_gone_is_counted(bool portable)
    {
        NetworkPath gone = default;
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, bytes) =>
            {
                if (path.Protocol == TransportProtocol.Tcp) gone = path;
                machine.Send(path.Protocol == TransportProtocol.Udp && bytes[0] == 2 ? gone : path, bytes);
                machine.Send(path, [9]);
                return Handling.Handled;
            },
        });
        using (var peer = Peer.Tcp(IPAddress.Loopback, group.Port))
        {
            peer.Send(Peer.Framed([1]));
            Assert.Equal([1], peer.ReceiveFrame());
        }

        using var udp = Peer.UdpTo(IPAddress.Loopback, group.Port);
        for (var i = 0; i < 1000 && group.Statistics.TcpGone == 0; i++) Assert.Equal([9], udp.Ask(2));
        Assert.True(group.Statistics.TcpGone > 0);
        Assert.Equal(1, group.Statistics.TcpClosed);
    }

    private static void TryReceive(Socket socket, out byte[]? bytes)
    {
        var buffer = new byte[16];
        var read = socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out _);
        bytes = read > 0 ? buffer[..read] : null;
    }
}
