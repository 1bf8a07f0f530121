using Sluice.Bench.Report;

namespace Sluice.Server.Tests.Bench;

public sealed class BarsTests
{
    private const string Cost = "server CPU per packet, N = 400, GCM";

    [Fact]
    public void Nothing_measured_is_neither_met_nor_missed() =>
        Assert.All(Bars.Judge(Reports.Empty), static bar =>
        {
            Assert.Equal(Verdict.NotMeasured, bar.Verdict);
            Assert.NotEmpty(bar.Why);
        });

    [Fact]
    public void A_good_report_meets_every_bar_it_can_judge()
    {
        var bars = Bars.Judge(Reports.Good);

        Assert.DoesNotContain(bars, static bar => bar.Verdict is Verdict.Missed or Verdict.MissedByFloor);
        // What others measure: Janus for two rows, the ledger for one.
        Assert.Equal(3, bars.Count(static bar => bar.Verdict == Verdict.NotMeasured));
        Assert.Equal(bars.Count, bars.Select(static bar => bar.What).Distinct().Count());
    }

    [Theory]
    [InlineData(2.2, Verdict.Met)]
    [InlineData(2.21, Verdict.Missed)]
    public void A_bar_is_met_at_its_edge(double cost, Verdict verdict)
    {
        var bar = Judge(Cost, "fanout", Bars.FanOutViewers, SrtpNames.Gcm, row => row with { Microseconds = cost });

        Assert.Equal(verdict, bar.Verdict);
    }

    [Fact]
    public void A_machine_whose_floor_is_too_dear_is_named_as_the_reason()
    {
        var slow = Reports.Good with
        {
            Floor = [Reports.Floor(Bars.IdealShape, SrtpNames.Gcm, 400, 2.0)],
            Load = Changed("fanout", Bars.FanOutViewers, SrtpNames.Gcm, static row => row with { Microseconds = 2.9 }),
        };

        var bars = Bars.Judge(slow);

        Assert.Equal(Verdict.Missed, bars[0].Verdict);
        Assert.Contains("ideal runs 2.00 us", bars[0].Why, StringComparison.Ordinal);
        Assert.Equal(Verdict.Met, bars[1].Verdict); // 1.45 times
    }

    [Theory]
    [InlineData(1.41, Verdict.Met)]
    [InlineData(1.39, Verdict.Missed)]
    public void The_floor_of_the_same_run_decides(double floor, Verdict verdict)
    {
        var report = Reports.Good with { Floor = [Reports.Floor(Bars.IdealShape, SrtpNames.Gcm, 400, floor)] };

        Assert.Equal(verdict, Bars.Judge(report)[1].Verdict);
    }

    [Fact]
    public void A_disturbed_row_judges_nothing()
    {
        var bar = Judge(Cost, "fanout", Bars.FanOutViewers, SrtpNames.Gcm, static row => row with { IsDisturbed = true, Microseconds = 99 });

        Assert.Equal(Verdict.NotMeasured, bar.Verdict);
        Assert.Contains("disturbed", bar.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disturbed_floor_judges_nothing()
    {
        var report = Reports.Good with { Floor = [Reports.Floor(Bars.IdealShape, SrtpNames.Gcm, 400, 1.5) with { IsDisturbed = true }] };

        Assert.Equal(Verdict.NotMeasured, Bars.Judge(report)[1].Verdict);
    }

    [Fact]
    public void One_packet_lost_by_the_server_is_too_many_and_the_generators_own_drops_are_not()
    {
        const string What = "loss at N = 1500";
        Assert.Equal(Verdict.Missed, Judge(What, "crowd", Bars.CrowdViewers, SrtpNames.Gcm, static row => row with { Lost = 1 }).Verdict);
        Assert.Equal(Verdict.Missed, Judge(What, "crowd", Bars.CrowdViewers, SrtpNames.Gcm, static row => row with { Silent = 1 }).Verdict);
        Assert.Equal(Verdict.Missed, Judge(What, "crowd", Bars.CrowdViewers, SrtpNames.Gcm, static row => row with { Failed = 1 }).Verdict);
        var dropped = Judge(What, "crowd", Bars.CrowdViewers, SrtpNames.Gcm, static row => row with { Dropped = 5 });
        Assert.Equal(Verdict.Met, dropped.Verdict);
        Assert.Contains("5 more", dropped.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(47, Verdict.Met)]
    [InlineData(48, Verdict.Missed)]
    public void Lateness_of_a_crowd_is_against_a_few(double late, Verdict verdict) =>
        Assert.Equal(verdict, Judge("lateness p99 at N = 1500 over that at N = 50", "crowd", Bars.CrowdViewers, SrtpNames.Gcm, row => row with { LatenessP99 = late }).Verdict);

    [Theory]
    [InlineData(2.52, Verdict.Met)]
    [InlineData(2.53, Verdict.Missed)]
    public void Many_publishers_are_against_one(double cost, Verdict verdict) =>
        Assert.Equal(
            verdict,
            Judge("server CPU per packet, 200 publishers with 2 viewers each", "publishers", 400, SrtpNames.Gcm, row => row with { Microseconds = cost }).Verdict);

    [Theory]
    [InlineData(0, 1000, Verdict.Met)]
    [InlineData(0, 1001, Verdict.Missed)]
    [InlineData(1, 500, Verdict.Missed)]
    public void A_crowd_joins_in_time_or_does_not(int failed, double slowest, Verdict verdict)
    {
        var bars = Bars.Judge(Reports.Good with { Joins = [Reports.Join(failed, slowest)] });

        Assert.Equal(verdict, bars.Single(static bar => bar.What.StartsWith("1000 viewers", StringComparison.Ordinal)).Verdict);
    }

    [Theory]
    [InlineData(0.99, 4.99, Verdict.Met, Verdict.Met)]
    [InlineData(1, 5, Verdict.Missed, Verdict.Missed)]
    public void Delay_has_two_bars(double median, double p99, Verdict first, Verdict second)
    {
        var bars = Bars.Judge(Reports.Good with { Delays = [new DelayRow(Bars.Delay, Bars.DelayViewers, 10, median, p99, 9, false)] });

        Assert.Equal([first, second], bars.Where(static bar => bar.What.StartsWith("forwarding delay", StringComparison.Ordinal)).Select(static bar => bar.Verdict));
    }

    [Theory]
    [InlineData("fanout", 400, 2.19, Verdict.Missed)]
    [InlineData("fanout", 400, 2.21, Verdict.MissedByFloor)]
    [InlineData("publishers", 400, 2.9, Verdict.Missed)]
    [InlineData("publishers", 400, 3.7, Verdict.MissedByFloor)]
    public void A_bar_the_relaying_floor_misses_too_says_so(string scenario, int viewers, double floor, Verdict verdict)
    {
        var load = Changed(scenario, viewers, SrtpNames.Gcm, static row => row with { Microseconds = 4 });
        if (scenario == "publishers") load = [.. load.Select(static row => row.Scenario == Bars.BaseOf("publishers") ? row with { Microseconds = 3 } : row)];
        load.Add(Reports.Row(Bars.FloorOf(scenario), SrtpNames.Gcm, viewers, floor));

        var words = scenario == "fanout" ? Cost : "server CPU per packet, 200 publishers with 2 viewers each";
        var bar = Bars.Judge(Reports.Good with { Load = load }).Single(bar => bar.What == words);
        Assert.Equal(verdict, bar.Verdict);
        Assert.Contains("floor: ", bar.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2.52, Verdict.Missed)]
    [InlineData(2.53, Verdict.MissedByFloor)]
    public void A_floor_that_scales_badly_by_itself_excuses_nobody_where_it_keeps_the_bar(double many, Verdict verdict)
    {
        var load = Changed("publishers", 400, SrtpNames.Gcm, static row => row with { Microseconds = 2.6 });
        load.Add(Reports.Row(Bars.FloorOf("publishers"), SrtpNames.Gcm, 400, many) with { Publishers = 200 });

        var bar = Bars.Judge(Reports.Good with { Load = load }).Single(static bar => bar.What.Contains("200 publishers", StringComparison.Ordinal));
        Assert.Equal(verdict, bar.Verdict);
    }

    [Theory]
    [InlineData("publishers", "200 publishers", 400)]
    [InlineData("rooms", "20 publishers", 1500)]
    [InlineData("crowd", "1 publisher with", 1500)]
    public void Scaling_is_against_what_was_measured_in_turn_and_not_against_a_row_of_minutes_before(string scenario, string words, int viewers)
    {
        var load = Changed(scenario, viewers, SrtpNames.Gcm, static row => row with { Microseconds = 2 });
        Assert.Equal(Verdict.Met, Of(load).Verdict);

        var quicker = load.ConvertAll(row => row.Scenario == Bars.BaseOf(scenario) ? row with { Microseconds = 1.6 } : row);
        Assert.Equal(Verdict.Missed, Of(quicker).Verdict);
        Assert.Equal("2.00 against 1.60 us", Of(quicker).Measured);

        var slowBefore = quicker.ConvertAll(static row => row.Scenario == "fanout" ? row with { Microseconds = 9 } : row);
        Assert.Equal(Verdict.Missed, Of(slowBefore).Verdict);

        Assert.Equal(Verdict.NotMeasured, Of(load.FindAll(row => row.Scenario != Bars.BaseOf(scenario))).Verdict);
        foreach (var broken in new Func<LoadRow, LoadRow>[] { static row => row with { Lost = 1 }, static row => row with { Failed = 1 }, static row => row with { Silent = 1 }, static row => row with { IsDisturbed = true } })
        {
            Assert.Equal(Verdict.NotMeasured, Of(load.ConvertAll(row => row.Scenario == Bars.BaseOf(scenario) ? broken(row) : row)).Verdict);
            Assert.NotEqual(Verdict.Met, Of(load.ConvertAll(row => row.Scenario == scenario ? broken(row) : row)).Verdict);
        }

        Bar Of(List<LoadRow> rows) => Bars.Judge(Reports.Good with { Load = rows }).Single(bar => bar.What.StartsWith($"server CPU per packet, {words}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(47, Verdict.Missed)]
    [InlineData(48, Verdict.MissedByFloor)]
    public void A_crowd_that_is_late_is_late_with_the_floor_or_without(double floor, Verdict verdict)
    {
        var load = Changed(Bars.Crowd, Bars.CrowdViewers, SrtpNames.Gcm, static row => row with { LatenessP99 = 60 });
        load.Add(Reports.Row(Bars.FloorOf(Bars.Crowd), SrtpNames.Gcm, Bars.CrowdBase, 2) with { LatenessP99 = 27 });
        load.Add(Reports.Row(Bars.FloorOf(Bars.Crowd), SrtpNames.Gcm, Bars.CrowdViewers, 2) with { LatenessP99 = floor });

        var bar = Bars.Judge(Reports.Good with { Load = load }).Single(static bar => bar.What.StartsWith("lateness p99", StringComparison.Ordinal));
        Assert.Equal(verdict, bar.Verdict);
    }

    [Theory]
    [InlineData(0.9, Verdict.Missed)]
    [InlineData(1.1, Verdict.MissedByFloor)]
    public void Delay_has_its_floor(double floor, Verdict verdict)
    {
        var bars = Bars.Judge(Reports.Good with
        {
            Delays = [new DelayRow(Bars.Delay, Bars.DelayViewers, 10, 1.5, 3, 9, false), new DelayRow(Bars.FloorOf(Bars.Delay), Bars.DelayViewers, 10, floor, 3, 9, false)],
        });

        Assert.Equal(verdict, bars.First(static bar => bar.What.StartsWith("forwarding delay", StringComparison.Ordinal)).Verdict);
    }

    [Fact]
    public void Bad_viewers_may_cost_the_good_ones_nothing()
    {
        Assert.Equal(Verdict.Missed, Judge("loss of 100 good viewers beside three bad ones", "beside bad", 100, SrtpNames.Gcm, static row => row with { Lost = 3 }).Verdict);
        Assert.Equal(Verdict.Met, Judge("their lateness p99", "beside bad", 100, SrtpNames.Gcm, static row => row with { LatenessP99 = 31 }).Verdict);
        Assert.Equal(Verdict.Missed, Judge("their lateness p99", "beside bad", 100, SrtpNames.Gcm, static row => row with { LatenessP99 = 32 }).Verdict);
    }

    [Fact]
    public void Memory_and_joins_have_theirs()
    {
        Assert.Equal(Verdict.Missed, Judge("memory per viewer", "fanout", 400, SrtpNames.Gcm, static row => row with { Kilobytes = 101 }).Verdict);
        var report = Reports.Good with { Joins = [], Load = Changed("fanout", 400, SrtpNames.Gcm, static row => row with { JoinMilliseconds = 2.6 }) };
        Assert.Equal(Verdict.Missed, Bars.Judge(report).Single(static bar => bar.What == "server CPU per join").Verdict);
    }

    private static Bar Judge(string what, string scenario, int viewers, string srtp, Func<LoadRow, LoadRow> change) =>
        Bars.Judge(Reports.Good with { Load = Changed(scenario, viewers, srtp, change) }).Single(bar => bar.What == what);

    private static List<LoadRow> Changed(string scenario, int viewers, string srtp, Func<LoadRow, LoadRow> change) =>
        [.. Reports.Good.Load.Select(row => row.Scenario == scenario && row.Viewers == viewers && row.Srtp == srtp ? change(row) : row)];
}
