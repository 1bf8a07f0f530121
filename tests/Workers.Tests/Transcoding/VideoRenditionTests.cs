using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Media;

namespace Sluice.Workers.Tests.Transcoding;

public sealed class VideoRenditionTests
{
    private const int Frames = 90;

    [FfmpegTheory]
    [InlineData(Codec.H264)]
    [InlineData(Codec.H265)]
    public void Pictures_with_b_frames_come_out_in_the_order_they_are_shown_in_at_the_same_times(Codec codec)
    {
        const string Source = "testsrc2=size=320x180:rate=30:duration=3";
        var source = codec == Codec.H264
            ? MediaSample.H264(Source, "-bf", "3", "-g", "30")
            : MediaSample.H265(Source, "bframes=3:b-adapt=0:keyint=30:min-keyint=30:open-gop=0");
        Assert.Equal(codec, source[0].Format.Codec);
        Assert.Contains(source, f => f.CompositionOffset != source[0].CompositionOffset);
        using var stage = new Stage();
        var track = stage.Publish(source);
        var rendition = stage.Rendition("live");
        using var reader = stage.Read(rendition);
        stage.WaitForState(rendition, s => s.State == Workers.Transcoding.RenditionState.Running);

        Feed(stage, track, rendition, source, reader);

        var made = reader.WaitFor(frames => frames.Count >= Frames - 6);
        var shown = source.Select(f => f.PresentationTime).Order().ToList();
        Assert.All(made, f => Assert.Equal(0, f.CompositionOffset));
        Assert.Equal(shown.Skip(shown.IndexOf(made[0].DecodeTime)).Take(made.Count), made.Select(f => f.DecodeTime));
        Assert.Equal(shown[0], made[0].DecodeTime);
        Assert.All(made, f => Assert.Equal(new Resolution(320, 180), f.Format.Resolution));
        Assert.Equal(Codec.H264, made[0].Format.Codec);
        Assert.True((made[0].Flags & FrameFlags.Keyframe) != 0);

        // A key picture a second.
        var keys = made.Where(f => (f.Flags & FrameFlags.Keyframe) != 0).Select(f => f.DecodeTime).ToList();
        Assert.True(keys.Count >= 2);
        Assert.All(keys.Zip(keys.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 85_000, 99_000));

        var decoded = Ffmpeg.Convert(MediaSample.ToMatroska(made), "-f", "matroska", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "gray", "-fps_mode", "passthrough", "pipe:1");
        Assert.Equal(made.Count, decoded.Length / (320 * 180));
    }

    [FfmpegFact]
    public void Pictures_after_a_death_go_on_where_they_stopped()
    {
        var source = MediaSample.H264("testsrc2=size=160x90:rate=30:duration=5", "-bf", "2", "-g", "30");
        using var stage = new Stage();
        var track = stage.Publish(source);
        var rendition = stage.Rendition("live");
        using var reader = stage.Read(rendition);
        stage.WaitForState(rendition, s => s.State == Workers.Transcoding.RenditionState.Running);
        Feed(stage, track, rendition, source[..60], reader);
        using (var child = System.Diagnostics.Process.GetProcessById(stage.TranscoderOf(rendition).ProcessId))
        {
            child.Kill();
        }

        foreach (var chunk in source.Skip(60).Chunk(15))
        {
            stage.Append(track, chunk);
            reader.WaitForTime(chunk.Max(f => f.PresentationTime) - 30_000);
        }

        var made = reader.Frames;

        Assert.Equal(1, stage.Observe(rendition).Restarts);
        Assert.All(made.Zip(made.Skip(1)), pair => Assert.InRange(pair.Second.DecodeTime - pair.First.DecodeTime, 1, 90_000 / 3));
    }

    [FfmpegFact]
    public void Another_picture_size_goes_on_in_another_child()
    {
        var first = MediaSample.H264("testsrc2=size=320x180:rate=30:duration=2", "-bf", "2", "-g", "30");
        var second = MediaSample.H264("testsrc2=size=160x90:rate=30:duration=2", "-bf", "2", "-g", "30")
            .ConvertAll(f => f with { DecodeTime = f.DecodeTime + 4 * 90_000 });
        using var stage = new Stage();
        var track = stage.Publish(first);
        using var reader = stage.Read(stage.Rendition("live"));
        stage.WaitForState(stage.Rendition("live"), s => s.State == Workers.Transcoding.RenditionState.Running);
        Feed(stage, track, stage.Rendition("live"), first, reader);

        stage.Append(track, second);
        var made = reader.WaitFor(frames => frames.Count > 0 && frames[^1].Format.Resolution == new Resolution(160, 90));

        Assert.Equal(new Resolution(320, 180), made[0].Format.Resolution);
        Assert.Equal(0, stage.Observe(stage.Rendition("live")).Restarts);
    }

    // The first picture alone, since what came before the child began is only decoded; then as fast as it encodes.
    private static void Feed(Stage stage, Control.Tracks.Track track, Control.Tracks.Track rendition, List<KeptFrame> source, RenditionReader reader)
    {
        stage.Append(track, source.Take(1));
        stage.WaitForState(rendition, _ => stage.TranscoderOf(rendition).ProcessId != 0);
        foreach (var chunk in source.Skip(1).Chunk(15))
        {
            stage.Append(track, chunk);
            reader.WaitForTime(chunk.Max(f => f.PresentationTime) - 30_000);
        }
    }
}
