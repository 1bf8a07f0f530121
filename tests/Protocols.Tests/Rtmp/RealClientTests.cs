using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Wire;
using Sluice.Testing.Media;

namespace Sluice.Protocols.Tests.Rtmp;

/// <summary>
/// Programs that are installed publish over loopback. What they send is kept as a recording where SLUICE_RTMP_RECORDINGS names a folder.
/// </summary>
public sealed class RealClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [InstalledFact("ffmpeg")]
    public Task FFmpeg_publishes() => Publish("ffmpeg", "ffmpeg", port =>
        "-nostdin -loglevel error -f lavfi -i testsrc=size=64x48:rate=10 -f lavfi -i sine=frequency=440:sample_rate=44100 -t 1.5 "
        + "-c:v libx264 -preset ultrafast -g 10 -bf 2 -pix_fmt yuv420p -bsf:v filter_units=remove_types=6 -c:a aac -b:a 32k "
        + $"-f flv rtmp://127.0.0.1:{port}/live/7-secret");

    [InstalledFact("gst-launch-1.0", "rtmp2sink", "x264enc", "avenc_aac")]
    public Task GStreamer_publishes_by_rtmp2sink() => Publish("rtmp2sink", "gst-launch-1.0", port => Pipeline($"rtmp2sink location=rtmp://127.0.0.1:{port}/live/7-secret"));

    [InstalledFact("gst-launch-1.0", "rtmpsink", "x264enc", "avenc_aac")]
    public Task Librtmp_publishes() => Publish("librtmp", "gst-launch-1.0", port => Pipeline($"rtmpsink location=rtmp://127.0.0.1:{port}/live/7-secret"));

    private static string Pipeline(string sink) =>
        $"-q flvmux name=mux streamable=true ! {sink} "
        + "videotestsrc num-buffers=15 ! video/x-raw,width=64,height=48,framerate=10/1 ! x264enc key-int-max=10 speed-preset=ultrafast ! h264parse ! mux. "
        + "audiotestsrc num-buffers=66 samplesperbuffer=1024 ! audio/x-raw,rate=44100,channels=1 ! avenc_aac bitrate=32000 ! aacparse ! mux.";

    private static async Task Publish(string name, string program, Func<int, string> arguments)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var process = Process.Start(new ProcessStartInfo(program, arguments(port)) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            var complaints = process.StandardError.ReadToEndAsync(limit.Token);
            using var client = await listener.AcceptTcpClientAsync(limit.Token);
            var stream = client.GetStream();
            var replay = new Replay();
            var recording = new MemoryStream();
            var buffer = new byte[16 << 10];
            var clock = Stopwatch.StartNew();
            try
            {
                for (int count; (count = await stream.ReadAsync(buffer, limit.Token)) > 0;)
                {
                    recording.Write(buffer, 0, count);
                    var answer = replay.Take(buffer.AsSpan(0, count), new Instant(clock.Elapsed.Ticks * 100));
                    await stream.WriteAsync(answer, limit.Token);
                }
            }
            catch (IOException)
            {
                // Clients that leave without reading our last answer reset the connection.
            }

            replay.Close();
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await complaints}");
            replay.AssertIsWholePublication();
            if (Environment.GetEnvironmentVariable("SLUICE_RTMP_RECORDINGS") is { Length: > 0 } folder)
            {
                await File.WriteAllBytesAsync(Path.Combine(folder, name + ".rtmp"), recording.ToArray(), limit.Token);
            }
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
