using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtp;

public class ReceptionStatisticsTests
{
    private readonly ReceptionStatistics _statistics = new(new Ssrc(7), 90_000);
    private Instant _now = Instant.FromMilliseconds(5000);

    [Fact]
    public void A_stream_is_valid_after_two_packets_in_a_row()
    {
        Assert.False(Arrive(100));
        Assert.False(_statistics.IsValid);
        Assert.False(_statistics.TryTakeReport(_now, out _));
        Assert.False(Arrive(500)); // not in a row: probation begins anew
        Assert.True(Arrive(501));
        Assert.True(_statistics.TryTakeReport(_now, out var report));
        Assert.Equal((new Ssrc(7), 501u, 0), (report.Ssrc, report.HighestSequence, report.CumulativeLost));
    }

    [Fact]
    public void Loss_is_reported_for_the_interval_and_for_ever()
    {
        Begin(0);
        for (var i = 2; i <= 100; i++)
        {
            if (i % 4 != 0) Arrive(i); // 25 of 100 lost
        }

        Arrive(101);
        _statistics.TryTakeReport(_now, out var report);
        Assert.Equal(25, report.CumulativeLost);
        Assert.Equal(25 * 256 / 101, report.FractionLost);

        for (var i = 102; i <= 201; i++)
        {
            Arrive(i);
        }

        _statistics.TryTakeReport(_now, out report);
        Assert.Equal(25, report.CumulativeLost);
        Assert.Equal(0, report.FractionLost);
    }

    [Fact]
    public void Late_packets_make_up_for_losses_and_duplicates_go_below_zero()
    {
        Begin(0);
        Arrive(5);
        _statistics.TryTakeReport(_now, out var report);
        Assert.Equal(3, report.CumulativeLost);
        Arrive(2);
        Arrive(3);
        Arrive(4);
        Arrive(4);
        _statistics.TryTakeReport(_now, out report);
        Assert.Equal(-1, report.CumulativeLost);
        Assert.Equal(0, report.FractionLost);
        Assert.Equal(5u, report.HighestSequence);
    }

    [Fact]
    public void The_highest_number_counts_its_cycles()
    {
        Begin(65_530);
        for (var i = 65_532; i < 65_532 + 70_000; i++)
        {
            Arrive(i);
        }

        Assert.Equal(65_531u + 70_000u, _statistics.HighestSequence);
        Assert.Equal(0, _statistics.CumulativeLost);
    }

    [Fact]
    public void A_late_packet_from_before_the_wrap_does_not_count_another_cycle()
    {
        Begin(65_533);
        Arrive(0);
        Arrive(65_535);
        Arrive(1);
        Assert.Equal(65_537u, _statistics.HighestSequence);
        Assert.Equal(0, _statistics.CumulativeLost);
    }

    [Fact]
    public void One_far_packet_does_not_count_and_two_in_a_row_are_a_restart()
    {
        Begin(100);
        Assert.False(Arrive(30_000));
        Assert.True(Arrive(102));
        Assert.False(Arrive(30_000));
        Assert.True(Arrive(30_001));
        Assert.Equal(30_001u, _statistics.HighestSequence);
        Assert.Equal(0, _statistics.CumulativeLost);
    }

    [Fact]
    public void A_steady_stream_has_no_jitter_and_alternating_delay_converges()
    {
        Begin(0);
        for (var i = 2; i < 200; i++)
        {
            _now += TimeSpan.FromMilliseconds(20);
            _statistics.OnPacket(_now, (ushort)i, (uint)(i * 1800));
        }

        var steady = _statistics.Jitter;
        for (var i = 200; i < 600; i++)
        {
            var late = TimeSpan.FromMilliseconds(i % 2 == 0 ? 10 : 0);
            _now += TimeSpan.FromMilliseconds(20);
            _statistics.OnPacket(_now + late, (ushort)i, (uint)(i * 1800));
        }

        Assert.InRange(steady, 0u, 10u);
        Assert.InRange(_statistics.JitterTime.TotalMilliseconds, 9, 10.1); // |D| is always 10 ms
    }

    [Fact]
    public void A_jump_of_the_timestamps_is_not_jitter_of_hours()
    {
        Begin(0);
        _statistics.OnPacket(_now, 2, 0x8000_0000);
        Assert.True(_statistics.JitterTime <= TimeSpan.FromSeconds(0.51), $"{_statistics.JitterTime}");
    }

    [Fact]
    public void The_report_refers_to_the_last_sender_report()
    {
        Begin(0);
        _statistics.TryTakeReport(_now, out var report);
        Assert.Equal((0u, 0u), (report.LastSenderReport, report.DelaySinceLastSenderReport));
        _statistics.OnSenderReport(_now, new NtpTime(0x1111_2222_3333_4444));
        _statistics.TryTakeReport(_now + TimeSpan.FromMilliseconds(1500), out report);
        Assert.Equal(0x2222_3333u, report.LastSenderReport);
        Assert.Equal(65536u * 3 / 2, report.DelaySinceLastSenderReport);
    }

    [Fact]
    public void Random_loss_adds_up_over_all_reports()
    {
        var random = new Random(8);
        Begin(40_000);
        long lost = 0, lostByFraction = 0;
        var number = 40_001;
        for (var interval = 0; interval < 300; interval++)
        {
            var expected = 0;
            for (var i = random.Next(256, 2000); i > 0; i--)
            {
                number++;
                expected++;
                var drop = random.Next(10) == 0 && i != 1; // the last one shows the gap
                lost += drop ? 1 : 0;
                if (!drop) Arrive(number);
            }

            _statistics.TryTakeReport(_now, out var report);
            Assert.Equal(lost, report.CumulativeLost);
            lostByFraction += (long)Math.Round(report.FractionLost / 256.0 * expected);
        }

        Assert.InRange((double)lostByFraction / lost, 0.95, 1.01); // fractions are rounded down
    }

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(-5, 0u)]
    [InlineData(1000, 65536u)]
    [InlineData(100_000_000, uint.MaxValue)] // more than eighteen hours
    public void A_delay_stays_within_its_field(int milliseconds, uint expected) =>
        Assert.Equal(expected, ReceptionStatistics.NtpDelay(TimeSpan.FromMilliseconds(milliseconds)));

    private void Begin(int sequence)
    {
        Arrive(sequence);
        Assert.True(Arrive(sequence + 1));
    }

    private bool Arrive(int sequence) => _statistics.OnPacket(_now, (ushort)sequence, 0);
}
