using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

[Collection(SocketsCollection.Name)]
public sealed class DriverTests
{
    [Theory]
    [InlineData(false, "127.0.0.1")]
    [InlineData(false, "127.0.0.2")]
    [InlineData(false, "::1")]
    [InlineData(true, "127.0.0.1")]
    [InlineData(true, "127.0.0.2")]
    [InlineData(true, "::1")]
    public async Task Answer_leaves_from_the_address_the_datagram_came_to(bool portable, string address)
    {
        var asked = new IPEndPoint(IPAddress.Parse(address), 0);
        NetworkPath seen = default;
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, bytes) =>
            {
                seen = path;
                return machine.Echo(path, bytes);
            },
        });
        asked.Port = group.Port;
        // Not connected: the kernel would hide an answer from elsewhere.
        using var peer = Peer.Udp(asked.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback);
        peer.SendTo([1, 2, 3], asked);

        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        if (asked.AddressFamily == AddressFamily.InterNetworkV6) from = new IPEndPoint(IPAddress.IPv6Any, 0);
        var buffer = new byte[100];
        var length = peer.ReceiveFrom(buffer, ref from);

        Assert.Equal([1, 2, 3], buffer[..length]);
        Assert.Equal(asked, from);
        Assert.Equal(NetworkAddress.From(asked), seen.Local);
        Assert.Equal(peer.Address(), seen.Remote);
        Assert.Equal(TransportProtocol.Udp, seen.Protocol);
    }

    [Theory, BothPaths]
    public async Task Thousands_of_datagrams_come_back_in_order_without_loss(bool portable)
    {
        const int Rounds = 100;
        const int Burst = 50; // below the smallest default socket buffer
        await using var group = new TestGroup(portable);
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        var datagram = new byte[1000];
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < Burst; i++)
            {
                BitConverter.TryWriteBytes(datagram, round * Burst + i);
                peer.Send(datagram);
            }

            for (var i = 0; i < Burst; i++)
            {
                var answer = peer.ReceiveDatagram();
                Assert.Equal(1000, answer.Length);
                Assert.Equal(round * Burst + i, BitConverter.ToInt32(answer));
            }
        }

        Assert.Equal(Rounds * Burst, group.Statistics.DatagramsReceived);
        Assert.Equal(Rounds * Burst * 1000, group.Statistics.BytesReceived);
    }

    [Theory, BothPaths]
    public async Task Wake_makes_the_machine_time_out_and_its_output_leave(bool portable)
    {
        using var peer = Peer.Udp(IPAddress.Loopback);
        var to = peer.Address();
        var ask = 0;
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnTimeout = (machine, _) =>
            {
                if (Interlocked.Exchange(ref ask, 0) == 0) return;
                machine.Send(Peer.UdpPath(to), [7]);
            },
        });
        for (var i = 0; i < 100; i++)
        {
            Volatile.Write(ref ask, 1);
            group.Group.Wake(0);
            Assert.Equal([7], peer.ReceiveDatagram());
        }
    }

    [Theory, BothPaths]
    public async Task Machine_is_timed_out_at_its_deadline_and_not_before(bool portable)
    {
        var expired = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var deadline = Instant.Never;
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnTimeout = (_, now) =>
            {
                if (deadline != Instant.Never) expired.TrySetResult(now - deadline);
            },
        });
        await group.Group.InvokeAsync(0, (machine, now) => deadline = machine.NextTimeout = now + TimeSpan.FromMilliseconds(20));
        // The command itself woke the driver; that early call is the contract's "harmless" one.
        await expired.Task;
        await group.Group.InvokeAsync(0, (machine, now) =>
        {
            expired = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            return deadline = machine.NextTimeout = now;
        });
        Assert.True(await expired.Task >= TimeSpan.Zero);
    }

    [Theory, BothPaths]
    public async Task Question_is_answered_on_the_drivers_thread(bool portable)
    {
        await using var group = new TestGroup(portable);
        Assert.Equal("driver-0", await group.Group.InvokeAsync(0, (_, _) => Thread.CurrentThread.Name));
        await Assert.ThrowsAsync<FormatException>(() => group.Group.InvokeAsync<int>(0, (_, _) => throw new FormatException()));
    }

    [Theory, BothPaths]
    public async Task Question_to_a_stopped_group_is_cancelled(bool portable)
    {
        var group = new TestGroup(portable);
        await group.DisposeAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => group.Group.InvokeAsync(0, (_, _) => 0));
    }

    [Theory, BothPaths]
    public async Task Failing_machine_is_reported_and_other_peers_go_on(bool portable)
    {
        await using var group = new TestGroup(
            portable,
            _ => new ScriptedMachine
            {
                OnDatagram = (machine, path, bytes) =>
                {
                    if (bytes[0] == 66) throw new InvalidDataException("a bug");
                    return machine.Echo(path, bytes);
                },
            },
            mayFail: true);
        using var bad = Peer.UdpTo(IPAddress.Loopback, group.Port);
        using var good = Peer.UdpTo(IPAddress.Loopback, group.Port);
        Assert.Equal([1], good.Ask(1));
        bad.Send([66]);
        // The bad one may share its batch with this one, which is then lost; so ask until answered, as a peer over UDP does.
        good.ReceiveTimeout = 100;
        byte[]? answer = null;
        for (var attempt = 0; attempt < 100 && answer is null; attempt++)
        {
            try
            {
                answer = good.Ask(2);
            }
            catch (SocketException)
            {
                answer = null;
            }
        }

        Assert.Equal([2], answer);
        Assert.Equal(1, group.Statistics.Failures);
        Assert.IsType<InvalidDataException>(Assert.Single(group.Failures));
    }

    [Theory, BothPaths]
    public async Task Machine_failing_in_its_timeout_does_not_stop_input(bool portable)
    {
        await using var group = new TestGroup(
            portable,
            _ => new ScriptedMachine { OnTimeout = (_, _) => throw new InvalidDataException("a bug") },
            mayFail: true);
        group.Group.Wake(0);
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        Assert.Equal([9], peer.Ask(9));
        Assert.True(group.Statistics.Failures >= 1);
    }

    [Theory, BothPaths]
    public async Task Refused_datagrams_are_counted_and_answered_by_nothing(bool portable)
    {
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, bytes) => bytes.Length == 0 ? Handling.Refused : machine.Echo(path, bytes),
        });
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        peer.Send(ReadOnlySpan<byte>.Empty);
        Assert.Equal([5], peer.Ask(5));
        Assert.Equal(1, group.Statistics.Refused);
        Assert.Equal(2, group.Statistics.DatagramsReceived);
    }

    [Theory, BothPaths]
    public async Task Answers_that_cannot_be_sent_are_counted_and_do_not_hold_up_others(bool portable)
    {
        await using var group = new TestGroup(portable, _ => new ScriptedMachine
        {
            OnDatagram = (machine, path, bytes) =>
            {
                // An address of nobody here as source, a datagram no path takes, and port 0 as destination.
                machine.Send(path with { Local = NetworkAddress.From(IPAddress.Parse("203.0.113.9"), path.Local.Port) }, [1]);
                machine.Send(path, new byte[65520 - 48]);
                machine.Send(path with { Remote = path.Remote.WithPort(0) }, [2]);
                return machine.Echo(path, bytes);
            },
        });
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        peer.Send([8]);
        var answers = new List<int> { peer.ReceiveDatagram().Length, peer.ReceiveDatagram().Length };
        Assert.Equal([65520 - 48, 1], answers);
        await group.DisposeAsync();
        Assert.Equal(2, group.Statistics.SendInvalid + group.Statistics.SendUnreachable);
        Assert.Equal(2, group.Statistics.DatagramsSent);
    }

    [Theory, BothPaths]
    public async Task Machine_that_always_has_more_to_send_does_not_starve_input(bool portable)
    {
        using var sink = Peer.Udp(IPAddress.Loopback);
        var to = sink.Address();
        await using var group = new EndlessGroup(portable, to);
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        peer.Send([1]);
        await group.Heard;
    }

    [Theory, BothPaths]
    public async Task Port_0_gives_one_port_to_both_families_and_to_tcp(bool portable)
    {
        await using var group = new TestGroup(portable, shards: 3);
        Assert.NotEqual(0, group.Port);
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            using var udp = Peer.UdpTo(address, group.Port);
            Assert.Equal([4], udp.Ask(4));
            using var tcp = Peer.Tcp(address, group.Port);
            tcp.Send(Peer.Framed([6]));
            Assert.Equal([6], tcp.ReceiveFrame());
        }
    }

    [Theory, BothPaths]
    public async Task Port_of_another_group_is_refused_and_not_shared(bool portable)
    {
        await using var group = new TestGroup(portable, shards: 2);
        var options = new DriverOptions { Port = group.Port, ForcePortable = portable, Shards = 2, BindAddresses = [IPAddress.Loopback] };
        var error = Assert.Throws<SocketException>(() => DriverGroup.Open(options, _ => new ScriptedMachine()));
        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }

    [Theory, BothPaths]
    public async Task Stop_sends_what_is_ready_and_closes_every_descriptor(bool portable)
    {
        await StartAskStop(portable); // what the runtime opens once and keeps is open now
        var before = Descriptors();
        for (var i = 0; i < 3; i++) await StartAskStop(portable);
        Assert.Equal(before, Descriptors());
    }

    [Theory, BothPaths]
    public async Task Group_that_never_started_stops_too(bool portable)
    {
        var before = Descriptors();
        var group = DriverGroup.Open(new DriverOptions { ForcePortable = portable, Shards = 2 }, _ => new ScriptedMachine());
        Assert.NotEqual(before, Descriptors());
        await group.StopAsync();
        await group.StopAsync();
        Assert.Equal(before, Descriptors());
        Assert.Throws<InvalidOperationException>(group.Start);
    }

    private static async Task StartAskStop(bool portable)
    {
        using var listener = Peer.Udp(IPAddress.Loopback);
        var to = listener.Address();
        await using var group = new TestGroup(portable, shards: 2);
        using var udp = Peer.UdpTo(IPAddress.Loopback, group.Port);
        Assert.Equal([1], udp.Ask(1));
        using var tcp = Peer.Tcp(IPAddress.Loopback, group.Port);
        tcp.Send(Peer.Framed([2]));
        Assert.Equal([2], tcp.ReceiveFrame());
        var farewell = group.Group.InvokeAsync(0, (machine, _) =>
        {
            machine.Send(Peer.UdpPath(to), [3]);
            return true;
        });
        await group.Group.StopAsync();
        Assert.True(await farewell);
        Assert.Equal([3], listener.ReceiveDatagram());
        Assert.True(tcp.IsClosedByPeer());
    }

    private static int Descriptors() =>
        OperatingSystem.IsLinux()
            ? new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Count(static f => f.LinkTarget is { } t && (t.StartsWith("socket:") || t.Contains("[event")))
            : 0;
}
