using Sluice.Control.Recordings;

namespace Sluice.Server.Tests.Recordings;

/// <summary>What is recorded of a stream, judged by decoding it.</summary>
public sealed class RecorderTests
{
    [FfmpegTheory]
    [InlineData("h264+aac")]
    [InlineData("h264b+aac")]
    [InlineData("h265+aac")]
    [InlineData("vp9+opus")]
    [InlineData("av1+opus")]
    public async Task A_recording_decodes_to_what_was_streamed(string codecs)
    {
        using var studio = new Studio();
        var footage = Footage.Of(codecs);
        var stream = studio.Publish(footage);
        studio.Play(stream);
        studio.End(stream);
        var recording = Assert.Single(await studio.DevelopAsync());
        Assert.Equal(RecordingState.Ready, recording.State);
        Assert.Equal("", recording.Reason);
        var part = Assert.Single(recording.Parts);
        Assert.Equal(PartState.Finished, part.State);
        Assert.InRange(part.Duration.TotalSeconds, 3.9, 4.2);
        Assert.Equal(new FileInfo(studio.FileOf(recording)).Length, part.Size);
        Assert.Equal(2, part.Tracks.Count);
        var file = studio.FileOf(recording);
        Assert.Equal(Ffmpeg.DecodedFrames(footage.File, 'v'), Ffmpeg.DecodedFrames(file, 'v'));

        // All sound but the first frame or two, which come before the recorder knows where the picture begins.
        var heard = Ffmpeg.DecodedFrames(file, 'a');
        Assert.InRange(heard.Length, footage.Frames.Count(f => f.Track == 1) - 4, footage.Frames.Count(f => f.Track == 1) + 1);
    }
}
