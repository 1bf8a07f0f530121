using Sluice.Bench.Report;

namespace Sluice.Server.Tests.Bench;

/// <summary>Reports as a run would make them, for the tests of what is made of them.</summary>
internal static class Reports
{
    public static BenchReport Empty { get; } = new()
    {
        StartedAt = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero), Machine = new MachineDescription("A & B <processor>", 2, "Linux", ".NET", "AES-NI"), Shape = "clip",
        Floor = [], Load = [], Joins = [], Delays = [],
    };

    /// <summary>A report in which every bar that a run can judge is met.</summary>
    public static BenchReport Good { get; } = Empty with
    {
        Floor = [Floor(Bars.IdealShape, SrtpNames.Gcm, 50, 1.6), Floor(Bars.IdealShape, SrtpNames.Gcm, 400, 1.5), Floor("clip", SrtpNames.Gcm, 400, 1.9)],
        Load =
        [
            Row("fanout", SrtpNames.Gcm, 50, 2.4), Row("fanout", SrtpNames.Gcm, 400, 2.1), Row("fanout", SrtpNames.CounterMode, 400, 2.7),
            Row("low", SrtpNames.Gcm, 400, 3), Row("audio", SrtpNames.Gcm, 400, 5),
            Row("crowd", SrtpNames.Gcm, Bars.CrowdBase, 2.4) with { LatenessP99 = 27 }, Row("crowd", SrtpNames.Gcm, Bars.CrowdViewers, 2.3) with { LatenessP99 = 46 },
            Row("publishers", SrtpNames.Gcm, 400, 2.5) with { Publishers = 200 }, Row("rooms", SrtpNames.Gcm, 1500, 2.2) with { Publishers = 20 },
            Row(Bars.BaseOf("publishers"), SrtpNames.Gcm, 400, 2.1), Row(Bars.BaseOf("rooms"), SrtpNames.Gcm, 400, 2.1), Row(Bars.BaseOf("crowd"), SrtpNames.Gcm, 400, 2.1),
            Row("good alone", SrtpNames.Gcm, 100, 2.3), Row("beside bad", SrtpNames.Gcm, 100, 2.3),
        ],
        Joins = [Join(0, 900)],
        Delays = [new DelayRow(Bars.Delay, Bars.DelayViewers, 1000, 0.4, 3, 9, false)],
    };

    public static LoadRow Row(string scenario, string srtp, int viewers, double cost) => new()
    {
        Scenario = scenario, Srtp = srtp, Publishers = 1, Viewers = viewers, Failed = 0, Silent = 0, PacketsPerSecond = viewers * 347, MegabitsPerSecond = viewers * 2.4,
        Microseconds = cost, User = cost / 3, System = cost * 2 / 3, Least = cost - 0.1, Most = cost + 0.1, Cores = cost * viewers * 347e-6, Lost = 0, Expected = viewers * 8000L,
        Dropped = 0, ServerDrops = 0, LatenessMedian = 12, LatenessP99 = 27, LatenessMax = 40, Kilobytes = 90, JoinMilliseconds = 2, GeneratorMicroseconds = 0.9,
        GeneratorCores = 0.2, ForeignCores = 0.01, PublisherLag = 1, Windows = 3, IsDisturbed = false,
    };

    public static FloorRow Floor(string shape, string srtp, int viewers, double cost) => new()
    {
        Shape = shape, Srtp = srtp, Viewers = viewers, Microseconds = cost, User = 0.3, System = cost - 0.3, Least = cost, Most = cost, Cores = 0.2, PacketsPerRun = 4, IsDisturbed = false,
        Refused = 0,
    };

    public static JoinRow Join(int failed, double slowest) => new()
    {
        Viewers = Bars.JoinViewers, Seconds = 5, Failed = failed, CpuMilliseconds = 2, GeneratorMilliseconds = 2, LoopMilliseconds = 1, ServerDrops = 0,
        Answer = new Times(3, 9, 20), Connected = new Times(50, 400, 500), Packet = new Times(60, 500, 600), Frame = new Times(80, 700, slowest),
    };
}
