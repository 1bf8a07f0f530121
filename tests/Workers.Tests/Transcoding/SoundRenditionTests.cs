using Sluice.Protocols.Media;

namespace Sluice.Workers.Tests.Transcoding;

public sealed class SoundRenditionTests
{
    private const int Rate = 48_000;

    [FfmpegTheory]
    [InlineData(48_000, 2)]
    [InlineData(44_100, 2)]
    [InlineData(44_100, 1)]
    [InlineData(48_000, 6)]
    [InlineData(22_050, 1)]
    public void A_tone_in_aac_is_the_same_tone_in_opus(int rate, int channels)
    {
        var source = MediaSample.Aac("sine=frequency=1000:duration=5", rate, channels);
        using var stage = new Stage();
        var track = stage.Publish(source);
        using var reader = stage.Read(stage.Rendition("opus"));

        var frames = Feed(stage, track, source, reader);

        Assert.All(frames, f => Assert.Equal(Codec.Opus, f.Format.Codec));
        AssertContinuous(frames, 960);
        Assert.InRange(frames[^1].DecodeTime - frames[0].DecodeTime, 4.5 * Rate, 5.1 * Rate);
        var sound = MediaSample.Decode(frames, Rate);
        var middle = sound.AsSpan(Rate, 2 * Rate);
        var tone = MediaSample.AmplitudeOf(1000, middle, Rate);
        Assert.True(tone > 0.05, $"1000 Hz has amplitude {tone}");
        Assert.True(MediaSample.AmplitudeOf(1100, middle, Rate) < tone / 50);
        Assert.True(MediaSample.AmplitudeOf(1000 * 48.0 / 44.1, middle, Rate) < tone / 50);
    }

    [FfmpegTheory]
    [InlineData(48_000, 0)]
    [InlineData(44_100, 7_000_000)]
    public void A_click_is_heard_when_it_was_made(int rate, long firstTime)
    {
        var source = MediaSample.Aac("aevalsrc='if(between(t,2.5,2.502),0.9,0)':duration=4:sample_rate=" + rate, rate, 2, firstTime);
        var original = MediaSample.LoudestOf(MediaSample.Decode(source, Rate));
        using var stage = new Stage();
        var track = stage.Publish(source);
        using var reader = stage.Read(stage.Rendition("opus"));

        var frames = Feed(stage, track, source, reader);

        AssertContinuous(frames, 960);
        var loudest = MediaSample.LoudestOf(MediaSample.Decode(frames, Rate));
        var sourceTime = (double)firstTime / rate + (double)original / Rate;
        var renditionTime = (double)(frames[0].DecodeTime + loudest) / Rate;
        Assert.InRange(renditionTime - sourceTime, -0.005, 0.005);
    }

    // A second at a time, as fast as it is converted.
    private static List<KeptFrame> Feed(Stage stage, Control.Tracks.Track track, List<KeptFrame> source, RenditionReader reader)
    {
        var rate = source[0].Format.ClockRate;
        for (var at = 0; at < source.Count; at += rate / 1024)
        {
            var chunk = source.Skip(at).Take(rate / 1024).ToList();
            stage.Append(track, chunk);
            reader.WaitForTime((chunk[^1].DecodeTime * Rate / rate) - Rate / 2);
        }

        return reader.Frames;
    }

    private static void AssertContinuous(List<KeptFrame> frames, int step)
    {
        for (var i = 1; i < frames.Count; i++)
        {
            Assert.Equal(step, frames[i].DecodeTime - frames[i - 1].DecodeTime);
        }
    }
}
