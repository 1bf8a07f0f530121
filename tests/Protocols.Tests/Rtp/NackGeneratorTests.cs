using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtp;

public class NackGeneratorTests
{
    private static readonly TimeSpan Rtt = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Resend = Rtt + Rtt / 4;

    private readonly NackGenerator _nacks = new();
    private readonly ushort[] _taken = new ushort[2048];
    private Instant _now = Instant.FromMilliseconds(1000);

    [Fact]
    public void A_stream_without_gaps_asks_for_nothing()
    {
        for (var i = 0; i < 70_000; i++)
        {
            Arrive((ushort)i);
            Assert.Equal(Instant.Never, _nacks.NextTimeout);
        }

        Assert.Empty(Take());
    }

    [Fact]
    public void A_gap_is_asked_for_after_the_reordering_time()
    {
        Arrive(10);
        Arrive(13);
        Assert.Empty(Take());
        Assert.Equal(_now + NackPolicy.Default.ReorderTime, _nacks.NextTimeout);
        _now = _nacks.NextTimeout;
        Assert.Equal([11, 12], Take());
        Assert.Equal(2, _nacks.Nacked);
    }

    [Fact]
    public void A_gap_is_asked_for_at_once_when_enough_packets_came_after_it()
    {
        Arrive(10);
        Arrive(12);
        Arrive(13);
        Arrive(14);
        Assert.Empty(Take());
        Arrive(15);
        Assert.Equal(_now, _nacks.NextTimeout);
        Assert.Equal([11], Take());
    }

    [Fact]
    public void Nack_is_not_sent_for_a_packet_that_arrived_late()
    {
        Arrive(10);
        Arrive(12);
        Arrive(11);
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(Instant.Never, _nacks.NextTimeout);
        Assert.Empty(Take());
        Assert.Equal((1, 0, 0), (_nacks.Reordered, _nacks.Recovered, _nacks.GivenUp));
    }

    [Fact]
    public void A_request_is_repeated_after_a_round_trip_and_not_before()
    {
        Arrive(10);
        Arrive(12);
        _now = _nacks.NextTimeout;
        Assert.Equal([11], Take());
        var asked = _now;
        Assert.Equal(asked + Resend, _nacks.NextTimeout);
        _now = asked + Resend - TimeSpan.FromMilliseconds(1);
        Arrive(13);
        Arrive(14);
        Arrive(15);
        Arrive(16);
        Assert.Empty(Take());
        _now = asked + Resend;
        Assert.Equal([11], Take());
        Assert.Equal((1, 2), (_nacks.Nacked, _nacks.Requested));
    }

    [Fact]
    public void A_tiny_round_trip_does_not_make_a_storm()
    {
        Arrive(10);
        Arrive(12);
        _now = _nacks.NextTimeout;
        Assert.Single(Take(TimeSpan.Zero));
        Assert.Equal(_now + NackPolicy.Default.ShortestResend, _nacks.NextTimeout);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_packet_that_came_after_the_request_counts_as_recovered_once(bool isRetransmission)
    {
        Arrive(10);
        Arrive(12);
        _now = _nacks.NextTimeout;
        Take();
        _nacks.OnPacket(_now, 11, isRetransmission);
        _nacks.OnPacket(_now, 11, isRetransmission);
        Assert.Equal((1, 0, 0), (_nacks.Recovered, _nacks.Reordered, _nacks.Outstanding));
        Assert.Equal(Instant.Never, _nacks.NextTimeout);
        Assert.False(_nacks.KeyframeNeeded);
    }

    [Fact]
    public void After_ten_tries_only_a_keyframe_helps()
    {
        var generator = new NackGenerator(NackPolicy.Default with { GiveUpAge = TimeSpan.FromMinutes(1) });
        generator.OnPacket(_now, 10, false);
        generator.OnPacket(_now, 12, false);
        var asked = 0;
        while (generator.NextTimeout != Instant.Never)
        {
            asked += generator.TakeNacks(generator.NextTimeout, Rtt, _taken);
        }

        Assert.Equal(10, asked);
        Assert.Equal((1, 0), (generator.GivenUp, generator.Outstanding));
        Assert.True(generator.KeyframeNeeded);
        generator.OnKeyframe(13);
        Assert.False(generator.KeyframeNeeded);
    }

    [Fact]
    public void A_packet_too_old_to_be_shown_is_given_up()
    {
        Arrive(10);
        Arrive(12);
        var since = _now;
        var last = _now;
        while (_nacks.NextTimeout != Instant.Never)
        {
            _now = _nacks.NextTimeout;
            last = Take(TimeSpan.FromMilliseconds(200)).Length > 0 ? _now : last;
        }

        Assert.Equal(1, _nacks.GivenUp);
        Assert.True(last - since < NackPolicy.Default.GiveUpAge);
        Assert.True(_nacks.KeyframeNeeded);
    }

    [Fact]
    public void What_lies_before_a_keyframe_is_not_asked_for_any_more()
    {
        Arrive(10);
        Arrive(20);
        Arrive(22);
        _nacks.OnKeyframe(20);
        _now += TimeSpan.FromMilliseconds(10);
        Assert.Equal([21], Take());
        _nacks.OnPacket(_now, 15, true);
        Assert.Equal(0, _nacks.Recovered);
        Assert.Equal(0, _nacks.GivenUp);
    }

    [Fact]
    public void Requests_that_do_not_fit_stay_due()
    {
        Arrive(0);
        Arrive(101);
        _now = _nacks.NextTimeout;
        var few = new ushort[30];
        var asked = new List<ushort>();
        while (_nacks.NextTimeout.IsDue(_now))
        {
            asked.AddRange(few.AsSpan(0, _nacks.TakeNacks(_now, Rtt, few)));
        }

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (ushort)i), asked);
    }

    [Fact]
    public void A_jump_beyond_the_window_begins_anew_and_wants_a_keyframe()
    {
        Arrive(0);
        Arrive(2);
        Arrive(NackGenerator.Window + 2);
        Assert.Equal(NackGenerator.Window + 2 - 2, _nacks.GivenUp); // 1, and 3 to 1025
        Assert.True(_nacks.KeyframeNeeded);
        Assert.Equal(0, _nacks.Outstanding);
        Assert.Empty(Take());
    }

    [Fact]
    public void The_largest_gap_that_is_asked_for_fills_the_window()
    {
        Arrive(65_000);
        Arrive(unchecked((ushort)(65_000 + NackGenerator.Window - 1)));
        Assert.Equal(NackGenerator.Window - 2, _nacks.Outstanding);
        _now = _nacks.NextTimeout;
        Assert.Equal(NackGenerator.Window - 2, Take().Length);
        Arrive(unchecked((ushort)(65_000 + NackGenerator.Window + 1)));
        Assert.Equal(NackGenerator.Window - 2, _nacks.Outstanding); // one came, one went out of the window
        Assert.Equal(1, _nacks.GivenUp);
    }

    [Fact]
    public void One_stray_packet_from_far_behind_is_ignored_and_two_in_a_row_are_a_restart()
    {
        Arrive(50_000);
        Arrive(20_000);
        Arrive(50_001);
        Assert.Equal(Instant.Never, _nacks.NextTimeout);
        Arrive(20_001);
        Arrive(50_002);
        Arrive(20_000);
        Arrive(20_001);
        Arrive(20_003);
        _now = _nacks.NextTimeout;
        Assert.Equal([20_002], Take());
    }

    [Theory]
    [InlineData(1, 0.01, 0)]
    [InlineData(2, 0.05, 3)]
    [InlineData(3, 0.2, 2)]
    [InlineData(4, 0.02, 8)]
    [InlineData(5, 0.3, 0)]
    public void Everything_that_can_be_recovered_is_asked_for_and_comes(int seed, double loss, int disorder)
    {
        var run = Simulate(seed, loss, disorder, packets: 80_000);
        Assert.True(run.Lost > 100);
        Assert.Equal(run.Lost, run.CameByRetransmission + run.Generator.GivenUp);

        // With ten tries, what stays lost lost every try: rare below a third of loss.
        Assert.True(run.Generator.GivenUp <= 1 + run.Lost / 100, $"{run.Generator.GivenUp} of {run.Lost} given up");
        Assert.Equal(run.Generator.GivenUp > 0, run.Generator.KeyframeNeeded);
        Assert.Equal(0, run.Generator.Outstanding);
    }

    [Fact]
    public void Reordering_within_the_tolerance_causes_no_request()
    {
        var run = Simulate(6, loss: 0, disorder: 2, packets: 80_000);
        Assert.Equal(0, run.Generator.Requested);
        Assert.True(run.Generator.Reordered > 1000);
    }

    [Fact]
    public void The_packet_path_allocates_nothing()
    {
        var sequence = 0;
        var allocated = Allocations.Least(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                _now += TimeSpan.FromMilliseconds(1);
                sequence++;
                if (i % 7 != 0) _nacks.OnPacket(_now, (ushort)sequence, false);
                _nacks.TakeNacks(_now, Rtt, _taken);
            }
        });
        Assert.Equal(0, allocated);
        Assert.True(_nacks.Requested > 0);
    }

    private sealed record Run(NackGenerator Generator, long Lost, long CameByRetransmission);

    // A sender of one packet a millisecond; a path of 20 ms each way that loses packets and retransmissions alike and holds some back by
    // up to `disorder` packets; requests are never lost. Asserts on the way that no packet is asked for twice within a round trip, and
    // that none is asked for that has come or that was never sent.
    private static Run Simulate(int seed, double loss, int disorder, int packets)
    {
        var random = new Random(seed);
        var generator = new NackGenerator();
        var arrivals = new PriorityQueue<(int Number, bool Retransmission), long>();
        var came = new bool[packets];
        var asked = new long[packets];
        var taken = new ushort[64];
        const int first = 60_000;
        long lost = 0, byRetransmission = 0;
        Array.Fill(asked, -1_000_000);
        var highest = -1;
        for (var ms = 0; ms < packets + 3000; ms++)
        {
            if (ms < packets)
            {
                var isSafe = ms == 0 || ms == packets - 1;
                if (!isSafe && random.NextDouble() < loss) lost++;
                else arrivals.Enqueue((ms, false), ms + 20 + (isSafe ? 0 : random.Next(disorder + 1)));
            }

            var now = Instant.FromMilliseconds(ms);
            while (arrivals.TryPeek(out var arrival, out var at) && at <= ms)
            {
                arrivals.Dequeue();
                Assert.False(came[arrival.Number] && !arrival.Retransmission);
                byRetransmission += arrival.Retransmission && !came[arrival.Number] ? 1 : 0;
                came[arrival.Number] = true;
                highest = Math.Max(highest, arrival.Number);
                generator.OnPacket(now, (ushort)(first + arrival.Number), arrival.Retransmission);
            }

            while (generator.NextTimeout.IsDue(now))
            {
                var count = generator.TakeNacks(now, Rtt, taken);
                foreach (var sequence in taken.AsSpan(0, count))
                {
                    var number = (int)(SerialNumber.Extend(first + highest, sequence) - first);
                    Assert.InRange(number, 1, highest - 1);
                    Assert.False(came[number]);
                    Assert.True(ms - asked[number] >= 40, $"{number} asked for after {ms - asked[number]} ms");
                    asked[number] = ms;
                    if (random.NextDouble() >= loss) arrivals.Enqueue((number, true), ms + 40 + random.Next(disorder + 1));
                }
            }
        }

        // What came only later than its first request was "lost" for the generator too; it came all the same.
        return new Run(generator, lost, byRetransmission);
    }

    private void Arrive(int sequence) => _nacks.OnPacket(_now, (ushort)sequence, false);

    private ushort[] Take(TimeSpan? rtt = null) => _taken.AsSpan(0, _nacks.TakeNacks(_now, rtt ?? Rtt, _taken)).ToArray();
}
