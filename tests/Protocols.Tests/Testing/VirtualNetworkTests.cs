using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Testing;

public sealed class VirtualNetworkTests
{
    private static readonly NetworkAddress A = NetworkAddress.FromIPv4(0x0a00_0001, 1000);
    private static readonly NetworkAddress B = NetworkAddress.FromIPv4(0x0a00_0002, 2000);
    private static readonly NetworkAddress Public = NetworkAddress.FromIPv4(0xc633_6401, 0);

    private readonly VirtualNetwork _network = new(seed: 1);
    private readonly ScriptedMachine _a = new();
    private readonly ScriptedMachine _b = new();
    private readonly VirtualHost _hostA;
    private readonly VirtualHost _hostB;

    public VirtualNetworkTests()
    {
        _hostA = _network.Attach(_a, A);
        _hostB = _network.Attach(_b, B);
    }

    [Fact]
    public void A_datagram_arrives_after_both_lines_latency_with_the_path_as_the_receiver_sees_it()
    {
        _hostA.Up.Profile = new LinkProfile { Latency = Milliseconds(30) };
        _hostB.Down.Profile = new LinkProfile { Latency = Milliseconds(12) };
        _a.Send(A, B, [1, 2, 3]);

        _network.RunUntil(At(41.9));
        Assert.Empty(_b.Received);
        _network.RunUntil(At(42));

        var (at, path, bytes) = Assert.Single(_b.Received);
        Assert.Equal(At(42), at);
        Assert.Equal(new NetworkPath(TransportProtocol.Udp, B, A), path);
        Assert.Equal([1, 2, 3], bytes);
    }

    [Fact]
    public void Each_direction_has_its_own_profile()
    {
        _hostA.Down.Profile = new LinkProfile { Loss = 1 };
        _a.Send(A, B, [1]);
        _b.Send(B, A, [2]);
        _network.RunUntil(At(100));

        Assert.Single(_b.Received);
        Assert.Empty(_a.Received);
        Assert.Equal(1, _hostA.Down.Counts.Lost);
        Assert.Equal(0, _hostA.Up.Counts.Lost);
    }

    [Fact]
    public void A_run_arrives_as_its_datagrams_the_last_one_shorter()
    {
        _a.Send(A, B, [.. Enumerable.Range(0, 250).Select(i => (byte)i)], segment: 100);
        _network.RunUntil(At(100));

        Assert.Equal([100, 100, 50], _b.Received.Select(got => got.Bytes.Length));
        Assert.Equal(Enumerable.Range(0, 250).Select(i => (byte)i), _b.Received.SelectMany(got => got.Bytes));
        Assert.Equal(1, _hostA.Transmits);
        Assert.Equal(3, _hostA.Sent);
    }

    [Fact]
    public void Time_jumps_to_deadlines_and_calls_a_machine_at_each()
    {
        _a.NextTimeout = At(100);
        _a.OnTimeout = now => now < At(3_600_000) ? now + TimeSpan.FromMinutes(1) : Instant.Never;
        _network.RunUntil(At(7_200_000));

        Assert.Equal(At(100), _a.Woken[0]);
        Assert.Equal(61, _a.Woken.Count);
        Assert.Equal(At(7_200_000), _network.Now);
    }

    [Fact]
    public void A_deadline_that_moved_is_not_called_at_its_old_time()
    {
        _a.NextTimeout = At(50);
        _network.RunUntil(At(10));
        _a.NextTimeout = At(90);
        _network.RunUntil(At(80));
        Assert.Empty(_a.Woken);

        _a.NextTimeout = At(85);
        _network.RunUntil(At(100));
        Assert.Equal([At(85)], _a.Woken);
    }

    [Fact]
    public void A_machine_that_is_always_due_is_a_bug()
    {
        _a.NextTimeout = At(0);
        _a.OnTimeout = now => now;

        Assert.Throws<InvalidOperationException>(() => _network.RunUntil(At(1)));
    }

    [Fact]
    public void A_datagram_longer_than_the_line_takes_is_a_bug()
    {
        _hostA.Up.Profile = new LinkProfile { MaxDatagram = 1200 };
        _a.Send(A, B, new byte[1201]);

        Assert.Throws<InvalidOperationException>(() => _network.RunUntil(At(1)));
    }

    [Fact]
    public void Sending_from_an_address_that_is_not_ones_own_is_a_bug()
    {
        _a.Send(A.WithPort(1), B, [1]);

        Assert.Throws<InvalidOperationException>(() => _network.RunUntil(At(1)));
    }

    [Fact]
    public void What_nobody_owns_is_unroutable()
    {
        _a.Send(A, B.WithPort(9), [1]);
        _network.RunUntil(At(100));

        Assert.Equal(1, _network.Unroutable);
        Assert.Equal(0, _network.Delivered);
    }

    [Fact]
    public void Refusals_and_handovers_are_counted()
    {
        var c = new ScriptedMachine { Verdict = HandlingKind.Refused };
        var host = _network.Attach(c, B.WithPort(3));
        _a.Send(A, B.WithPort(3), [1]);
        _network.RunUntil(At(100));

        Assert.Equal((1, 1, 0), (host.Received, host.Refused, host.HandedOver));
    }

    [Fact]
    public void Even_loss_comes_near_its_rate()
    {
        _hostA.Up.Profile = new LinkProfile { Loss = 0.1 };
        Flood(20_000);

        Assert.InRange(_b.Received.Count, 17_800, 18_200);
        Assert.Equal(20_000, _b.Received.Count + _hostA.Up.Counts.Lost);
    }

    [Fact]
    public void Burst_loss_has_its_mean_and_comes_in_bursts()
    {
        var bursts = new GilbertElliott(GoodToBad: 0.01, BadToGood: 0.2);
        _hostA.Up.Profile = new LinkProfile { Bursts = bursts };
        Flood(50_000);

        var lost = 1 - _b.Received.Count / 50_000.0;
        Assert.InRange(lost, bursts.MeanLoss * 0.85, bursts.MeanLoss * 1.15);
        var numbers = Numbers();
        var gaps = numbers.Zip(numbers.Skip(1), (one, next) => next - one - 1).Where(gap => gap > 0).ToList();
        Assert.InRange(gaps.Average(), 4, 6); // 1 / 0.2
    }

    [Fact]
    public void Jitter_keeps_the_order_and_reordering_does_not()
    {
        _hostA.Up.Profile = new LinkProfile { Jitter = Milliseconds(50) };
        Flood(2000, spacing: 1);
        Assert.Equal(Numbers().Order(), Numbers());
        Assert.Equal(2000, _b.Received.Count);

        _b.Received.Clear();
        _hostA.Up.Profile = new LinkProfile { Reorder = 0.05 };
        Flood(2000, spacing: 1);
        Assert.NotEqual(Numbers().Order(), Numbers());
        Assert.InRange(_hostA.Up.Counts.Reordered, 60, 140);
    }

    [Fact]
    public void Duplicates_arrive_twice_on_either_line()
    {
        _hostA.Up.Profile = new LinkProfile { Duplicate = 1 };
        _hostB.Down.Profile = new LinkProfile { Duplicate = 1 };
        Flood(100);

        Assert.Equal(400, _b.Received.Count);
        Assert.All(_b.Received.GroupBy(got => BitConverter.ToInt32(got.Bytes)), group => Assert.Equal(4, group.Count()));
    }

    [Fact]
    public void A_limited_line_takes_its_time_and_drops_what_its_queue_cannot_hold()
    {
        // 972 + 28 bytes at 8 Mbit/s are one millisecond each; ten fit the queue besides the one on the wire.
        _hostA.Up.Profile = new LinkProfile { BitsPerSecond = 8_000_000, QueueBytes = 10_000, Latency = TimeSpan.Zero };
        _hostB.Down.Profile = new LinkProfile { Latency = TimeSpan.Zero };
        for (var i = 0; i < 50; i++)
        {
            _a.Send(A, B, new byte[972]);
        }

        _network.RunUntil(At(1000));
        Assert.Equal(Enumerable.Range(1, 10).Select(i => At(i)), _b.Received.Select(got => got.At));
        Assert.Equal(40, _hostA.Up.Counts.QueueDropped);
    }

    [Fact]
    public void Nothing_gets_through_an_outage_and_everything_after_it()
    {
        _hostA.Up.AddOutage(At(10), At(20));
        Flood(30, spacing: 1);

        Assert.Equal(Enumerable.Range(0, 10).Concat(Enumerable.Range(20, 10)), Numbers());
        Assert.Equal(10, _hostA.Up.Counts.OutageDropped);
    }

    [Fact]
    public void Tcp_loses_nothing_keeps_order_and_pays_with_time()
    {
        _hostA.Up.Profile = new LinkProfile { Loss = 0.1, Reorder = 0.5, Duplicate = 0.5, Jitter = Milliseconds(20) };
        _hostA.Up.AddOutage(At(100), At(200));
        Flood(500, spacing: 1, protocol: TransportProtocol.Tcp);

        Assert.Equal(Enumerable.Range(0, 500), Numbers());
        Assert.DoesNotContain(_b.Received, got => got.At > At(105) && got.At < At(205) && BitConverter.ToInt32(got.Bytes) >= 100);
        Assert.Contains(_b.Received, got => got.At - At(BitConverter.ToInt32(got.Bytes)) > Milliseconds(150));
    }

    [Fact]
    public void A_nat_translates_both_ways_and_lets_no_stranger_in()
    {
        var nat = _network.AddNat(Public);
        var inside = NetworkAddress.FromIPv4(0xc0a8_0002, 5000);
        var client = new ScriptedMachine();
        _network.AttachBehind(nat, client, inside);
        client.Send(inside, A, [1]);
        _network.RunUntil(At(50));

        var seen = Assert.Single(_a.Received).Path.Remote;
        Assert.Equal(Public, seen.WithPort(0));
        _a.Send(A, seen, [2]);
        _b.Send(B, seen, [3]);
        _a.Send(A, inside, [4]);
        _network.RunUntil(At(100));

        var (_, path, bytes) = Assert.Single(client.Received);
        Assert.Equal((new NetworkPath(TransportProtocol.Udp, inside, A), 2), (path, bytes[0]));
        Assert.Equal(2, _network.Unroutable);
    }

    [Fact]
    public void A_nat_that_rebinds_gives_a_new_port_and_forgets_the_old_one()
    {
        var nat = _network.AddNat(Public);
        var inside = NetworkAddress.FromIPv4(0xc0a8_0002, 5000);
        var client = new ScriptedMachine();
        _network.AttachBehind(nat, client, inside);
        client.Send(inside, A, [1]);
        _network.RunUntil(At(50));
        nat.Rebind();
        client.Send(inside, A, [2]);
        _network.RunUntil(At(100));
        _network.Move(nat, NetworkAddress.FromIPv4(0xc633_6402, 0));
        client.Send(inside, A, [3]);
        _network.RunUntil(At(150));

        var seen = _a.Received.ConvertAll(got => got.Path.Remote);
        Assert.Equal(3, seen.Distinct().Count());
        Assert.Equal(seen[0].WithPort(0), seen[1].WithPort(0));
        Assert.NotEqual(seen[1].WithPort(0), seen[2].WithPort(0));
        foreach (var address in seen)
        {
            _a.Send(A, address, [9]);
        }

        _network.RunUntil(At(200));
        Assert.Single(client.Received);
    }

    [Fact]
    public void A_symmetric_nat_gives_each_destination_another_port()
    {
        var inside = NetworkAddress.FromIPv4(0xc0a8_0002, 5000);
        var client = new ScriptedMachine();
        _network.AttachBehind(_network.AddNat(Public, isSymmetric: true), client, inside);
        client.Send(inside, A, [1]);
        client.Send(inside, B, [1]);
        client.Send(inside, A, [1]);
        _network.RunUntil(At(50));

        Assert.NotEqual(_a.Received[0].Path.Remote, _b.Received[0].Path.Remote);
        Assert.Equal(_a.Received[0].Path.Remote, _a.Received[1].Path.Remote);
    }

    [Fact]
    public void A_detached_host_neither_hears_nor_sends()
    {
        _a.Send(A, B, [1]);
        _network.RunUntil(At(1));
        _network.Detach(_hostB);
        _b.NextTimeout = At(5);
        _b.Send(B, A, [2]);
        _network.RunUntil(At(100));

        Assert.Empty(_b.Received);
        Assert.Empty(_b.Woken);
        Assert.Empty(_a.Received);
    }

    [Fact]
    public void Plans_run_at_their_time_and_a_condition_ends_a_run()
    {
        var times = new List<Instant>();
        _network.At(At(30), () => times.Add(_network.Now));
        _network.At(At(20), () => times.Add(_network.Now));

        Assert.True(_network.RunUntil(() => times.Count == 1, At(100)));
        Assert.Equal(At(20), _network.Now);
        Assert.False(_network.RunUntil(() => times.Count == 3, At(100)));
        Assert.Equal([At(20), At(30)], times);
        Assert.Equal(At(100), _network.Now);
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace_and_another_seed_another()
    {
        Assert.Equal(Trace(5), Trace(5));
        Assert.NotEqual(Trace(5), Trace(6));
    }

    [Fact]
    public void A_quarter_of_a_million_datagrams_allocate_nothing_to_speak_of()
    {
        var network = new VirtualNetwork(3);
        var quiet = new ScriptedMachine { KeepsBytes = false };
        var sender = new PacedSender(A, B);
        network.Attach(sender, A).Up.Profile = new LinkProfile { Loss = 0.01, Jitter = Milliseconds(5) };
        network.Attach(quiet, B);
        network.RunUntil(At(1000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        network.RunUntil(At(26_000));

        Assert.InRange(network.Delivered, 255_000, 260_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    private void Flood(int count, int spacing = 0, TransportProtocol protocol = TransportProtocol.Udp)
    {
        var start = _network.Now;
        for (var i = 0; i < count; i++)
        {
            var number = i;
            _network.At(start + Milliseconds(i * spacing), () => _a.Send(A, B, BitConverter.GetBytes(number), 0, protocol));
        }

        _network.RunFor(Milliseconds(count * spacing + 5000));
    }

    private List<int> Numbers() => _b.Received.ConvertAll(got => BitConverter.ToInt32(got.Bytes));

    private static ulong Trace(ulong seed)
    {
        var network = new VirtualNetwork(seed);
        var a = new ScriptedMachine();
        var profile = new LinkProfile { Loss = 0.2, Jitter = Milliseconds(20), Reorder = 0.1, Duplicate = 0.1, BitsPerSecond = 1_000_000 };
        network.Attach(a, A).Up.Profile = profile;
        network.Attach(new ScriptedMachine { Echoes = true }, B).Down.Profile = profile;
        for (var i = 0; i < 500; i++)
        {
            a.Send(A, B, [(byte)i, 1, 2, 3, 4, 5, 6, 7, 8, (byte)(i >> 8)]);
        }

        network.RunUntil(At(10_000));
        Assert.InRange(network.Delivered, 100, 1500);
        return network.TraceHash;
    }

    private static Instant At(double milliseconds) => Instant.FromMilliseconds(milliseconds);

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Ten datagrams of 100 bytes as one run, every millisecond.</summary>
    private sealed class PacedSender(NetworkAddress from, NetworkAddress to) : IDatagramMachine
    {
        private bool _isDue;

        public Instant NextTimeout { get; private set; } = Instant.Zero;

        public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram) => Handling.Refused;

        public void HandleTimeout(Instant now)
        {
            _isDue = true;
            NextTimeout = now + TimeSpan.FromMilliseconds(1);
        }

        public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
        {
            transmit = new Transmit(new NetworkPath(TransportProtocol.Udp, from, to), 1000, 100);
            if (!_isDue) return false;

            _isDue = false;
            destination[..1000].Fill(7);
            return true;
        }
    }
}
