using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Load;
using Sluice.Bench.Measuring;
using Sluice.Bench.Report;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench.Runs;

/// <summary>Runs the scenarios one after the other, each with a fresh server, and reports.</summary>
internal sealed class FanOutRun(BenchOptions options, IReadOnlyList<string> self, TextWriter output)
{
    private const double JoinsPerSecond = 100;
    private const double SlowJoinsPerSecond = 25;
    private const int LastQuickViewer = 1000;
    private const int WarmUpViewers = 200;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    // The runtime compiles what runs often a second time: a fresh server's first seconds are not its cost.
    private static readonly TimeSpan FirstSettling = TimeSpan.FromSeconds(15);

    private readonly List<FloorRow> _floor = [];
    private readonly List<LoadRow> _load = [];
    private readonly List<JoinRow> _joins = [];
    private readonly List<DelayRow> _delays = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Runs all; false where a bar was missed.</summary>
    public async Task<bool> RunAsync()
    {
        var started = DateTimeOffset.UtcNow;
        var clip = LoadClip();
        foreach (var scenario in options.Scenarios)
        {
            await RunAsync(scenario, clip);
        }

        var report = new BenchReport
        {
            StartedAt = started, Machine = MachineDescription.Read(), Shape = clip.Name, Floor = _floor, Load = _load, Joins = _joins, Delays = _delays,
        };
        var bars = Bars.Judge(report);
        await output.WriteLineAsync();
        await output.WriteAsync(TextReport.Write(report, bars));
        if (options.JsonFile is not null) await File.WriteAllBytesAsync(options.JsonFile, JsonReport.Write(report, bars));
        if (options.SvgFile is not null) await File.WriteAllTextAsync(options.SvgFile, SvgPlot.Write(report));
        return !bars.Exists(static bar => bar.Verdict is Verdict.Missed or Verdict.MissedByFloor);
    }

    private async Task RunAsync(Scenario scenario, TrafficShape clip)
    {
        var first = options.Profiles[0];
        switch (scenario)
        {
            case Scenario.FanOut:
                foreach (var profile in options.Profiles)
                {
                    await FloorAsync("ideal", profile, options.Viewers.SkipLast(1));
                    await FloorAsync("clip", profile, options.Viewers.SkipLast(1));
                    await StepsAsync(new Load("fanout", clip, profile, Publishers: 1), options.Viewers, besideFloor: [options.Viewers[^1]], sending: ["ideal", "clip"]);
                }

                break;
            case Scenario.Low:
                await FloorAsync("low", first, options.Viewers);
                await StepsAsync(new Load("low", SyntheticShape.Low(), first, Publishers: 1), options.Viewers, besideFloor: []);
                break;
            case Scenario.Audio:
                await FloorAsync("audio", first, options.Viewers);
                await StepsAsync(new Load("audio", SyntheticShape.Audio(), first, Publishers: 1), options.Viewers, besideFloor: []);
                break;
            case Scenario.Publishers:
                await StepsAsync(new Load("publishers", clip, first, Publishers: 200) { HasBase = true }, [400], besideFloor: [400]);
                break;
            case Scenario.Rooms:
                await StepsAsync(new Load("rooms", clip, first, Publishers: 20) { HasBase = true }, [1500], besideFloor: []);
                break;
            case Scenario.Crowd:
                foreach (var name in new[] { Bars.Crowd, Bars.CrowdOfRuns })
                {
                    int[] steps = [Bars.CrowdBase, Bars.CrowdViewers];
                    await StepsAsync(new Load(name, clip, first, Publishers: 1) { TakesRuns = name == Bars.CrowdOfRuns, IsWhole = true, HasBase = name == Bars.Crowd }, steps, besideFloor: steps);
                }

                break;
            case Scenario.Join:
                await JoinAsync(clip, first);
                break;
            case Scenario.Delay:
                await DelayAsync(clip, first);
                break;
            case Scenario.Hostile:
                await HostileAsync(clip, first);
                break;
        }
    }

    /// <summary>
    /// More and more viewers of the same publishers, measured at each step; at some in turn with the floors, the one that relays and those that send, and at the last
    /// in turn with the load that its cost is compared with.
    /// </summary>
    private async Task StepsAsync(Load load, IReadOnlyList<int> steps, IReadOnlyList<int> besideFloor, params IReadOnlyList<string> sending)
    {
        await using var server = await StartServerAsync();
        await using var rig = new Rig(server, load.Shape, load.Profile, load.TakesRuns);
        var channels = await rig.PublishAsync(load.Publishers);
        var there = 0;
        var failed = 0;
        foreach (var viewers in steps)
        {
            await SayAsync($"{load.Name} {SrtpNames.Of(load.Profile)}: {viewers - there} viewers join");
            // The last of a crowd come slowly: joins cost both sides time, and where there is none to spare all fall behind together.
            var soon = Math.Max(1, Math.Min(viewers, LastQuickViewer) - there);
            var joining = await rig.JoinAsync(soon, channels, JoinsPerSecond);
            failed += await FailedAsync(joining);
            if (viewers - there > soon) failed += await FailedAsync(await rig.JoinAsync(viewers - there - soon, channels, SlowJoinsPerSecond));
            there = viewers;
            await Task.Delay(there == steps[0] ? FirstSettling : Settling);
            var hasFloor = options.HasFloor && besideFloor.Contains(viewers);
            var hasBase = load.HasBase && viewers == steps[^1];
            var own = new Measured(load.Name, load.Publishers, viewers, failed, rig.Meter);
            List<Measured> all = [own];
            if (hasFloor || hasBase) await MeasureInTurnAsync(all, load, hasFloor, hasBase, sending);
            else own.Windows = await MeasureAsync(rig);
            // With many publishers neither memory nor the cost of joining is that of viewers alone.
            var isOfViewers = load.Publishers == 1;
            var kilobytes = isOfViewers ? (double)(rig.Resident - rig.ResidentAtStart) / viewers : double.NaN;
            var join = isOfViewers ? joining.CpuMilliseconds(own.Windows.Min(static w => w.ServerMicroseconds)) : double.NaN;
            foreach (var one in all)
            {
                var row = LoadRow.From(one.Windows, one.Name, SrtpNames.Of(load.Profile), one.Publishers, one.Viewers, one.Failed, double.NaN, double.NaN);
                await AddAsync(one == own ? row with { Kilobytes = kilobytes, JoinMilliseconds = join } : row);
            }
        }
    }

    private async Task<int> FailedAsync(Joining joining)
    {
        if (joining.Failed > 0) await SayAsync($"{joining.Failed} of them failed: {joining.Problem}");
        return joining.Failed;
    }

    private async Task JoinAsync(TrafficShape shape, SrtpProfile profile)
    {
        await using var server = await StartServerAsync();
        await using var rig = new Rig(server, shape, profile);
        var channels = await rig.PublishAsync(1);
        // Some come and go before, so that neither program's first steps are what is measured.
        await rig.LeaveAsync(await rig.JoinAsync(WarmUpViewers, channels, JoinsPerSecond));
        await Task.Delay(Settling);
        await SayAsync($"join: {Bars.JoinViewers} viewers within 5 s");
        var joining = await rig.JoinAsync(Bars.JoinViewers, channels, Bars.JoinViewers / 5.0);
        await Task.Delay(Settling);
        var steady = await rig.Meter.MeasureAsync(options.Window);
        var row = JoinRow.From(joining, steady.ServerMicroseconds);
        _joins.Add(row);
        await SayAsync(TextReport.Line(row));
        await FailedAsync(joining);
    }

    private async Task DelayAsync(TrafficShape shape, SrtpProfile profile)
    {
        await using var server = await StartServerAsync();
        await using var rig = new Rig(server, shape, profile);
        var channels = await rig.PublishAsync(1);
        await SayAsync($"delay: {Bars.DelayViewers} viewers join, every fourth decrypts");
        await rig.JoinAsync(Bars.DelayViewers, channels, JoinsPerSecond, ViewerKind.Good, static i => i % 4 == 3);
        await Task.Delay(Settling);
        await AddAsync(DelayRow.From(await MeasureAsync(rig), Bars.Delay, Bars.DelayViewers));
        if (!options.HasFloor) return;
        await using var relay = await RelayRig.StartAsync(self, shape, profile, 1, Bars.DelayViewers, isProbe: static i => i % 4 == 3);
        await relay.AdmitAsync(Bars.DelayViewers, JoinsPerSecond);
        await Task.Delay(Settling);
        await AddAsync(DelayRow.From(await MeasureAsync(relay.Meter), Bars.FloorOf(Bars.Delay), Bars.DelayViewers));
    }

    /// <summary>
    /// Measures what is first in <paramref name="all"/> in turn with the floor that relays under the same load, and with a second server's one publisher with
    /// <see cref="Bars.FanOutViewers"/> viewers, and adds these; the floors that send are measured between the turns.
    /// </summary>
    private async Task MeasureInTurnAsync(List<Measured> all, Load load, bool hasFloor, bool hasBase, IReadOnlyList<string> sending)
    {
        var own = all[0];
        await own.Meter.PauseAsync();
        await using var baseServer = hasBase ? await StartServerAsync(isSecond: true) : null;
        await using var baseRig = baseServer is null ? null : new Rig(baseServer, load.Shape, load.Profile, load.TakesRuns);
        if (baseRig is not null)
        {
            await SayAsync($"{Bars.BaseOf(load.Name)}: {Bars.FanOutViewers} viewers of one publisher join");
            var joining = await baseRig.JoinAsync(Bars.FanOutViewers, await baseRig.PublishAsync(1), JoinsPerSecond);
            await Task.Delay(FirstSettling);
            await baseRig.Meter.PauseAsync();
            all.Add(new Measured(Bars.BaseOf(load.Name), 1, Bars.FanOutViewers, await FailedAsync(joining), baseRig.Meter));
        }

        await using var relay = hasFloor ? await RelayRig.StartAsync(self, load.Shape, load.Profile, load.Publishers, own.Viewers, load.TakesRuns) : null;
        if (relay is not null)
        {
            // They come as they come to a server: what a viewer calls late is measured from the best it saw, and the first ones were alone.
            await relay.AdmitAsync(Math.Min(own.Viewers, LastQuickViewer), JoinsPerSecond);
            await relay.AdmitAsync(own.Viewers, SlowJoinsPerSecond);
            await Task.Delay(Settling);
            all.Add(new Measured(Bars.FloorOf(load.Name), load.Publishers, own.Viewers, 0, relay.Meter));
        }

        await SayAsync($"in turn: {string.Join(", ", all.Select(static one => one.Name))}");
        var rows = new List<FloorRow>();
        var round = TimeSpan.FromMicroseconds(load.Shape.RoundMicroseconds);
        var window = load.IsWhole && options.Window < round / options.Windows ? round / options.Windows : options.Window;
        var windows = await Meter.MeasureInTurnAsync(
            all.ConvertAll(static one => one.Meter), options.Windows, window, round,
            async () =>
            {
                foreach (var sent in sending) rows.Add(await FloorAsync(sent, load.Profile, own.Viewers, windows: 1));
            },
            (which, measured) => Say(measured, $"  {all[which].Name,-16}"));
        for (var i = 0; i < all.Count; i++) all[i].Windows = windows[i];
        foreach (var ofShape in rows.GroupBy(static row => row.Shape)) await AddAsync(FloorRow.Of([.. ofShape]));
    }

    private async Task HostileAsync(TrafficShape shape, SrtpProfile profile)
    {
        await using var server = await StartServerAsync();
        await using var rig = new Rig(server, shape, profile);
        var channels = await rig.PublishAsync(1);
        var joining = await rig.JoinAsync(100, channels, JoinsPerSecond);
        await Task.Delay(Settling);
        await SayAsync("hostile: 100 good viewers alone");
        await AddAsync(LoadRow.From(await MeasureAsync(rig), "good alone", SrtpNames.Of(profile), 1, 100, joining.Failed, double.NaN, double.NaN));
        foreach (var kind in new[] { ViewerKind.Lossy, ViewerKind.Slow, ViewerKind.Deaf })
        {
            await rig.JoinAsync(1, channels, JoinsPerSecond, kind);
        }

        await Task.Delay(Settling);
        await SayAsync("hostile: beside a lossy, a slow and a deaf one");
        await AddAsync(LoadRow.From(await MeasureAsync(rig), "beside bad", SrtpNames.Of(profile), 1, 100, joining.Failed, double.NaN, double.NaN));
    }

    private Task<List<Window>> MeasureAsync(Rig rig) => MeasureAsync(rig.Meter);

    private Task<List<Window>> MeasureAsync(Meter meter) => meter.MeasureAsync(options.Windows, options.Window, window => Say(window, " "));

    private void Say(Window window, string who) => _ = SayAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"{who} {window.ServerMicroseconds:0.00} us/packet, {window.PacketsPerSecond:0} packets/s, {window.Lost} lost, p99 {window.Lateness.Percentile(0.99):0} ms late{(window.IsQuiet ? "" : $", disturbed by {window.ForeignCores:0.00} cores")}"));

    private async Task FloorAsync(string shape, SrtpProfile profile, IEnumerable<int> steps)
    {
        if (!options.HasFloor) return;
        foreach (var viewers in steps) await AddAsync(await FloorAsync(shape, profile, viewers, options.Windows));
    }

    private async Task<FloorRow> FloorAsync(string shape, SrtpProfile profile, int viewers, int windows)
    {
        List<string> arguments =
        [
            "bench", "floor", "--shape", shape, "--srtp", SrtpNames.OptionOf(profile), "--print", "json",
            "--viewers", viewers.ToString(CultureInfo.InvariantCulture), "--windows", windows.ToString(CultureInfo.InvariantCulture),
            "--seconds", Math.Max(1, (int)options.Window.TotalSeconds / 2).ToString(CultureInfo.InvariantCulture),
        ];
        if (shape == "clip" && options.ClipFile is not null) arguments.AddRange(["--clip", options.ClipFile]);
        await using var floor = Child.Start(self, arguments);
        var line = await floor.ReadUntilAsync("{", options.Window * windows * 4 + TimeSpan.FromSeconds(60));
        return line is not null && FloorRow.FromJson(line) is { } row ? row : throw new BenchException("The floor did not run.");
    }

    // A second one beside the first takes ports that are free.
    private async Task<ServerUnderTest> StartServerAsync(bool isSecond = false) => options.Server is { } url
        ? ServerUnderTest.Existing(url, options.ServerProcess, options.Token)
        : await ServerUnderTest.StartAsync(self, isSecond ? 0 : options.HttpPort, isSecond ? 0 : options.UdpPort, options.Settings);

    private TrafficShape LoadClip()
    {
        if (options.ClipFile is null) return TrafficShape.BuiltIn();
        return ClipFile.TryRead(File.ReadAllBytes(options.ClipFile), "clip", out var shape) ? shape : throw new BenchException($"{options.ClipFile} is no recording.");
    }

    private async Task AddAsync(LoadRow row)
    {
        _load.Add(row);
        await SayAsync(TextReport.LoadHeader);
        await SayAsync(TextReport.Line(row));
    }

    private async Task AddAsync(FloorRow row)
    {
        _floor.Add(row);
        await SayAsync(row.ToLine());
    }

    private async Task AddAsync(DelayRow row)
    {
        _delays.Add(row);
        await SayAsync(TextReport.Line(row));
    }

    private async Task SayAsync(string text)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"[{_watch.Elapsed.TotalSeconds,5:0.0} s] {text}"));
        await output.FlushAsync();
    }

    /// <summary>What is streamed to how many; <paramref name="Name"/> is the scenario's in the table.</summary>
    private sealed record Load(string Name, TrafficShape Shape, SrtpProfile Profile, int Publishers)
    {
        /// <summary>True where viewers' sockets hand over runs whole.</summary>
        public bool TakesRuns { get; init; }

        /// <summary>True where the windows beside the floor shall have all of the stream: how late its largest pictures are is judged at two sizes of crowd.</summary>
        public bool IsWhole { get; init; }

        /// <summary>True where its cost is judged by that of one publisher with <see cref="Bars.FanOutViewers"/> viewers.</summary>
        public bool HasBase { get; init; }
    }

    /// <summary>A load that is measured, alone or in turn with others, and its windows when it has been.</summary>
    private sealed record Measured(string Name, int Publishers, int Viewers, int Failed, Meter Meter)
    {
        public List<Window> Windows { get; set; } = [];
    }
}
