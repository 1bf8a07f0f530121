using Sluice.Bench.Report;

namespace Sluice.Server.Tests.Bench;

public sealed class FloorRowTests
{
    [Fact]
    public void Rows_of_one_load_are_summed_up_by_their_median()
    {
        var row = FloorRow.Of([Row(1.9), Row(1.5), Row(1.7)]);

        Assert.Equal((1.7, 1.4, 2.0), (row.Microseconds, Math.Round(row.Least, 3), Math.Round(row.Most, 3)));
    }

    [Fact]
    public void Disturbed_ones_do_not_count_while_one_is_quiet()
    {
        var row = FloorRow.Of([Row(1.1, isDisturbed: true), Row(1.8), Row(3, isDisturbed: true)]);

        Assert.Equal((1.8, false), (row.Microseconds, row.IsDisturbed));
    }

    [Fact]
    public void Where_none_is_quiet_it_says_so() => Assert.True(FloorRow.Of([Row(1.1, isDisturbed: true), Row(1.8, isDisturbed: true)]).IsDisturbed);

    [Fact]
    public void What_the_kernel_refused_is_not_lost_with_the_rows_left_out() => Assert.Equal(5, FloorRow.Of([Row(1, refused: 3), Row(2), Row(3, isDisturbed: true, refused: 2)]).Refused);

    private static FloorRow Row(double cost, bool isDisturbed = false, long refused = 0) =>
        Reports.Floor("clip", "GCM", 400, cost) with { Least = cost - 0.1, Most = cost + 0.1, IsDisturbed = isDisturbed, Refused = refused };
}
