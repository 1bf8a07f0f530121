using Sluice.Bench.Load;

namespace Sluice.Server.Tests.Bench;

public sealed class StreamCounterTests
{
    [Theory]
    [InlineData(new ushort[] { 5, 6, 7, 8 }, 4, 4)]
    [InlineData(new ushort[] { 5, 6, 8 }, 3, 4)] // one lost
    [InlineData(new ushort[] { 5, 7, 6, 8 }, 4, 4)] // two in another order
    [InlineData(new ushort[] { 5, 6, 6, 7 }, 4, 3)] // one twice
    [InlineData(new ushort[] { 6, 5, 7 }, 3, 3)] // the first two in another order
    [InlineData(new ushort[] { 65_534, 65_535, 0, 1 }, 4, 4)] // over the end of the numbers
    [InlineData(new ushort[] { 65_534, 1 }, 2, 4)] // with a loss there
    [InlineData(new ushort[] { 65_535, 1, 0 }, 3, 3)] // with another order there
    [InlineData(new ushort[] { 0, 65_535, 1 }, 3, 3)] // with the first one late
    public void Gaps_are_found_by_numbers(ushort[] sequences, long received, long expected)
    {
        var counter = default(StreamCounter);
        counter.Begin(1, 96);
        foreach (var sequence in sequences) counter.Count(sequence);

        Assert.Equal((received, expected), (counter.Received, counter.Expected));
    }

    [Fact]
    public void Numbers_may_wrap_many_times()
    {
        var counter = default(StreamCounter);
        for (var i = 0; i < 200_000; i++)
        {
            if (i % 1000 != 7) counter.Count((ushort)(60_000 + i));
        }

        Assert.Equal(200_000, counter.Expected);
        Assert.Equal(200, counter.Expected - counter.Received);
    }

    [Fact]
    public void The_distance_tells_loss_from_lateness()
    {
        var counter = default(StreamCounter);

        Assert.Equal([1, 1, 3, -1, 0, 1], new ushort[] { 10, 11, 14, 13, 14, 15 }.Select(sequence => counter.Count(sequence)));
    }

    [Fact]
    public void Lateness_is_against_the_best_packet()
    {
        var counter = default(StreamCounter);

        Assert.Equal(0, counter.Lateness(1_000_000_000, 90_000, 90_000));
        Assert.Equal(5_000_000, counter.Lateness(1_105_000_000, 99_000, 90_000)); // 100 ms later by its timestamp, 105 by the clock
        Assert.Equal(0, counter.Lateness(1_190_000_000, 108_000, 90_000)); // a better one than the first
        Assert.Equal(10_000_000, counter.Lateness(1_300_000_000, 117_000, 90_000));
    }

    [Fact]
    public void Timestamps_may_wrap()
    {
        var counter = default(StreamCounter);
        counter.Lateness(0, uint.MaxValue - 44_999, 90_000);

        Assert.Equal(2_000_000, counter.Lateness(1_002_000_000, 45_000, 90_000));
        Assert.Equal(1_000_000, counter.Lateness(501_000_000, 0, 90_000)); // a packet from before it
    }

    [Fact]
    public void A_stream_that_begins_anew_is_measured_anew()
    {
        var counter = default(StreamCounter);
        counter.Lateness(0, 0, 90_000);

        Assert.Equal(0, counter.Lateness(60_000_000_000, 3000, 90_000));
        Assert.Equal(1_000_000, counter.Lateness(60_034_333_334, 6000, 90_000), 10.0);
    }

    [Fact]
    public void Percentiles_are_lower_edges_of_steps()
    {
        var times = new Histogram(1_000_000, 100);
        for (var i = 0; i < 100; i++) times.Add(i * 1_000_000 + 500_000);

        Assert.Equal(49, times.Percentile(0.5));
        Assert.Equal(98, times.Percentile(0.99));
        Assert.Equal(99.5, times.MaxMilliseconds);
        times.Add(long.MaxValue / 2);
        Assert.Equal(99, times.Percentile(1)); // what is beyond the steps counts in the last
    }

    [Fact]
    public void Nothing_has_no_percentile()
    {
        var times = new Histogram(1_000_000, 100);
        Assert.True(double.IsNaN(times.Percentile(0.5)));
        times.Add(-5); // a clock that was set back
        Assert.Equal(0, times.Percentile(0.5));
        times.Clear();
        Assert.True(double.IsNaN(times.Percentile(0.5)));
    }

    [Fact]
    public void Merged_times_count_both()
    {
        var first = new Histogram(1_000_000, 100);
        var second = new Histogram(1_000_000, 100);
        first.Add(1_000_000);
        second.Add(9_000_000);
        first.Merge(second);

        Assert.Equal((2, 9.0, 9.0), (first.Count, first.Percentile(1), first.MaxMilliseconds));
        Assert.Equal(1, second.Count);
    }
}
