using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtp;

public class RttEstimatorTests
{
    private readonly RttEstimator _rtt = new(TimeSpan.FromMilliseconds(100));

    [Fact]
    public void The_example_of_the_rfc_gives_its_result()
    {
        // RFC 3550 §6.4.1, figure 2: A = b710:8000, DLSR = 0005:4000, LSR = b705:2000, delay 6.125 s.
        Assert.True(_rtt.OnReport(new NtpTime(0x0000_b710_8000_0000), 0xb705_2000, 0x0005_4000));
        Assert.Equal(6.125, _rtt.Latest.TotalSeconds, 4);
        Assert.Equal(_rtt.Latest, _rtt.Smoothed);
    }

    [Fact]
    public void Before_a_measurement_the_initial_value_holds()
    {
        Assert.False(_rtt.OnReport(new NtpTime(0x1_0000_0000), 0, 0)); // no report of ours was seen
        Assert.False(_rtt.IsMeasured);
        Assert.Equal(TimeSpan.FromMilliseconds(100), _rtt.Smoothed);
    }

    [Theory]
    [InlineData(0x0001_0000u, 0x0002_0000u)] // from the future
    [InlineData(0x0001_0000u, 0x8002_0000u)] // nine hours ago
    [InlineData(0x000b_0001u, 1u)] // eleven seconds
    public void A_sum_no_honest_peer_produces_is_refused(uint arrival, uint lastReport)
    {
        Assert.False(_rtt.OnReport(new NtpTime((ulong)arrival << 16), lastReport, 0));
        Assert.False(_rtt.IsMeasured);
    }

    [Fact]
    public void Rounding_below_zero_is_zero()
    {
        Assert.True(_rtt.OnReport(new NtpTime(0x0001_0000ul << 16), 0x0001_0000, 5));
        Assert.Equal(TimeSpan.Zero, _rtt.Latest);
    }

    [Fact]
    public void The_middle_of_the_clock_may_wrap_between_report_and_answer()
    {
        Assert.True(_rtt.OnReport(new NtpTime(0x0001_0000_1000_0000), 0xffff_f000, 0)); // 0x1000 + 0x1000 units
        Assert.Equal(0x2000 / 65536.0, _rtt.Latest.TotalSeconds, 4);
    }

    [Fact]
    public void The_smoothed_value_follows_slowly_and_the_smallest_is_kept()
    {
        Report(50);
        Report(130);
        Assert.InRange(_rtt.Smoothed.TotalMilliseconds, 59.9, 60.1);
        for (var i = 0; i < 100; i++)
        {
            Report(130);
        }

        Assert.InRange(_rtt.Smoothed.TotalMilliseconds, 129.5, 130.1);
        Assert.InRange(_rtt.Smallest.TotalMilliseconds, 49.9, 50.1);
    }

    private void Report(double milliseconds)
    {
        var sent = new NtpTime(0xe000_1111_0000_0000);
        Assert.True(_rtt.OnReport(sent + TimeSpan.FromMilliseconds(milliseconds + 500), sent.Middle, 32768));
    }
}
