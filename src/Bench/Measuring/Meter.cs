using Sluice.Bench.Load;

namespace Sluice.Bench.Measuring;

/// <summary>Measures windows of a running load, and repeats those that other processes disturbed.</summary>
internal sealed class Meter(int server, ViewerLoop viewers, PublisherLoop publishers)
{
    private const int AttemptsPerWindow = 3;
    private static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Resuming = TimeSpan.FromSeconds(2);
    private const int MostProbes = 20;

    /// <summary>The server's UDP port; 0 while it is not known.</summary>
    public ushort ServerPort { get; set; }

    /// <summary>Datagrams the kernel has dropped at the server's port so far, whose receive buffers were full.</summary>
    public long ServerDrops => ServerPort == 0 ? 0 : SocketDrops.Read(new HashSet<ushort> { ServerPort });

    /// <summary>
    /// So many windows, quiet ones where the machine allows: it waits for quiet before each, ten seconds in all at most, and up to three times as many are
    /// measured. The result has quiet ones alone where there was any, else disturbed ones.
    /// </summary>
    public async Task<List<Window>> MeasureAsync(int count, TimeSpan length, Action<Window>? each)
    {
        var windows = new List<Window>();
        var patience = MostProbes;
        for (var attempt = 0; windows.Count(static w => w.IsQuiet) < count && attempt < count * AttemptsPerWindow; attempt++)
        {
            patience = await AwaitQuietAsync(patience);
            var window = await MeasureAsync(length);
            windows.Add(window);
            each?.Invoke(window);
        }

        return QuietOf(windows);
    }

    /// <summary>
    /// Measures several loads in turn, a window each, while the others pause: the machine's speed changes within minutes, and so is nearly the same for all. In a turn all play the same part
    /// of what is streamed, and where windows are long enough the turns together all of it. The result has a list for each, quiet windows alone where there was any.
    /// </summary>
    /// <param name="meters">Of the loads.</param>
    /// <param name="count">Turns.</param>
    /// <param name="length">Of a window.</param>
    /// <param name="round">How long the streams are until they begin again.</param>
    /// <param name="eachTurn">What else is done after each turn.</param>
    /// <param name="each">Hears of every window, and whose it is.</param>
    public static async Task<List<Window>[]> MeasureInTurnAsync(IReadOnlyList<Meter> meters, int count, TimeSpan length, TimeSpan round, Func<Task> eachTurn, Action<int, Window> each)
    {
        var part = round / count;
        var windows = new List<Window>[meters.Count];
        for (var m = 0; m < windows.Length; m++) windows[m] = [];
        foreach (var meter in meters) await meter.PauseAsync();
        for (var turn = 0; turn < count; turn++)
        {
            for (var m = 0; m < windows.Length; m++)
            {
                var which = m;
                await meters[m].BeginTurnAsync(turn == 0 ? round - Resuming : part * turn - Resuming);
                windows[m].AddRange(await meters[m].MeasureAsync(1, length, window => each(which, window)));
                await meters[m].PauseAsync();
            }

            await eachTurn();
        }

        return Array.ConvertAll(windows, QuietOf);
    }

    private static List<Window> QuietOf(List<Window> all) => all.FindAll(static w => w.IsQuiet) is { Count: > 0 } quiet ? quiet : all;

    /// <summary>Has the load pause until a window is measured in turn.</summary>
    public async Task PauseAsync()
    {
        await publishers.InvokeAsync(_ => publishers.Pause());
        await viewers.InvokeAsync(_ => viewers.IsResting = true);
    }

    /// <summary>One window.</summary>
    public async Task<Window> MeasureAsync(TimeSpan length)
    {
        await publishers.InvokeAsync(_ => publishers.ResetLag());
        var ports = await viewers.InvokeAsync(_ => viewers.Ports);
        var drops = SocketDrops.Read(ports);
        var serverDrops = ServerDrops;
        var usage = new Usage(server);
        var before = await viewers.InvokeAsync(now =>
        {
            viewers.ResetTimes();
            return viewers.Read(now);
        });
        await Task.Delay(length);
        var after = await viewers.InvokeAsync(viewers.Read);
        var used = new Usage(server) - usage;
        var seconds = (after.At - before.At).TotalSeconds;
        var dropped = SocketDrops.Read(ports) - drops;
        var missing = after.Expected - before.Expected - (after.Received - before.Received);
        var silent = 0;
        for (var i = 0; i < after.PerViewer.Length; i++)
        {
            if (i >= before.PerViewer.Length || after.PerViewer[i] == before.PerViewer[i]) silent++;
        }

        return new Window
        {
            Seconds = seconds,
            Packets = after.ReceivedByAll - before.ReceivedByAll,
            Bytes = after.Bytes - before.Bytes,
            Lost = Math.Max(0, missing - dropped),
            Dropped = dropped,
            ServerDrops = ServerDrops - serverDrops,
            Silent = silent,
            Server = used.Server,
            Receiving = (after.CpuNanoseconds - before.CpuNanoseconds) / 1e9,
            Generator = used.Own,
            ForeignCores = Math.Max(0, used.Foreign / seconds),
            BusyCores = used.Machine / seconds,
            Lateness = after.Lateness,
            Delay = after.Delay,
            PublisherLag = await publishers.InvokeAsync(_ => publishers.WorstLagMilliseconds),
        };
    }

    private async Task BeginTurnAsync(TimeSpan place)
    {
        await viewers.InvokeAsync(_ => viewers.IsResting = false);
        await publishers.InvokeAsync(now => publishers.Resume(now, place));
        await Task.Delay(Resuming);
    }

    // What is left of the patience.
    private async Task<int> AwaitQuietAsync(int patience)
    {
        for (; patience > 0; patience--)
        {
            var before = new Usage(server);
            await Task.Delay(Probe);
            if ((new Usage(server) - before).Foreign / Probe.TotalSeconds <= Window.QuietCores) break;
        }

        return patience;
    }
}
