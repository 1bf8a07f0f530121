using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.MpegTs;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Media;
using Sluice.Testing.Transport;

namespace Sluice.Protocols.Tests.Media.Containers;

public sealed class TransportStreamTests
{
    [FfmpegTheory]
    [InlineData("h264+aac")]
    [InlineData("h264b+aac")]
    [InlineData("h265+aac")]
    [InlineData("h264b")]
    [InlineData("aac")]
    public void Segments_one_behind_the_other_decode_to_what_went_in(string codecs)
    {
        var clip = Clip.Of(codecs);
        var path = WriteWhole(clip);
        foreach (var track in clip.Tracks)
        {
            var kind = track.Format.Kind == MediaKind.Video ? 'v' : 'a';
            Assert.Equal(Ffmpeg.DecodedFrames(clip.File, kind), Ffmpeg.DecodedFrames(path, kind));
            var times = Ffmpeg.Times(path, kind);
            var wanted = Ffmpeg.Times(clip.File, kind);
            Assert.Equal(wanted.Length, times.Length);
            for (var i = 0; i < times.Length; i++) Assert.Equal(wanted[i] + 0.5, times[i], 0.0001);
        }
    }

    [FfmpegTheory]
    [InlineData("h264b+aac")]
    [InlineData("h265+aac")]
    public void Every_segment_can_be_decoded_by_itself(string codecs)
    {
        var clip = Clip.Of(codecs);
        foreach (var segment in Segments(clip))
        {
            var path = TestMovie.NewPath("one.ts");
            File.WriteAllBytes(path, segment);
            Assert.Equal(25, Ffmpeg.DecodedFrames(path, 'v').Length);
            Assert.Contains(clip.Tracks[0].Format.Codec == Codec.H264 ? "h264" : "hevc", Ffmpeg.Probe(path, "v", "stream=codec_name"));
            Assert.Contains("aac,48000,2", Ffmpeg.Probe(path, "a", "stream=codec_name,sample_rate,channels"));
        }
    }

    [ProgramFact("gst-launch-1.0")]
    public void GStreamer_plays_it_to_the_end()
    {
        var path = WriteWhole(Clip.Of("h264b+aac"));
        var (exit, output, complaints) = Ffmpeg.TryRun("gst-launch-1.0", "-q", "filesrc", $"location={path}", "!", "tsdemux", "name=d",
            "d.", "!", "queue", "!", "h264parse", "!", "avdec_h264", "!", "fakesink", "sync=false", "d.", "!", "queue", "!", "aacparse", "!", "avdec_aac", "!", "fakesink", "sync=false");
        Assert.True(exit == 0 && !complaints.Contains("ERROR") && !complaints.Contains("WARN"), $"{output}{complaints}");
    }

    [FfmpegFact]
    public void The_counters_go_on_though_no_segment_knows_the_other()
    {
        var clip = Clip.Of("h264b+aac");
        var reader = new TransportReader();
        var units = new List<TransportUnit>();
        foreach (var segment in Segments(clip))
        {
            units.AddRange(reader.Read(segment));
            foreach (var pid in new[] { 0x100, 0x101 }) Assert.Equal(0, PacketsOf(segment, pid) % 16);
        }

        Assert.Equal(clip.Frames.Count(f => f.Track == 0), units.Count(u => u.Type == 0x1b));
        Assert.All(units.Where(u => u.Type == 0x1b), u => Assert.Equal([0, 0, 0, 1, 9, 0xf0], u.Payload[..6]));
        Assert.Equal(clip.Frames.Count(f => f.Track == 0 && (f.Flags & FrameFlags.Keyframe) != 0), units.Count(u => u.Type == 0x1b && u.IsRandomAccess));
        Assert.InRange(reader.LongestClockGap, 1, 9000);
    }

    [Fact]
    public void Any_frames_come_out_as_they_went_in()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var reader = new TransportReader();
            var time = random.NextInt64(1L << 34);
            for (var number = 0L; number < 3; number++)
            {
                var writer = new TsSegmentWriter(Codec.H264, hasAudio: true);
                var pictures = new List<(long Decode, long Shown, byte[] Payload, bool IsKey)>();
                var count = random.Next(1, 40);
                for (var i = 0; i < count; i++)
                {
                    time += random.Next(1, 20_000);
                    var payload = Unit(random, random.Next(10) == 0 ? random.Next(40_000, 90_000) : random.Next(30, 1500));
                    var picture = (time, time + random.Next(9000), payload, i == 0);
                    pictures.Add(picture);
                    Assert.True(writer.TryAddPicture(Picture(picture)));
                }

                var units = reader.Read(writer.Finish(number));
                Assert.Equal(pictures.Count, units.Count);
                for (var i = 0; i < count; i++)
                {
                    Assert.Equal(pictures[i].Decode + 45_000 & 0x1_ffff_ffff, units[i].Decode);
                    Assert.Equal(pictures[i].Shown - pictures[i].Decode, units[i].Presentation - units[i].Decode);
                    Assert.True(units[i].Payload.AsSpan().EndsWith(pictures[i].Payload.AsSpan(4)));
                    Assert.Equal(pictures[i].IsKey, units[i].IsRandomAccess);
                }
            }
        }
    }

    [Fact]
    public void Parameter_sets_go_before_key_pictures_only()
    {
        var writer = new TsSegmentWriter(Codec.H265, hasAudio: false);
        Assert.True(writer.TryAddPicture(new Frame { Format = Formats.H265, Flags = FrameFlags.Keyframe, Payload = [0, 0, 0, 3, 0x26, 1, 7] }));
        Assert.True(writer.TryAddPicture(new Frame { Format = Formats.H265, DecodeTime = 3000, Payload = [0, 0, 0, 3, 2, 1, 8] }));
        var units = new TransportReader().Read(writer.Finish(0));
        Assert.Equal([35, 32, 33, 34, 19], NalTypes(units[0].Payload).Take(4).Append(NalTypes(units[0].Payload)[^1]));
        Assert.Equal([35, 1], NalTypes(units[1].Payload));
    }

    [FfmpegFact]
    public void Captions_within_the_pictures_go_along()
    {
        var clip = Clip.Of("h264b");
        byte[] caption = [0, 0, 0, 18, .. Convert.FromHexString("06040eb50031474139340341fffc942cff80")];
        var captioned = clip with { Frames = [.. clip.Frames.Select(f => f with { Payload = [.. caption, .. f.Payload] })] };
        Assert.DoesNotContain("A53", Ffmpeg.Run("ffprobe", "-v", "error", "-show_frames", WriteWhole(clip)), StringComparison.Ordinal);
        Assert.Equal(clip.Frames.Length, Ffmpeg.Run("ffprobe", "-v", "error", "-show_frames", WriteWhole(captioned)).Split("ATSC A53").Length - 1);
    }

    [Fact]
    public void A_tag_is_a_stream_of_its_own()
    {
        var writer = new TsSegmentWriter(Codec.Unknown, hasAudio: true);
        Assert.True(writer.TryAddSound(new Frame { Format = Formats.Aac, Flags = FrameFlags.Keyframe, Payload = new byte[100] }));
        byte[] tag = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 1, 9];
        Assert.True(writer.TryAddTag(20_000, tag));
        var reader = new TransportReader();
        var unit = Assert.Single(reader.Read(writer.Finish(0)), u => u.Type == 0x15);
        Assert.Equal(tag, unit.Payload);
        Assert.Equal(45_000 + 1800, unit.Presentation);
        Assert.False(new TsSegmentWriter(Codec.Unknown, true).TryAddTag(0, []));
        Assert.False(new TsSegmentWriter(Codec.Unknown, true).TryAddTag(0, new byte[ushort.MaxValue]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("000000")]
    [InlineData("00000005")]
    [InlineData("0000000565010203")]
    [InlineData("00000002" + "09f0")]
    public void A_picture_that_cannot_be_read_is_refused(string payload)
    {
        var writer = new TsSegmentWriter(Codec.H264, hasAudio: false);
        Assert.False(writer.TryAddPicture(new Frame { Format = Formats.H264, Payload = Convert.FromHexString(payload) }));
        Assert.True(writer.TryAddPicture(new Frame { Format = Formats.H264, Payload = [0, 0, 0, 2, 0x65, 1] }));
        Assert.Single(new TransportReader().Read(writer.Finish(0)));
    }

    [Fact]
    public void Sound_that_its_header_cannot_measure_is_refused()
    {
        var writer = new TsSegmentWriter(Codec.Unknown, hasAudio: true);
        Assert.False(writer.TryAddSound(new Frame { Format = Formats.Aac, Payload = new byte[8185] }));
        Assert.False(writer.TryAddSound(new Frame { Format = Formats.Aac, Payload = [] }));
        Assert.True(writer.TryAddSound(new Frame { Format = Formats.Aac, Payload = new byte[8184] }));
        Assert.Equal(8191, Assert.Single(new TransportReader().Read(writer.Finish(0))).Payload.Length);
    }

    [Fact]
    public void Only_formats_of_old_players_are_carried()
    {
        Assert.Equal([true, true, false, false, false, true, true, false, false], Formats.All.Select(TsSegmentWriter.CanCarry));
        Assert.False(new TsSegmentWriter(Codec.H264, false).TryAddPicture(new Frame { Format = Formats.H265, Payload = [0, 0, 0, 3, 0x26, 1, 7] }));
        Assert.False(new TsSegmentWriter(Codec.H264, false).TryAddSound(new Frame { Format = Formats.Aac, Payload = [1] }));
    }

    // One for each second, as the key pictures lie; what sound has beyond the last goes with it.
    private static List<byte[]> Segments(Clip clip)
    {
        var segments = new List<byte[]>();
        var video = clip.Tracks.FirstOrDefault(t => t.Format.Kind == MediaKind.Video)?.Format.Codec ?? Codec.Unknown;
        for (var second = 0; second < 2; second++)
        {
            var writer = new TsSegmentWriter(video, clip.Tracks.Any(t => t.Format.Kind == MediaKind.Audio));
            var any = false;
            foreach (var frame in clip.Frames.OrderBy(f => f.Track))
            {
                var format = clip.Tracks[frame.Track].Format;
                if (Math.Min(1, frame.DecodeTime / format.ClockRate) != second) continue;
                any = true;
                Assert.True(format.Kind == MediaKind.Video ? writer.TryAddPicture(frame.ToFrame(format)) : writer.TryAddSound(frame.ToFrame(format)));
            }

            if (any) segments.Add(writer.Finish(second));
        }

        return segments;
    }

    private static string WriteWhole(Clip clip)
    {
        var path = TestMovie.NewPath("whole.ts");
        File.WriteAllBytes(path, [.. Segments(clip).SelectMany(s => s)]);
        return path;
    }

    private static int PacketsOf(ReadOnlySpan<byte> segment, int pid)
    {
        var count = 0;
        for (var at = 0; at < segment.Length; at += 188)
        {
            if (((segment[at + 1] & 0x1f) << 8 | segment[at + 2]) == pid && (segment[at + 3] & 0x10) != 0) count++;
        }

        return count;
    }

    private static byte[] Unit(Random random, int length)
    {
        var unit = new byte[4 + length];
        random.NextBytes(unit);
        BinaryPrimitives.WriteInt32BigEndian(unit, length);
        unit[4] = 0x41;
        return unit;
    }

    private static Frame Picture((long Decode, long Shown, byte[] Payload, bool IsKey) picture) => new()
    {
        Format = Formats.H264, DecodeTime = picture.Decode, CompositionOffset = (int)(picture.Shown - picture.Decode),
        Flags = picture.IsKey ? FrameFlags.Keyframe : FrameFlags.None, Payload = picture.Payload,
    };

    private static List<int> NalTypes(byte[] stream)
    {
        var types = new List<int>();
        for (var at = 0; at + 4 < stream.Length; at++)
        {
            if (stream.AsSpan(at).StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 1])) types.Add(stream[at + 4] >> 1 & 0x3f);
        }

        return types;
    }
}
