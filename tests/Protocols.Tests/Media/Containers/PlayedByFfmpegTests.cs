using System.Buffers;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Testing.Media;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>What the writer writes, decoded by ffmpeg: the same pictures and sound as in the file the frames were taken from.</summary>
public sealed class PlayedByFfmpegTests
{
    [FfmpegTheory]
    [InlineData("h264", 1)]
    [InlineData("h264", 5)]
    [InlineData("h264b", 5)]
    [InlineData("h264b", 100)]
    [InlineData("h265", 5)]
    [InlineData("av1", 5)]
    [InlineData("vp9", 5)]
    [InlineData("aac", 9)]
    [InlineData("opus", 10)]
    public void A_track_in_parts_decodes_to_what_went_in(string codec, int framesPerPart)
    {
        var clip = Clip.Of(codec);
        var path = TestMovie.NewPath($"{codec}.mp4");
        File.WriteAllBytes(path, Fragmented.Write(clip, framesPerPart));
        var kind = clip.Tracks[0].Format.Kind == MediaKind.Video ? 'v' : 'a';
        var decoded = Ffmpeg.DecodedFrames(path, kind);
        Assert.True(decoded.Length >= 50, $"{decoded.Length} frames");
        Assert.Equal(Ffmpeg.DecodedFrames(clip.File, kind), decoded);
        Assert.Equal(
            Ffmpeg.Probe(clip.File, $"{kind}:0", "packet=pts_time,dts_time,duration_time,size,flags"),
            Ffmpeg.Probe(path, $"{kind}:0", "packet=pts_time,dts_time,duration_time,size,flags"));
    }

    [FfmpegTheory]
    [InlineData("h264b+aac")]
    [InlineData("h265+opus")]
    public void Tracks_together_in_one_file_decode_to_what_went_in(string codecs)
    {
        var clip = Clip.Of(codecs);
        Assert.Equal(2, clip.Tracks.Length);
        var path = TestMovie.NewPath("both.mp4");
        File.WriteAllBytes(path, Fragmented.Write(clip, 40));
        foreach (var kind in "va") Assert.Equal(Ffmpeg.DecodedFrames(clip.File, kind), Ffmpeg.DecodedFrames(path, kind));
    }
}

/// <summary>Writes a clip's frames as a fragmented file.</summary>
internal static class Fragmented
{
    public static byte[] Write(Clip clip, int framesPerFragment, CmafInitOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(CmafInit.TryWrite(clip.Tracks, options ?? CmafInitOptions.Default, output));
        var writer = new CmafFragmentWriter(clip.Tracks);
        foreach (var frame in InOrder(clip))
        {
            if (writer.Frames == framesPerFragment)
            {
                writer.EndAt(frame.Track, frame.DecodeTime);
                writer.Write(output);
            }

            Assert.Equal(FragmentAdd.Added, writer.TryAdd(frame.Track, frame.ToFrame(clip.Tracks[frame.Track].Format), (int)frame.Duration));
        }

        writer.Write(output);
        return output.WrittenSpan.ToArray();
    }

    public static IEnumerable<KeptFrame> InOrder(Clip clip) =>
        clip.Frames.OrderBy(frame => frame.DecodeTime / (double)clip.Tracks[frame.Track].Format.ClockRate);
}
