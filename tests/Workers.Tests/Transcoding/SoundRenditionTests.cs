using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Media;

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

    [NewerProgramTheory("fdkaac")]
    [InlineData(5, true, 48_000, 2)]
    [InlineData(5, false, 24_000, 2)]
    [InlineData(29, true, 48_000, 2)]
    [InlineData(29, false, 24_000, 1)]
    public void A_tone_in_he_aac_is_the_same_tone_in_opus_announced_or_not(int profile, bool isAnnounced, int rate, int channels)
    {
        var source = MediaSample.HeAac("sine=frequency=1000:duration=5", profile, isAnnounced);
        Assert.Equal((rate, channels), (source[0].Format.ClockRate, source[0].Format.Channels));
        using var stage = new Stage();
        var track = stage.Publish(source);
        using var reader = stage.Read(stage.Rendition("opus"));

        var frames = Feed(stage, track, source, reader);

        AssertContinuous(frames, 960);
        Assert.InRange(frames[^1].DecodeTime - frames[0].DecodeTime, 4.5 * Rate, 5.2 * Rate);
        var middle = MediaSample.Decode(frames, Rate).AsSpan(Rate, 2 * Rate);
        var tone = MediaSample.AmplitudeOf(1000, middle, Rate);
        Assert.True(tone > 0.05, $"1000 Hz has amplitude {tone}");
        Assert.True(MediaSample.AmplitudeOf(500, middle, Rate) < tone / 50);
        Assert.True(MediaSample.AmplitudeOf(2000, middle, Rate) < tone / 50);
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

    [FfmpegFact]
    public void A_click_in_opus_is_heard_when_it_was_made_in_aac()
    {
        const long FirstTime = 5_000_000;
        var source = MediaSample.Opus("aevalsrc='0.1*sin(2*PI*700*t)+if(between(t,2.5,2.502),0.8,0)':duration=4:sample_rate=48000", FirstTime);
        var original = MediaSample.LoudestOf(MediaSample.Decode(source, Rate));
        using var stage = new Stage();
        var track = stage.Publish(source);
        using var reader = stage.Read(stage.Rendition("aac"));

        var frames = Feed(stage, track, source, reader);

        Assert.All(frames, f => Assert.Equal(Codec.Aac, f.Format.Codec));
        AssertContinuous(frames, 1024);
        var sound = MediaSample.Decode(frames, Rate);
        var loudest = MediaSample.LoudestOf(sound);
        Assert.InRange((double)(frames[0].DecodeTime + loudest - FirstTime - original) / Rate, -0.005, 0.005);
        Assert.True(MediaSample.AmplitudeOf(700, sound.AsSpan(Rate / 2, Rate), Rate) > 0.05);
    }

    [FfmpegFact]
    public void A_gap_in_the_source_is_a_gap_of_the_same_length()
    {
        var source = MediaSample.Aac("sine=frequency=500:duration=4", Rate, 2);
        var gap = 3 * Rate;
        var broken = source.Select((f, i) => i < 100 ? f : f with { DecodeTime = f.DecodeTime + gap }).ToList();
        using var stage = new Stage();
        var track = stage.Publish(source);
        using var reader = stage.Read(stage.Rendition("opus"));

        var frames = Feed(stage, track, broken, reader);

        var steps = frames.Zip(frames.Skip(1), (a, b) => b.DecodeTime - a.DecodeTime).Where(step => step != 960).ToList();
        Assert.InRange(Assert.Single(steps), gap, gap + 2 * 1024);
        Assert.InRange(frames[^1].DecodeTime, broken[^1].DecodeTime - 4000, broken[^1].DecodeTime + 1024);
    }

    [FfmpegTheory]
    [InlineData(48_000)]
    [InlineData(44_100)]
    public void A_click_after_a_gap_is_heard_when_it_was_made(int rate)
    {
        // Two seconds are missing, not a whole number of frames, before the second of two clicks.
        var source = MediaSample.Aac($"aevalsrc='if(between(t,1.0,1.002)+between(t,3.0,3.002),0.9,0)':duration=4:sample_rate={rate}", rate, 2);
        var gap = 2 * rate + 333;
        var broken = source.Select((f, i) => f.DecodeTime < 2 * rate ? f : f with { DecodeTime = f.DecodeTime + gap, Flags = f.Flags | FrameFlags.Discontinuity }).ToList();
        var whole = MediaSample.Decode(source, Rate);
        using var stage = new Stage();
        var track = stage.Publish(source);
        using var reader = stage.Read(stage.Rendition("opus"));

        var frames = Feed(stage, track, broken, reader);

        var behind = Enumerable.Range(1, frames.Count - 1).First(i => frames[i].DecodeTime - frames[i - 1].DecodeTime > Rate);
        foreach (var (part, from) in new[] { (frames[..behind], 0), (frames[behind..], 2) })
        {
            var original = from * Rate + MediaSample.LoudestOf(whole.AsSpan(from * Rate, 2 * Rate));
            var made = (double)(part[0].DecodeTime + MediaSample.LoudestOf(MediaSample.Decode(part, Rate))) / Rate;
            var due = (double)original / Rate + (from == 0 ? 0 : (double)gap / rate);
            Assert.InRange(made - due, -0.015, 0.015);
        }
    }

    [FfmpegFact]
    public void A_clock_that_runs_fast_is_followed()
    {
        // One part in fifty: what no encoder does, and 80 ms after four seconds where times were only counted.
        var source = MediaSample.Aac("sine=frequency=500:duration=4", Rate, 2);
        var fast = source.ConvertAll(f => f with { DecodeTime = f.DecodeTime * 51 / 50 });
        using var stage = new Stage();
        var track = stage.Publish(source);
        using var reader = stage.Read(stage.Rendition("opus"));

        var frames = Feed(stage, track, fast, reader);

        Assert.InRange(frames[^1].DecodeTime - frames[0].DecodeTime, fast[^1].DecodeTime - 3000, fast[^1].DecodeTime + 1024);
        var steps = frames.Zip(frames.Skip(1), (a, b) => b.DecodeTime - a.DecodeTime);
        Assert.All(steps, step => Assert.InRange(step, 960, 1600));
    }

    // A second at a time, as fast as it is converted.
    private static List<KeptFrame> Feed(Stage stage, Control.Tracks.Track track, List<KeptFrame> source, RenditionReader reader)
    {
        var rate = source[0].Format.ClockRate;
        foreach (var chunk in source.Chunk(rate / 1024))
        {
            stage.Append(track, chunk);
            reader.WaitForTime(chunk[^1].DecodeTime * Rate / rate - Rate / 5);
        }

        // What the encoder holds until more comes is less.
        return reader.WaitForTime(source[^1].DecodeTime * Rate / rate - 3000);
    }

    private static void AssertContinuous(List<KeptFrame> frames, int step)
    {
        for (var i = 1; i < frames.Count; i++)
        {
            Assert.Equal(step, frames[i].DecodeTime - frames[i - 1].DecodeTime);
        }
    }
}
