using Sluice.Control.Recordings;
using Sluice.Testing;
using Sluice.Testing.Media;

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

    [Mp4BoxTheory]
    [InlineData("h264b+aac", "avc1.", "mp4a.40.2")]
    [InlineData("h265+aac", "hvc1.", "mp4a.40.2")]
    [InlineData("vp9+opus", "vp09.", "opus")]
    [InlineData("av1+opus", "av01.", "opus")]
    public async Task A_library_of_other_makers_reads_every_sample(string codecs, string video, string audio)
    {
        using var studio = new Studio();
        var footage = Footage.Of(codecs);
        var stream = studio.Publish(footage);
        studio.Play(stream);
        studio.End(stream);
        var recording = Assert.Single(await studio.DevelopAsync());
        var said = Ffmpeg.Run("node", "--input-type=commonjs", "-e", Mp4BoxTheoryAttribute.Script, Mp4BoxTheoryAttribute.Library, studio.FileOf(recording)).Trim().Split('\n');
        Assert.Equal("false", said[0]);
        Assert.StartsWith($"{video}", said[1], StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith(" 100", said[1], StringComparison.Ordinal);
        Assert.StartsWith(audio, said[2], StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>A theory judged by MP4Box.js: skipped, and says so, where the packages of tests/Interop are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Mp4BoxTheoryAttribute : TheoryAttribute
{
    /// <summary>Prints whether the file is fragmented, then codec and samples of each track.</summary>
    internal const string Script =
        """
        const { readFileSync } = require('node:fs');
        const { createFile } = require(process.argv[1]);
        const file = createFile();
        file.onReady = info => {
            console.log(info.isFragmented);
            for (const track of info.tracks) console.log(`${track.codec} ${track.nb_samples}`);
        };
        file.onError = error => { throw new Error(error); };
        const bytes = readFileSync(process.argv[2]);
        const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
        buffer.fileStart = 0;
        file.appendBuffer(buffer);
        file.flush();
        """;

    public Mp4BoxTheoryAttribute()
    {
        if (!Ffmpeg.IsInstalled || !Ffmpeg.IsOnPath("node") || !File.Exists(Library)) Skip = "ffmpeg, node or mp4box (npm ci --prefix tests/Interop) is not installed";
    }

    internal static string Library => Checkout.PathOf("tests", "Interop", "node_modules", "mp4box", "dist", "mp4box.all.cjs");
}
