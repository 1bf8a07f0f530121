using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Sockets;

/// <summary>Runs of datagrams: one message to the kernel where it takes that, single datagrams elsewhere; the peer sees no difference.</summary>
[Collection(SocketsCollection.Name)]
public sealed class RunTests
{
    [Theory]
    [InlineData(false, 9, 1200, 1200)]
    [InlineData(false, 40, 1200, 7)]
    [InlineData(false, 150, 100, 100)] // more segments than a message takes
    [InlineData(false, 600, 1, 1)]
    [InlineData(false, 2, 30000, 5)]
    [InlineData(false, 1, 1200, 1200)]
    [InlineData(true, 9, 1200, 1200)]
    [InlineData(true, 150, 100, 3)]
    public async Task Run_arrives_as_single_datagrams_in_order(bool portable, int count, int size, int lastSize)
    {
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, _) =>
            {
                machine.Send(path, Run(count, size, lastSize), size);
                return Handling.Handled;
            },
        });
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            using var peer = Peer.UdpTo(address, group.Port);
            peer.Send([1]);
            AssertRun(peer, count, size, lastSize);
        }

        await group.DisposeAsync();
        Assert.Equal(2 * count, group.Statistics.DatagramsSent);
        Assert.Equal(2 * Run(count, size, lastSize).Length, group.Statistics.BytesSent);
        Assert.Equal(0, group.Statistics.RunsSplit);
        Assert.Equal(!portable && count > 1, group.Statistics.RunsSent > 0);
    }

    [LinuxFact]
    public async Task Runs_to_many_peers_leave_in_one_call()
    {
        const int Peers = 40;
        var peers = Enumerable.Range(0, Peers).Select(i => Peer.Udp(i % 2 == 0 ? IPAddress.Loopback : IPAddress.IPv6Loopback)).ToArray();
        await using var group = new TestGroup(false);
        await group.Group.InvokeAsync(0, (machine, _) =>
        {
            foreach (var peer in peers)
            {
                var to = peer.Address();
                var from = to.IsIPv4 ? NetworkAddress.FromIPv4(0x7f000005, group.Port) : to.WithPort(group.Port);
                machine.Send(new NetworkPath(TransportProtocol.Udp, from, to), Run(9, 1200, 600), 1200);
            }

            return true;
        });
        foreach (var peer in peers)
        {
            AssertRun(peer, 9, 1200, 600);
            peer.Dispose();
        }

        await group.DisposeAsync();
        Assert.Equal(2, group.Statistics.SendCalls); // one for each family
        Assert.Equal(Peers, group.Statistics.RunsSent);
    }

    [LinuxFact]
    public async Task Run_between_two_drivers_is_handled_datagram_by_datagram()
    {
        var heard = new List<byte[]>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        NetworkPath seen = default;
        await using var receiver = new TestGroup(false, _ => new ScriptedMachine
        {
            OnDatagram = (_, path, bytes) =>
            {
                seen = path;
                heard.Add(bytes);
                if (bytes.Length < 1200) done.TrySetResult();
                return Handling.Handled;
            },
        });
        await using var sender = new TestGroup(false);
        await sender.Group.InvokeAsync(0, (machine, _) =>
        {
            var path = new NetworkPath(TransportProtocol.Udp, NetworkAddress.FromIPv4(0x7f000003, sender.Port), NetworkAddress.FromIPv4(0x7f000002, receiver.Port));
            machine.Send(path, Run(20, 1200, 80), 1200);
            return true;
        });
        await done.Task;
        Assert.Equal(Run(20, 1200, 80), heard.SelectMany(b => b));
        Assert.Equal(20, heard.Count);
        Assert.Equal(new NetworkPath(TransportProtocol.Udp, NetworkAddress.FromIPv4(0x7f000002, receiver.Port), NetworkAddress.FromIPv4(0x7f000003, sender.Port)), seen);
        Assert.Equal(1, receiver.Statistics.ReceiveCalls);
    }

    [NetworkNamespaceFact]
    public void Run_of_segments_above_the_mtu_goes_out_singly_and_for_good_when_it_repeats() => NetworkNamespace.Run(1280, () =>
    {
        var rounds = 0;
        var group = new TestGroup(false, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, _) =>
            {
                machine.Send(path, Run(5, 1400, 33), 1400);
                return Handling.Handled;
            },
        });
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        var port = Assert.IsType<LinuxUdpPort>(group.Group.Drivers[0].Udp);
        while (port.MakesRuns && rounds < 100)
        {
            peer.Send([1]);
            AssertRun(peer, 5, 1400, 33);
            rounds++;
        }

        Assert.InRange(rounds, 2, 99);
        var split = group.Statistics.RunsSplit;
        peer.Send([1]);
        AssertRun(peer, 5, 1400, 33);
        group.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Assert.Equal(0, group.Statistics.RunsSent);
        Assert.Equal(split, group.Statistics.RunsSplit);
        Assert.Equal(5 * (rounds + 1), group.Statistics.DatagramsSent);
    });

    [NetworkNamespaceFact]
    public void Path_with_a_small_mtu_does_not_end_runs_on_others() => NetworkNamespace.Run(1280, () =>
    {
        var group = new TestGroup(false, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, bytes) =>
            {
                var size = bytes[0] * 100;
                machine.Send(path, Run(3, size, size), size);
                return Handling.Handled;
            },
        });
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        for (var i = 0; i < 100; i++)
        {
            peer.Send([14]);
            AssertRun(peer, 3, 1400, 1400);
            peer.Send([10]);
            AssertRun(peer, 3, 1000, 1000);
        }

        group.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Assert.Equal(100, group.Statistics.RunsSplit);
        Assert.Equal(100, group.Statistics.RunsSent);
    });

    [TrafficControlFact]
    public void Full_kernel_buffer_costs_the_oldest_datagrams_and_the_driver_goes_on() => NetworkNamespace.Run(65536, () =>
    {
        const int Count = 2000;
        Assert.True(NetworkNamespace.Shape());
        var group = new TestGroup(
            false,
            _ => new ScriptedMachine
            {
                OnDatagram = (machine, path, bytes) =>
                {
                    for (var i = 0; i < (bytes[0] == 1 ? Count : 1); i++)
                    {
                        var datagram = new byte[1200];
                        BitConverter.TryWriteBytes(datagram, bytes[0] == 1 ? i : -1);
                        machine.Send(path, datagram);
                    }

                    return Handling.Handled;
                },
            },
            options: failed => new DriverOptions { Shards = 1, Failed = failed, SocketBufferBytes = 64 << 10 });
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        peer.Send([1]);
        var last = -1;
        var received = 0;
        do
        {
            var number = BitConverter.ToInt32(peer.ReceiveDatagram());
            Assert.True(number > last, "Order was lost.");
            last = number;
            received++;
        }
        while (received + group.Statistics.SendBufferFull < Count);
        Assert.True(group.Statistics.SendBufferFull > 0);
        Assert.True(last > Count / 2, "The newest were to be kept.");
        peer.Send([2]);
        Assert.Equal(-1, BitConverter.ToInt32(peer.ReceiveDatagram()));
        group.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Assert.Equal(received + 1, group.Statistics.DatagramsSent);
    });

    private static byte[] Run(int count, int size, int lastSize)
    {
        var bytes = new byte[(count - 1) * size + lastSize];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i / size * 31 + i % size);
        return bytes;
    }

    private static void AssertRun(Socket peer, int count, int size, int lastSize)
    {
        var run = Run(count, size, lastSize);
        for (var i = 0; i < count; i++)
        {
            var expected = run.AsSpan(i * size, i < count - 1 ? size : lastSize);
            Assert.True(expected.SequenceEqual(peer.ReceiveDatagram()), $"Datagram {i} differs.");
        }
    }
}
