using System.Globalization;
using Sluice.Bench.Linux;
using Sluice.Bench.Measuring;
using Sluice.Bench.Report;
using Sluice.Bench.Runs;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Sockets;

namespace Sluice.Bench.Floor;

/// <summary>Runs the floor: sends a shape at its own pace to a draining process and measures what this process spent.</summary>
internal sealed class FloorRun(FloorOptions options, IReadOnlyList<string> self, TextWriter output)
{
    private const int ViewersPerSocket = 25;
    private const int AttemptsPerWindow = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5);

    /// <summary>Measures, prints one line, and gives the row.</summary>
    public async Task<FloorRow> RunAsync()
    {
        var shape = options.LoadShape();
        var sockets = (options.Viewers + ViewersPerSocket - 1) / ViewersPerSocket;
        await using var drain = Child.Start(self, ["bench", "drain", sockets.ToString(CultureInfo.InvariantCulture)]);
        var line = await drain.ReadUntilAsync("ports ", TimeSpan.FromSeconds(20)) ?? throw new BenchException("The draining process did not start.");
        var ports = line[6..].Split(',').Select(static p => ushort.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        var row = Measure(shape, drain.Id, ports);
        await output.WriteLineAsync(options.PrintsJson ? row.ToJson() : row.ToLine());
        drain.CloseInput();
        return row;
    }

    private FloorRow Measure(TrafficShape shape, int drain, ushort[] ports)
    {
        using var sender = new FloorSender(shape, options.Profile, options.Viewers, ports);
        var pace = new Pace(sender, shape);
        pace.RunQuicklyFor(WarmUp);
        pace.RunFor(WarmUp);
        var quiet = new List<FloorWindow>();
        var disturbed = new List<FloorWindow>();
        for (var attempt = 0; quiet.Count < options.Windows && attempt < options.Windows * AttemptsPerWindow; attempt++)
        {
            // The drain takes the server's place in the sums: what neither it nor we use is foreign.
            var before = new Usage(drain);
            var own = Environment.CpuUsage;
            var packets = sender.Packets;
            var runs = sender.Runs;
            var started = MonotonicClock.Now;
            pace.RunFor(options.Window);
            var seconds = (MonotonicClock.Now - started).TotalSeconds;
            var after = Environment.CpuUsage;
            var foreign = Math.Max(0, (new Usage(drain) - before).Foreign / seconds);
            var sent = sender.Packets - packets;
            var window = new FloorWindow(
                (after.UserTime - own.UserTime).TotalMicroseconds / sent, (after.PrivilegedTime - own.PrivilegedTime).TotalMicroseconds / sent,
                sent / seconds, (double)sent / (sender.Runs - runs));
            (foreign <= Window.QuietCores ? quiet : disturbed).Add(window);
        }

        var windows = quiet.Count > 0 ? quiet : disturbed;
        windows.Sort(static (a, b) => a.Total.CompareTo(b.Total));
        var median = windows[(windows.Count - 1) / 2];
        return new FloorRow
        {
            Shape = shape.Name, Srtp = SrtpNames.Of(options.Profile), Viewers = options.Viewers, Microseconds = median.Total, User = median.User, System = median.System,
            Least = windows[0].Total, Most = windows[^1].Total, Cores = median.Total * median.PacketsPerSecond / 1e6, PacketsPerRun = median.PacketsPerRun,
            IsDisturbed = quiet.Count == 0, Refused = sender.Refused,
        };
    }

    private readonly record struct FloorWindow(double User, double System, double PacketsPerSecond, double PacketsPerRun)
    {
        public double Total => User + System;
    }

    private sealed class Pace(FloorSender sender, TrafficShape shape)
    {
        private const long Slack = 100_000;
        private readonly PacketRun[] _runs = PacketRuns.Of(shape);
        private long _start = MonotonicClock.Now.Nanoseconds;
        private long _round;
        private int _next;

        // Many small bursts, so that all code is compiled for good before anything is measured.
        private const long BurstPause = 2_000_000;

        private long Due => _start + (_round * shape.RoundMicroseconds + shape.Packets[_runs[_next].First].Microseconds) * 1000;

        public void RunFor(TimeSpan length)
        {
            var end = MonotonicClock.Now.Nanoseconds + length.Ticks * 100;
            for (long now; (now = MonotonicClock.Now.Nanoseconds) < end;)
            {
                for (; Due <= now + Slack; Advance())
                {
                    var clock = shape.Packets[_runs[_next].First].IsAudio ? TrafficShape.AudioClock : TrafficShape.VideoClock;
                    sender.Send(_runs[_next], (uint)(_round * (shape.RoundMicroseconds * (long)clock / 1_000_000)));
                }

                sender.Flush();
                BenchLibc.Sleep(Math.Min(Due, end) - MonotonicClock.Now.Nanoseconds);
            }
        }

        /// <summary>Sends run after run with short pauses, whatever their times: what the first viewers of a window must not pay for.</summary>
        public void RunQuicklyFor(TimeSpan length)
        {
            var end = MonotonicClock.Now.Nanoseconds + length.Ticks * 100;
            for (var next = 0; MonotonicClock.Now.Nanoseconds < end; next = (next + 1) % _runs.Length)
            {
                sender.Send(_runs[next], 0);
                sender.Flush();
                BenchLibc.Sleep(BurstPause);
            }

            _start = MonotonicClock.Now.Nanoseconds;
        }

        private void Advance()
        {
            if (++_next < _runs.Length) return;
            _next = 0;
            _round++;
        }
    }
}
