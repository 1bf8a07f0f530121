using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sluice.Bench.Report;

/// <summary>Judges a report by the bars Sluice sets itself.</summary>
internal static class Bars
{
    public const int FanOutViewers = 400;
    public const int CrowdViewers = 1500;
    public const int CrowdBase = 50;
    public const string Crowd = "crowd";
    public const string CrowdOfRuns = "crowd/gro";
    public const string Delay = "delay";
    public const int DelayViewers = 100;
    public const int JoinViewers = 1000;
    public const string IdealShape = "9-packet pictures";

    private const double GcmMicroseconds = 2.2;
    private const double CounterModeMicroseconds = 2.8;
    private const double FloorRatio = 1.5;
    private const double CrowdLateness = 20;
    private const double DelayMedian = 1;
    private const double DelayP99 = 5;
    private const double MemoryKilobytes = 100;
    private const double JoinMilliseconds = 2.5;
    private const double JoinSeconds = 5;
    private const double FrameMilliseconds = 1000;
    private const double Spread = 0.2;
    private const double Step = 4; // the generator looks every 4 ms: a smaller difference is none

    private const string Scenarios = "the scenario was not run";

    /// <summary>What the rows of the relaying floor under a scenario's load are called.</summary>
    public static string FloorOf(string scenario) => scenario + " floor";

    /// <summary>What the rows of one publisher with <see cref="FanOutViewers"/> viewers are called that were measured in turn with a scenario.</summary>
    public static string BaseOf(string scenario) => scenario + " base";

    public static List<Bar> Judge(BenchReport report) =>
    [
        Cost(report, SrtpNames.Gcm, GcmMicroseconds),
        OverFloor(report),
        Cost(report, SrtpNames.CounterMode, CounterModeMicroseconds),
        Reported(report, "low", "600 kbit/s"),
        Reported(report, "audio", "sound alone"),
        CrowdLoss(report),
        CrowdLate(report),
        DelayOf(report, "forwarding delay, median", DelayMedian, static row => row.Median),
        DelayOf(report, "forwarding delay, p99", DelayP99, static row => row.P99),
        Memory(report),
        JoinCost(report),
        JoinTime(report),
        new Bar("bytes allocated per packet", "0", "", Verdict.NotMeasured, "the tests' allocation ledger decides"),
        Scaling(report, "publishers", "200 publishers with 2 viewers each"),
        Scaling(report, "rooms", "20 publishers with 75 viewers each"),
        Scaling(report, "crowd", "1 publisher with 1500 viewers"),
        HostileLoss(report),
        HostileLate(report),
    ];

    private static Bar Cost(BenchReport report, string srtp, double limit)
    {
        var what = $"server CPU per packet, N = {FanOutViewers}, {srtp}";
        var row = report.Find("fanout", srtp, FanOutViewers);
        if (Unusable(row, what, At(limit, "us")) is { } bar) return bar;
        var relay = report.Find(FloorOf("fanout"), srtp, FanOutViewers);
        return Judged(what, At(limit, "us"), row!.Microseconds <= limit, $"{Text(row.Microseconds)} us", FloorsOf(report, srtp, relay, row.Microseconds), IsUsable(relay) && relay.Microseconds > limit);
    }

    private static string FloorsOf(BenchReport report, string srtp, LoadRow? relay, double measured)
    {
        var parts = new List<string>();
        if (IsUsable(relay)) parts.Add($"relaying this stream {Text(relay.Microseconds)} us, {Text(measured / relay.Microseconds)} times");
        if (report.FindFloor(report.Shape, srtp, FanOutViewers) is { IsDisturbed: false, Refused: 0 } own) parts.Add($"sending its runs {Text(own.Microseconds)} us");
        if (report.FindFloor(IdealShape, srtp, FanOutViewers) is { IsDisturbed: false, Refused: 0 } ideal) parts.Add($"sending ideal runs {Text(ideal.Microseconds)} us");
        return parts.Count == 0 ? "" : $"floor: {string.Join(", ", parts)}";
    }

    private static Bar OverFloor(BenchReport report)
    {
        const string What = "the same over the floor of the same run";
        var wanted = $"at most {Text(FloorRatio)} times";
        var row = report.Find("fanout", SrtpNames.Gcm, FanOutViewers);
        if (Unusable(row, What, wanted) is { } bar) return bar;
        var floor = report.FindFloor(IdealShape, SrtpNames.Gcm, FanOutViewers);
        if (floor is null) return new Bar(What, wanted, "", Verdict.NotMeasured, "the floor was not run");
        if (floor.IsDisturbed || floor.Refused > 0) return new Bar(What, wanted, "", Verdict.NotMeasured, "the floor was disturbed");
        var own = report.FindFloor(report.Shape, SrtpNames.Gcm, FanOutViewers);
        var ratio = row!.Microseconds / floor.Microseconds;
        return Judged(
            What, wanted, ratio <= FloorRatio, $"{Text(ratio)} times {Text(floor.Microseconds)} us",
            own is null ? "" : $"the stream's own runs cost the floor {Text(own.Microseconds)} us, {Text(row.Microseconds / own.Microseconds)} times");
    }

    private static Bar Reported(BenchReport report, string scenario, string words)
    {
        var row = report.Find(scenario, SrtpNames.Gcm, FanOutViewers) ?? report.Load.LastOrDefault(r => r.Scenario == scenario);
        return new Bar(
            $"server CPU per packet, {words}", "at most half of Janus'", row is null ? "" : $"{Text(row.Microseconds)} us at N = {row.Viewers}", Verdict.NotMeasured,
            row is null ? Scenarios : "Janus is measured by bench/compare");
    }

    private static Bar CrowdLoss(BenchReport report)
    {
        var what = $"loss at N = {CrowdViewers}";
        var row = report.Load.FirstOrDefault(static r => r.Scenario == Crowd && r.Viewers == CrowdViewers);
        return Unusable(row, what, "none by the server")
            ?? Judged(what, "none by the server", IsSound(row!), Losses(row!), OwnDrops(row!));
    }

    private static Bar CrowdLate(BenchReport report)
    {
        var what = $"lateness p99 at N = {CrowdViewers} over that at N = {CrowdBase}";
        var wanted = At(CrowdLateness, "ms");
        var (row, few) = CrowdRows(report, Crowd);
        if ((Unusable(row, what, wanted) ?? Unusable(few, what, wanted)) is { } bar) return bar;
        var (floor, fewOfFloor) = CrowdRows(report, FloorOf(Crowd));
        var hasFloor = IsUsable(floor) & IsUsable(fewOfFloor);
        // Server and generator share the cores. Where those are full, what is late is the machine.
        var why = string.Create(CultureInfo.InvariantCulture, $"server and generator take {row!.Cores + row.GeneratorCores:0.0} cores");
        if (hasFloor) why += $"; floor: {floor!.LatenessP99:0} and {fewOfFloor!.LatenessP99:0} ms";
        var (rowOfRuns, fewOfRuns) = CrowdRows(report, CrowdOfRuns);
        if (IsUsable(rowOfRuns) && IsUsable(fewOfRuns)) why += $"; where receivers take runs whole (UDP_GRO) {rowOfRuns.LatenessP99:0} and {fewOfRuns.LatenessP99:0} ms";
        var (floorOfRuns, fewOfFloorOfRuns) = CrowdRows(report, FloorOf(CrowdOfRuns));
        if (IsUsable(floorOfRuns) && IsUsable(fewOfFloorOfRuns)) why += $", floor: {floorOfRuns.LatenessP99:0} and {fewOfFloorOfRuns.LatenessP99:0} ms";
        return Judged(what, wanted, IsPunctual(row, few!), $"{row.LatenessP99:0} and {few!.LatenessP99:0} ms", why, hasFloor && !IsPunctual(floor!, fewOfFloor!));
    }

    private static bool IsPunctual(LoadRow many, LoadRow few) => many.LatenessP99 - few.LatenessP99 <= CrowdLateness;

    private static (LoadRow? Many, LoadRow? Few) CrowdRows(BenchReport report, string scenario) =>
        (report.Load.FirstOrDefault(r => r.Scenario == scenario && r.Viewers == CrowdViewers),
            report.Load.FirstOrDefault(r => r.Scenario == scenario && r.Viewers == CrowdBase));

    private static Bar DelayOf(BenchReport report, string what, double limit, Func<DelayRow, double> figure)
    {
        what = $"{what}, N = {DelayViewers}";
        var wanted = string.Create(CultureInfo.InvariantCulture, $"below {limit:0.##} ms");
        var row = report.Delays.FirstOrDefault(static r => r is { Scenario: Delay, Viewers: DelayViewers });
        if (row is null) return new Bar(what, wanted, "", Verdict.NotMeasured, Scenarios);
        if (row.IsDisturbed || row.Packets == 0) return new Bar(what, wanted, "", Verdict.NotMeasured, row.Packets == 0 ? "no packet could be timed" : Disturbed);
        var floor = report.Delays.FirstOrDefault(static r => r.Scenario == FloorOf(Delay) && r is { Viewers: DelayViewers, IsDisturbed: false, Packets: > 0 });
        return Judged(
            what, wanted, figure(row) < limit, $"{Text(figure(row))} ms", floor is null ? "" : $"floor: {Text(figure(floor))} ms, {Text(figure(row) / figure(floor))} times", floor is not null && figure(floor) >= limit);
    }

    private static Bar Memory(BenchReport report)
    {
        const string What = "memory per viewer";
        var row = report.Find("fanout", SrtpNames.Gcm, FanOutViewers);
        var wanted = At(MemoryKilobytes, "kB");
        if (row is null || double.IsNaN(row.Kilobytes)) return new Bar(What, wanted, "", Verdict.NotMeasured, Scenarios);
        return Judged(What, wanted, row.Kilobytes <= MemoryKilobytes, $"{row.Kilobytes:0} kB at N = {row.Viewers}", "");
    }

    private static Bar JoinCost(BenchReport report)
    {
        const string What = "server CPU per join";
        var wanted = At(JoinMilliseconds, "ms");
        if (report.Joins.FirstOrDefault(static r => r.Viewers == JoinViewers && !double.IsNaN(r.CpuMilliseconds)) is { } crowd)
            return Judged(What, wanted, crowd.CpuMilliseconds <= JoinMilliseconds, $"{Text(crowd.CpuMilliseconds)} ms over {crowd.Viewers} joins", "");
        var row = report.Find("fanout", SrtpNames.Gcm, FanOutViewers);
        if (row is null || double.IsNaN(row.JoinMilliseconds)) return new Bar(What, wanted, "", Verdict.NotMeasured, Scenarios);
        return Judged(What, wanted, row.JoinMilliseconds <= JoinMilliseconds, $"{Text(row.JoinMilliseconds)} ms on the way to N = {row.Viewers}", "");
    }

    private static Bar JoinTime(BenchReport report)
    {
        var what = $"{JoinViewers} viewers within {JoinSeconds:0} s, POST to first picture";
        var wanted = At(FrameMilliseconds, "ms");
        var row = report.Joins.FirstOrDefault(static r => r.Viewers == JoinViewers);
        if (row is null) return new Bar(what, wanted, "", Verdict.NotMeasured, Scenarios);
        return Judged(
            what, wanted, row.Failed == 0 && row.Frame.Max <= FrameMilliseconds, $"{row.Frame.Max:0} ms at most, {row.Frame.P99:0} ms p99, {row.Failed} failed",
            row.Seconds > JoinSeconds * 1.1 ? $"the POSTs took {Text(row.Seconds)} s to be answered" : "");
    }

    private static Bar Scaling(BenchReport report, string scenario, string words)
    {
        var what = $"server CPU per packet, {words}";
        var wanted = $"within {Spread * 100:0} % of N = {FanOutViewers}";
        var row = report.Load.LastOrDefault(r => r.Scenario == scenario && r.Publishers * r.Viewers != 0 && r.Viewers != CrowdBase);
        // Minutes before, the machine may have been another: the row of the fan-out scenario is no measure for this one.
        var normal = report.Find(BaseOf(scenario), row?.Srtp ?? SrtpNames.Gcm, FanOutViewers);
        if ((Unusable(row, what, wanted) ?? Unusable(normal, what, wanted)) is { } bar) return bar;
        if (!IsSound(normal!)) return new Bar(what, wanted, "", Verdict.NotMeasured, $"what it is compared with lost packets or viewers: {Losses(normal!)}");
        var floor = report.Load.FirstOrDefault(r => r.Scenario == FloorOf(scenario) && r.Viewers == row!.Viewers);
        var why = new List<string>();
        if (row!.Lost > 0 || row.Failed > 0) why.Add(Losses(row));
        if (IsUsable(floor)) why.Add($"floor: {Text(floor.Microseconds)} us, {Text(row.Microseconds / floor.Microseconds)} times");
        return Judged(
            what, wanted, Scales(row, normal!) && IsSound(row), $"{Text(row.Microseconds)} against {Text(normal!.Microseconds)} us",
            string.Join("; ", why), IsUsable(floor) && !Scales(floor, normal));
    }

    private static bool IsSound(LoadRow row) => row.Lost == 0 && row.Failed + row.Silent == 0;

    private static bool Scales(LoadRow row, LoadRow normal) => row.Microseconds <= normal.Microseconds * (1 + Spread);

    private static Bar HostileLoss(BenchReport report)
    {
        const string What = "loss of 100 good viewers beside three bad ones";
        var (alone, beside) = Hostile(report);
        if ((Unusable(alone, What, "unchanged") ?? Unusable(beside, What, "unchanged")) is { } bar) return bar;
        return Judged(What, "unchanged", beside!.LossPercent <= alone!.LossPercent, $"{Losses(beside)}; alone {Losses(alone)}", OwnDrops(beside));
    }

    private static Bar HostileLate(BenchReport report)
    {
        const string What = "their lateness p99";
        var (alone, beside) = Hostile(report);
        if ((Unusable(alone, What, "unchanged") ?? Unusable(beside, What, "unchanged")) is { } bar) return bar;
        return Judged(
            What, "unchanged", beside!.LatenessP99 <= alone!.LatenessP99 + Step, $"{beside.LatenessP99:0} ms; alone {alone.LatenessP99:0} ms", "a difference below 4 ms is none");
    }

    private static (LoadRow? Alone, LoadRow? Beside) Hostile(BenchReport report) =>
        (report.Load.FirstOrDefault(static r => r.Scenario == "good alone"), report.Load.FirstOrDefault(static r => r.Scenario == "beside bad"));

    private const string Disturbed = "other processes disturbed every window";

    private static Bar? Unusable(LoadRow? row, string what, string wanted) => row switch
    {
        null => new Bar(what, wanted, "", Verdict.NotMeasured, Scenarios),
        { IsDisturbed: true } => new Bar(what, wanted, "", Verdict.NotMeasured, Disturbed),
        _ => null,
    };

    private static Bar Judged(string what, string wanted, bool isMet, string measured, string why, bool floorMisses = false) =>
        new(what, wanted, measured, isMet ? Verdict.Met : floorMisses ? Verdict.MissedByFloor : Verdict.Missed, why);

    private static bool IsUsable([NotNullWhen(true)] LoadRow? row) => row is { IsDisturbed: false };

    private static string Losses(LoadRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{row.Lost} of {row.Expected} lost{(row.Failed + row.Silent > 0 ? $", {row.Failed} viewers failed, {row.Silent} silent" : "")}");

    private static string OwnDrops(LoadRow row) => row.Dropped > 0 ? $"{row.Dropped} more were dropped by the generator's own sockets" : "";

    private static string At(double limit, string unit) => string.Create(CultureInfo.InvariantCulture, $"at most {limit:0.##} {unit}");

    private static string Text(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
