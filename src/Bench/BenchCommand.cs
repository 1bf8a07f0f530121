using Sluice.Bench.Floor;
using Sluice.Bench.Runs;
using Sluice.Bench.Traffic;

namespace Sluice.Bench;

/// <summary>The command <c>sluice bench</c>: a load generator, the floor it is judged by, and the report.</summary>
public static class BenchCommand
{
    private const int Good = 0;
    private const int Failed = 1;
    private const int Wrong = 2;

    private const string Help =
        """
        sluice bench: measures what forwarding costs on this machine. Linux only.

          sluice bench fanout [OPTIONS] [SETTINGS]   starts a server and a load, prints a table, and judges it
          sluice bench floor [OPTIONS]               only encrypts and sends the same traffic: what the machine can do at best
          sluice bench shape --clip FILE --out FILE  takes the shape of a recording, its times and lengths without its content

        Options of fanout:
          --scenario NAMES   all, or some of fanout, low, audio, publishers, rooms, crowd, join, delay, hostile (fanout)
          --viewers LIST     viewers of fanout, low and audio (50,100,200,400)
          --srtp LIST        gcm, cm or both; both in fanout, the first elsewhere (gcm,cm)
          --seconds N        length of a window (8)          --windows N   quiet windows a row (3)
          --json FILE        the figures as JSON             --svg FILE    a plot of fanout
          --clip FILE        a recording to replay instead of the shape built in
          --no-floor         leaves the floor out
          --http-port N, --udp-port N                        ports of the server (free ones)
          --server URL --pid N --token TOKEN                 measures a server that runs already
        Settings, --Section:Key=value, go to the server that is started.

        Options of floor: --viewers N (400), --srtp gcm|cm (gcm), --seconds N (6), --windows N (3), --shape ideal|clip|low|audio (ideal), --clip FILE.

        Exit code: 0 when every bar that could be measured was met, 1 when one was missed or something failed, 2 for wrong options.
        """;

    /// <summary>Runs the command.</summary>
    /// <param name="arguments">What follows <c>bench</c>.</param>
    /// <param name="self">How this program is started: its file, and arguments that always come first.</param>
    /// <param name="output">Where results and progress go.</param>
    /// <param name="errors">Where complaints go.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, IReadOnlyList<string> self, TextWriter output, TextWriter errors)
    {
        if (arguments.Length == 0 || arguments.Contains("--help") || arguments.Contains("-h"))
        {
            await output.WriteLineAsync(Help);
            return Good;
        }

        if (!OperatingSystem.IsLinux())
        {
            await errors.WriteLineAsync("sluice bench: needs Linux; it reads /proc and sends with sendmmsg.");
            return Failed;
        }

        try
        {
            switch (arguments[0])
            {
                case "fanout":
                    if (BenchOptions.TryParse(arguments.AsSpan(1), out var options, out var problem))
                        return await new FanOutRun(options, self, output).RunAsync() ? Good : Failed;
                    return await RefuseAsync(errors, "fanout", problem);
                case "floor":
                    if (!FloorOptions.TryParse(arguments.AsSpan(1), out var floor, out problem)) return await RefuseAsync(errors, "floor", problem);
                    await new FloorRun(floor, self, output).RunAsync();
                    return Good;
                case "drain" when arguments.Length == 2 && BenchOptions.TryNumber(arguments[1], 1, 10_000, out var sockets):
                    await Drain.RunAsync(sockets, output);
                    return Good;
                case "relay" when arguments.Length == 1:
                    await Relay.RunAsync(Console.In, output);
                    return Good;
                case "shape" when arguments is [_, "--clip", var clip, "--out", var file]:
                    return await ShapeAsync(clip, file, output, errors);
                default:
                    await errors.WriteLineAsync($"sluice bench: \"{string.Join(' ', arguments)}\" is no command; sluice bench --help lists them.");
                    return Wrong;
            }
        }
        catch (Exception e) when (e is BenchException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"sluice bench: {e.Message}");
            return Failed;
        }
    }

    private static async Task<int> RefuseAsync(TextWriter errors, string command, string problem)
    {
        await errors.WriteLineAsync($"sluice bench {command}: {problem}");
        return Wrong;
    }

    private static async Task<int> ShapeAsync(string clip, string file, TextWriter output, TextWriter errors)
    {
        if (!ClipFile.TryRead(await File.ReadAllBytesAsync(clip), "clip", out var shape))
        {
            await errors.WriteLineAsync($"sluice bench shape: {clip} is no recording.");
            return Failed;
        }

        var bytes = ShapeFile.Write(shape);
        await File.WriteAllBytesAsync(file, bytes);
        await output.WriteLineAsync(
            $"{shape.Packets.Length} packets in {shape.RoundMicroseconds / 1e6:0.00} s, {shape.PacketsPerSecond:0} packets/s, {shape.BitsPerSecond / 1e6:0.00} Mbit/s: {bytes.Length} bytes.");
        return Good;
    }
}
