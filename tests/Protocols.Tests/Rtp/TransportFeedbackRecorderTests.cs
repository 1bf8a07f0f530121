using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtp;

public class TransportFeedbackRecorderTests
{
    private readonly TransportFeedbackRecorder _recorder = new();
    private readonly byte[] _buffer = new byte[1200];
    private readonly List<PacketArrival> _reported = [];
    private readonly List<byte> _counts = [];
    private Instant _now = Instant.FromMilliseconds(10_000);

    [Fact]
    public void Nothing_is_due_before_the_first_packet()
    {
        Assert.Equal(Instant.Never, _recorder.NextTimeout);
        Assert.Equal(0, _recorder.TakeFeedback(_now, default, default, _buffer));
    }

    [Fact]
    public void Few_packets_are_reported_after_a_hundred_milliseconds()
    {
        _recorder.OnPacket(_now, 7);
        Assert.Equal(_now + TransportFeedbackRecorder.LongestInterval, _recorder.NextTimeout);
        _now += TimeSpan.FromMilliseconds(30);
        _recorder.OnPacket(_now, 9);
        Assert.Equal(0, Take());
        _now += TimeSpan.FromMilliseconds(70);
        Assert.Equal(1, Take());
        Assert.Equal([7, 8, 9], _reported.Select(arrival => (int)arrival.Sequence));
        Assert.Equal([true, false, true], _reported.Select(arrival => arrival.Received));
        Assert.Equal(120, _reported[2].ArrivalTicks - _reported[0].ArrivalTicks); // 30 ms
        Assert.Equal(Instant.Never, _recorder.NextTimeout);
    }

    [Fact]
    public void Many_packets_are_reported_twice_as_often()
    {
        for (var ms = 0; ms < 1000; ms++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            _recorder.OnPacket(_now, (ushort)(2 * ms));
            _recorder.OnPacket(_now, (ushort)(2 * ms + 1));
            Take();
        }

        Assert.InRange(_counts.Count, 18, 20);
        Assert.Equal(Enumerable.Range(0, _counts.Count).Select(i => (byte)i), _counts);
    }

    [Fact]
    public void A_late_packet_is_reported_although_its_number_was_passed()
    {
        _recorder.OnPacket(_now, 10);
        _recorder.OnPacket(_now, 12);
        _now += TimeSpan.FromMilliseconds(100);
        Take();
        _reported.Clear();
        _recorder.OnPacket(_now, 11);
        _now += TimeSpan.FromMilliseconds(100);
        Take();
        Assert.Equal(new PacketArrival(11, true, Ticks(_now - TimeSpan.FromMilliseconds(100))), _reported[0]);
    }

    [Fact]
    public void A_duplicate_is_not_recorded_again()
    {
        _recorder.OnPacket(_now, 10);
        _now += TimeSpan.FromMilliseconds(100);
        Take();
        _recorder.OnPacket(_now, 10);
        Assert.Equal(Instant.Never, _recorder.NextTimeout);
        Assert.Equal((1, 1), (_recorder.Recorded, _recorder.Ignored));
    }

    [Fact]
    public void A_pause_longer_than_a_delta_can_say_begins_another_packet()
    {
        _recorder.OnPacket(_now, 1);
        _now += TimeSpan.FromSeconds(9); // more than 32767 * 250 µs
        _recorder.OnPacket(_now, 2);
        Assert.Equal(2, Take());
        Assert.Equal(36_000, _reported[1].ArrivalTicks - _reported[0].ArrivalTicks);
    }

    [Fact]
    public void A_gap_longer_than_a_report_does_not_stop_the_reports()
    {
        _recorder.OnPacket(_now, 0);
        _recorder.OnPacket(_now, 3000);
        _now += TimeSpan.FromMilliseconds(100);
        Assert.Equal(2, Take());
        Assert.Equal(3000, _reported[^1].Sequence);
        Assert.True(_reported[^1].Received);
        Assert.Equal(Instant.Never, _recorder.NextTimeout);
    }

    [Fact]
    public void A_jump_beyond_the_window_begins_anew()
    {
        _recorder.OnPacket(_now, 0);
        _recorder.OnPacket(_now, TransportFeedbackRecorder.Window + 5);
        _now += TimeSpan.FromMilliseconds(100);
        Take();
        Assert.Equal([TransportFeedbackRecorder.Window + 5], _reported.Select(arrival => (int)arrival.Sequence));
    }

    [Fact]
    public void A_publisher_that_counts_anew_is_followed_and_a_straggler_is_not()
    {
        _recorder.OnPacket(_now, 30_000);
        _recorder.OnPacket(_now, 10);
        _now += TimeSpan.FromMilliseconds(100);
        Take();
        Assert.Equal([30_000], _reported.Select(arrival => (int)arrival.Sequence));
        _reported.Clear();
        for (var i = 0; i < 40; i++)
        {
            _recorder.OnPacket(_now, (ushort)i);
        }

        _now += TimeSpan.FromMilliseconds(100);
        Take();
        Assert.Equal(39, _reported[^1].Sequence);
        Assert.True(_reported.Count >= 20);
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0.1, 0)]
    [InlineData(3, 0.02, 30)]
    [InlineData(4, 0.5, 5)]
    public void Every_arrival_is_reported_with_its_time_whatever_the_loss_and_order(int seed, double loss, int disorder)
    {
        var random = new Random(seed);
        var arrivals = new PriorityQueue<int, long>();
        const int packets = 150_000; // more than two cycles
        const int first = 65_000;
        for (var number = 0; number < packets; number++)
        {
            if (random.NextDouble() >= loss) arrivals.Enqueue(number, number + random.Next(disorder + 1));
        }

        var arrivedAt = new Dictionary<int, long>();
        var reportedAt = new Dictionary<int, long>();
        long highest = first;
        var size = new[] { 64, 200, 1200 }[seed % 3];
        while (arrivals.TryDequeue(out var number, out var at))
        {
            _now = Instant.FromMilliseconds(10_000 + at * 0.7);
            arrivedAt[number] = Ticks(_now);
            _recorder.OnPacket(_now, (ushort)(first + number));
            Collect(size);
        }

        _now += TimeSpan.FromSeconds(1);
        Collect(size);
        Assert.Equal(arrivedAt.Count, reportedAt.Count);
        foreach (var (number, ticks) in arrivedAt)
        {
            if (reportedAt[number] != ticks) Assert.Fail($"{number}: {reportedAt[number]} instead of {ticks}");
        }

        void Collect(int room)
        {
            _reported.Clear();
            Take(room);
            foreach (var arrival in _reported)
            {
                var extended = SerialNumber.Extend(highest, arrival.Sequence);
                highest = Math.Max(highest, extended);
                if (arrival.Received) reportedAt[(int)(extended - first)] = arrival.ArrivalTicks;
            }
        }
    }

    [Fact]
    public void Recording_and_reporting_allocate_nothing()
    {
        var bytes = 0;
        var number = 0;
        var allocated = Allocations.Least(() =>
        {
            for (var i = 0; i < 3000; i++)
            {
                _now += TimeSpan.FromMilliseconds(1);
                number += 1 + i % 2;
                _recorder.OnPacket(_now, (ushort)number);
                bytes += _recorder.TakeFeedback(_now, default, default, _buffer);
            }
        });
        Assert.Equal(0, allocated);
        Assert.True(bytes > 0);
    }

    private static long Ticks(Instant at) => at.Nanoseconds / TransportFeedback.NanosecondsPerTick;

    private int Take(int room = 1200)
    {
        var packets = 0;
        while (_recorder.TakeFeedback(_now, new Ssrc(1), new Ssrc(2), _buffer.AsSpan(0, room)) is var length && length > 0)
        {
            packets++;
            var reader = new RtcpReader(_buffer.AsSpan(0, length));
            Assert.True(reader.MoveNext());
            Assert.True(TransportFeedback.TryParse(reader.Current, out var feedback));
            _counts.Add(feedback.FeedbackCount);
            foreach (var arrival in feedback)
            {
                _reported.Add(arrival);
            }
        }

        return packets;
    }
}
