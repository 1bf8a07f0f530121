using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Control.Live;
using Sluice.Testing.Media;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>Real encoders against the real node; what arrives is judged by a decoder.</summary>
public sealed class RtmpEncoderTests : IAsyncLifetime
{
    private RtmpNode _node = null!;

    public async Task InitializeAsync() => _node = await RtmpNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [InstalledFact("ffmpeg")]
    public Task FFmpeg_with_baseline() => FFmpegAsync("-profile:v baseline -bf 0", hasReordering: false);

    [InstalledFact("ffmpeg")]
    public Task FFmpeg_with_main_and_b_frames() => FFmpegAsync("-profile:v main -bf 2", hasReordering: true);

    [InstalledFact("ffmpeg")]
    public Task FFmpeg_with_high_and_b_frames() => FFmpegAsync("-profile:v high -bf 3 -b_strategy 0", hasReordering: true);

    [InstalledFact("ffmpeg")]
    public Task FFmpeg_with_sets_before_each_keyframe_and_delimiters() => FFmpegAsync("-profile:v high -bf 0 -x264-params repeat-headers=1:aud=1", hasReordering: false);

    [InstalledFact("gst-launch-1.0", "rtmp2sink", "x264enc", "avenc_aac")]
    public Task GStreamer_by_rtmp2sink() => GStreamerAsync("rtmp2sink");

    [InstalledFact("gst-launch-1.0", "rtmpsink", "x264enc", "avenc_aac")]
    public Task GStreamer_by_librtmp() => GStreamerAsync("rtmpsink");

    [InstalledFact("obs")]
    public async Task Obs_under_a_virtual_screen()
    {
        Assert.True(Path.Exists("/usr/bin/xvfb-run"), "OBS is installed and xvfb is not.");
        var home = ObsHome.Write(Path.Combine(_node.Folder, "obs"), $"rtmp://127.0.0.1:{_node.Port}/live", _node.Key);
        using var kept = new KeptPictures(_node.Channel);
        using var obs = ObsHome.Start(home);
        try
        {
            var stream = await _node.LiveAsync();
            Assert.Equal(["video-0", "audio-0"], stream.Tracks.Select(t => t.Id.ToString()));
            await _node.UntilAsync(() => kept.Count >= 60, "pictures come");
            var frames = kept.Count;
            var (decoded, trouble) = await _node.DecodeAsync(kept.ToArray());
            Assert.Equal("", trouble);
            Assert.InRange(decoded, frames - 3, frames + 30);
        }
        finally
        {
            await ObsHome.StopAsync(obs);
        }
    }

    [InstalledFact("ffmpeg")]
    public async Task An_encoder_that_is_killed_ends_the_stream_and_may_come_back()
    {
        using (var encoder = RtmpNode.Run("ffmpeg", Encoding("-profile:v baseline", seconds: 60)))
        {
            var stream = await _node.LiveAsync();
            await _node.UntilAsync(() => stream.Tracks[0].Frames.Count > 10, "pictures come");
            encoder.Kill();
            await _node.UntilAsync(() => stream.HasEnded, "the stream ends");
            Assert.Equal(StreamEnd.Lost, stream.EndReason);
        }

        using var again = RtmpNode.Run("ffmpeg", Encoding("-profile:v baseline", seconds: 60));
        await _node.LiveAsync();
        again.Kill();
    }

    [InstalledFact("ffmpeg")]
    public async Task FFmpeg_with_mp3_is_refused_by_name()
    {
        using var encoder = RtmpNode.Run("ffmpeg", Source(4) + $"-c:v libx264 -preset ultrafast -c:a libmp3lame -f flv rtmp://127.0.0.1:{_node.Port}/live/{_node.Key}");
        var words = await encoder.StandardError.ReadToEndAsync();
        await encoder.WaitForExitAsync();
        Assert.NotEqual(0, encoder.ExitCode);
        var channel = await _node.GetAsync("/api/v1/channels/live");
        Assert.Contains("MP3", channel.GetProperty("lastPublishError").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(_node.Key, channel.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(words);
    }

    [InstalledFact("ffmpeg")]
    public async Task FFmpeg_over_tls()
    {
        await _node.DisposeAsync();
        var folder = Directory.CreateTempSubdirectory("sluice-tls").FullName;
        using var secret = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=localhost", secret, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        var file = Path.Combine(folder, "both.pem");
        await File.WriteAllTextAsync(file, made.ExportCertificatePem() + "\n" + secret.ExportPkcs8PrivateKeyPem());
        _node = await RtmpNode.StartAsync("--Rtmp:TlsEnabled=true", "--Rtmp:TlsPort=0", $"--Rtmp:TlsCertificate={file}");
        Directory.Delete(folder, recursive: true);
        var port = (await _node.GetAsync("/api/v1/node")).GetProperty("ports").GetProperty("rtmps").GetInt32();
        var stream = await JudgeAsync("ffmpeg", Source(4) + $"-c:v libx264 -preset ultrafast -g 15 -c:a aac -f flv rtmps://127.0.0.1:{port}/live/{_node.Key}");
        Assert.Equal("rtmps", stream.Publication.Protocol);
    }

    private async Task FFmpegAsync(string settings, bool hasReordering)
    {
        var stream = await JudgeAsync("ffmpeg", Encoding(settings, seconds: 4));
        Assert.Equal(["video-0", "audio-0"], stream.Tracks.Select(t => t.Id.ToString()));
        Assert.Equal(hasReordering, stream.Tracks[0].HasReordering);
        Assert.Equal(StreamEnd.Stopped, stream.EndReason);
        Assert.InRange(stream.Tracks[1].Frames.Count, 180, 195);
    }

    private async Task GStreamerAsync(string sink) => await JudgeAsync("gst-launch-1.0",
            $"-q flvmux name=mux streamable=true ! {sink} location=rtmp://127.0.0.1:{_node.Port}/live/{_node.Key} "
            + "videotestsrc is-live=true num-buffers=60 ! video/x-raw,width=64,height=48,framerate=15/1 ! x264enc key-int-max=15 speed-preset=ultrafast tune=zerolatency ! h264parse ! mux. "
            + "audiotestsrc is-live=true num-buffers=180 samplesperbuffer=1024 ! audio/x-raw,rate=48000,channels=1 ! avenc_aac bitrate=32000 ! aacparse ! mux.");

    private string Encoding(string settings, int seconds) =>
        Source(seconds) + $"-c:v libx264 -preset veryfast -g 15 -pix_fmt yuv420p {settings} -c:a aac -b:a 64k -f flv rtmp://127.0.0.1:{_node.Port}/live/{_node.Key}";

    private static string Source(int seconds) =>
        $"-nostdin -loglevel error -re -f lavfi -i testsrc=size=160x120:rate=15 -re -f lavfi -i sine=frequency=440:sample_rate=48000 -t {seconds} ";

    // Every picture that the encoder made has come, and a decoder makes a picture of each.
    private async Task<LiveStream> JudgeAsync(string program, string arguments)
    {
        const int pictures = 60;
        using var kept = new KeptPictures(_node.Channel);
        using var encoder = RtmpNode.Run(program, arguments);
        var complaints = encoder.StandardError.ReadToEndAsync();
        var stream = await _node.LiveAsync();
        await encoder.WaitForExitAsync();
        Assert.True(encoder.ExitCode == 0, await complaints);
        await _node.UntilAsync(() => stream.HasEnded, "the stream ends with its encoder");
        Assert.Equal(pictures, kept.Count);
        var (decoded, trouble) = await _node.DecodeAsync(kept.ToArray());
        Assert.Equal("", trouble);
        Assert.Equal(pictures, decoded);
        return stream;
    }
}
