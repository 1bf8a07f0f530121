using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Bench.Hls;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Sockets;
using Sluice.Server.Startup;

// A node with a file on its first channel: CLIP.mp4 [--seconds N] [SETTINGS]. Prints its address, and at the end the processor time it used.
if (args.Length == 0)
{
    Console.Error.WriteLine("hls CLIP.mp4 [SETTINGS]: serves a fragmented MP4 as the live stream of the channel live, until it is interrupted.");
    return 2;
}

var environment = new Dictionary<string, string>(StringComparer.Ordinal)
{
    ["SLUICE_DATA"] = Environment.GetEnvironmentVariable("SLUICE_DATA") ?? Directory.CreateTempSubdirectory("sluice-hls").FullName,
    ["SLUICE_ADMIN_TOKEN"] = Environment.GetEnvironmentVariable("SLUICE_ADMIN_TOKEN") ?? "operator-token-for-tests-0123456789",
};
await using var host = SluiceHost.Build(args[1..], environment);
await host.StartAsync();
var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
AppDomain.CurrentDomain.ProcessExit += (_, _) => stop.Cancel();
var source = new FileSource(args[0], host.App.Services.GetRequiredService<TrackResources>());
var channel = host.App.Services.GetRequiredService<LiveChannels>().Open("live");
using var times = Environment.GetEnvironmentVariable("HLS_TIMES") is { } path ? new StreamWriter(path) : null;
if (times is not null) source.Appended += at => times.WriteLine(at);
var thread = new Thread(() => source.Play(channel, MonotonicClock.ReadWallClock(), stop.Token)) { Name = "file" };
thread.Start();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{host.LocalUrl}hls/live/index.m3u8"));

// Whoever reads the line ends us by closing our input, too. On a thread of its own: reading the console blocks, and the pool has as many threads as there are processors.
new Thread(() =>
{
    while (Console.ReadLine() is { } line)
    {
        if (line == "stop") break;
    }

    if (Console.IsInputRedirected) stop.Cancel();
}) { Name = "input", IsBackground = true }.Start();
thread.Join();
await host.App.StopAsync();
return 0;
