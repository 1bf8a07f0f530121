using System.Globalization;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Testing.Media;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>Plain files, judged by ffmpeg and by their boxes.</summary>
public sealed class CmafFinishTests
{
    [FfmpegTheory]
    [InlineData("h264")]
    [InlineData("h264b+aac")]
    [InlineData("h265+opus")]
    [InlineData("av1")]
    [InlineData("vp9")]
    public void A_copy_has_its_movie_first_and_the_same_pictures_and_sound(string codecs)
    {
        var clip = Clip.Of(codecs);
        var path = TestMovie.NewPath("plain.mp4");
        File.WriteAllBytes(path, Copy(Fragmented.Write(clip, 30)));
        Assert.Equal("ftyp moov mdat", BoxTree.Names(File.ReadAllBytes(path)));
        SamePicturesAndSound(clip, path);
        Assert.Equal("Seekable", SeekAndDecode(path));
    }

    [FfmpegTheory]
    [InlineData("h264b+aac")]
    [InlineData("h265+opus")]
    public void A_recording_is_finished_where_it_is(string codecs)
    {
        var clip = Clip.Of(codecs);
        var path = TestMovie.NewPath("finished.mp4");
        var bytes = Fragmented.Write(clip, 30, new CmafInitOptions { ReservesFinish = true });
        File.WriteAllBytes(path, [.. bytes, .. bytes.AsSpan(bytes.Length - 500)]); // with the torn end a crash leaves
        Assert.Equal(CmafFinishError.None, Finish(path));
        Assert.Equal("ftyp mdat moov", BoxTree.Names(File.ReadAllBytes(path)));
        SamePicturesAndSound(clip, path);

        using var file = File.OpenRead(path);
        using var before = new MemoryStream(bytes);
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(file, out var index));
        CmafIndex.TryOpen(before, out var expected);
        Assert.True(index!.IsFinished);
        Assert.Equal(expected!.Fragments, index.Fragments); // still served from where they were
        Assert.Equal(CmafFinishError.NoRoom, CmafFinish.TryFinishInPlace(new MemoryStream(File.ReadAllBytes(path)), index));
    }

    [FfmpegFact]
    public void A_crash_while_finishing_leaves_what_can_be_finished_again()
    {
        var clip = Clip.Of("h264b+aac");
        var bytes = Fragmented.Write(clip, 30, new CmafInitOptions { ReservesFinish = true });
        var path = TestMovie.NewPath("again.mp4");
        File.WriteAllBytes(path, bytes);
        Finish(path);
        var finished = File.ReadAllBytes(path);

        // The movie box is written, wholly or half, and the reserved box is not.
        foreach (var length in new[] { finished.Length, finished.Length - 1, (finished.Length + bytes.Length) / 2, bytes.Length + 9, bytes.Length })
        {
            File.WriteAllBytes(path, [.. bytes, .. finished.AsSpan(bytes.Length, length - bytes.Length)]);
            Assert.Equal(CmafFinishError.None, Finish(path));
            Assert.Equal(finished, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void Any_recording_can_be_finished_and_its_tables_lead_to_its_frames()
    {
        for (var seed = 0UL; seed < 200; seed++)
        {
            var recording = RandomRecording.Make(seed + 500);
            var plain = Copy(recording.Bytes);
            Assert.Equal("ftyp moov mdat", BoxTree.Names(plain));
            var trak = 0;
            for (var track = 0; track < recording.Tracks.Length; track++)
            {
                var frames = recording.Frames.Where(frame => frame.Track == track).ToArray();
                if (frames.Length == 0) continue;
                var read = PlainTrack.Read(plain, trak++);
                Assert.Equal(frames.Select(frame => Convert.ToHexString(frame.Payload)), read.Select(sample => Convert.ToHexString(sample.Payload)));
                Assert.Equal(frames.Select(frame => frame.DecodeTime - frames[0].DecodeTime), read.Select(sample => sample.Time));
                Assert.Equal(frames.Select(frame => frame.CompositionOffset), read.Select(sample => sample.Offset));
                Assert.Equal(frames.Select(frame => frame.Flags.HasFlag(Sluice.Protocols.Media.Frames.FrameFlags.Keyframe)), read.Select(sample => sample.IsSync));
            }
        }
    }

    [FfmpegTheory]
    [InlineData("h264b+aac", 1.2, 1.8)]
    [InlineData("h264b+aac", 0.48, 1.52)]
    [InlineData("h264+aac", 0.0, 0.4)]
    [InlineData("h265+opus", 1.04, 60.0)]
    public void A_clip_begins_and_ends_where_it_is_told(string codecs, double start, double end)
    {
        var clip = Clip.Of(codecs);
        using var source = new MemoryStream(Fragmented.Write(clip, 20));
        CmafIndex.TryOpen(source, out var index);
        using var output = new MemoryStream();
        Assert.Equal(
            CmafFinishError.None,
            CmafClip.TryWrite(source, index!, TimeSpan.FromSeconds(start), end > 10 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(end), output));
        var path = TestMovie.NewPath("clip.mp4");
        File.WriteAllBytes(path, output.ToArray());

        // ffmpeg keeps to the edit list: exactly the pictures of the span, the first of them at 0.
        var all = Ffmpeg.DecodedFrames(clip.File, 'v');
        var offset = double.Parse(Ffmpeg.Probe(clip.File, "v:0", "stream=start_time"), CultureInfo.InvariantCulture);
        var first = Math.Max(0, (int)Math.Round((start - offset) * 25));
        var last = Math.Min(all.Length, (int)Math.Round((end - offset) * 25));
        Assert.Equal(all[first..last], Ffmpeg.DecodedFrames(path, 'v'));
        var begin = Ffmpeg.Probe(path, "v:0", "frame=best_effort_timestamp_time").Split('\n')[0].TrimEnd(',');
        Assert.InRange(double.Parse(begin, CultureInfo.InvariantCulture), -0.001, 0.001);
        var seconds = double.Parse(Ffmpeg.Run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path), CultureInfo.InvariantCulture);
        Assert.InRange(seconds, Math.Min(end, 2) - start - 0.05, Math.Min(end, 2) - start + 0.08);
        Assert.NotEmpty(Ffmpeg.DecodedFrames(path, 'a'));
    }

    [FfmpegFact]
    public void A_clip_that_does_not_begin_at_a_key_picture_takes_the_one_before_and_no_more()
    {
        var clip = Clip.Of("h264");
        using var source = new MemoryStream(Fragmented.Write(clip, 7)); // key pictures in the midst of fragments
        CmafIndex.TryOpen(source, out var index);
        using var output = new MemoryStream();
        CmafClip.TryWrite(source, index!, TimeSpan.FromSeconds(1.4), TimeSpan.FromSeconds(1.6), output);
        var samples = PlainTrack.Read(output.ToArray(), 0);
        Assert.Equal(clip.Frames[25..40].Select(frame => frame.Payload), samples.Select(sample => sample.Payload));
    }

    [FfmpegTheory]
    [InlineData("h264b+aac", 30)]
    [InlineData("h265+opus", 7)]
    public void A_clip_can_be_served_fragment_by_fragment(string codecs, int framesEach)
    {
        var clip = Clip.Of(codecs);
        using var source = new MemoryStream(Fragmented.Write(clip, framesEach));
        CmafIndex.TryOpen(source, out var index);
        using var output = new MemoryStream();
        Assert.Equal(CmafFinishError.None, CmafClip.TryWrite(source, index!, TimeSpan.FromSeconds(1.2), TimeSpan.FromSeconds(1.6), output));
        var bytes = output.ToArray();
        var cut = Index(bytes);
        Assert.True(cut.IsFinished);
        Assert.Equal(0, cut.Fragments.First(f => f.Track == 0).DecodeTime);
        Assert.True(cut.Fragments.First(f => f.Track == 0).IsIndependent);
        Assert.All(cut.Fragments, f => Assert.InRange(f.DecodeTime / (double)cut.Movie.Tracks[f.Track].Format.ClockRate, 0, 1.6));
        var path = TestMovie.NewPath("fragments.mp4");
        File.WriteAllBytes(path, [.. bytes.AsSpan((int)cut.InitOffset, (int)(cut.UsableLength - cut.InitOffset))]);
        var all = Ffmpeg.DecodedFrames(clip.File, 'v');
        var shown = Ffmpeg.DecodedFrames(path, 'v');
        var first = Array.IndexOf(all, shown[0]);
        Assert.InRange(first, 0, 30);

        // All of the span are shown in a row; behind it at most those that were decoded before its last one.
        var begin = clip.Frames.Where(f => f.Track == 0).Select(f => f.DecodeTime + f.CompositionOffset).Order().ElementAt(first);
        var end = 1.6 * clip.Tracks[0].Format.ClockRate - index!.Movie.ShiftOf(0);
        var within = clip.Frames.Count(f => f.Track == 0 && f.DecodeTime + f.CompositionOffset >= begin && f.DecodeTime + f.CompositionOffset < end);
        Assert.InRange(within, 10, 40);
        Assert.Equal(all[first..(first + within)], shown[..within]);
        Assert.InRange(shown.Length - within, 0, 3);
        Assert.NotEmpty(Ffmpeg.DecodedFrames(path, 'a'));
    }

    [Fact]
    public void There_is_nothing_to_cut_outside_of_the_file()
    {
        using var source = new MemoryStream(RandomRecording.Make(5).Bytes);
        CmafIndex.TryOpen(source, out var index);
        using var output = new MemoryStream();
        Assert.Equal(CmafFinishError.Empty, CmafClip.TryWrite(source, index!, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1), output));
        Assert.Equal(CmafFinishError.Empty, CmafClip.TryWrite(source, index!, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), output));
        Assert.Equal(CmafFinishError.NoRoom, CmafFinish.TryFinishInPlace(source, Index(CmafInit.Write(Formats.Tracks(Formats.Aac)))));
        using var empty = new MemoryStream(CmafInit.Write(Formats.Tracks(Formats.Aac)));
        Assert.Equal(CmafFinishError.Empty, CmafFinish.TryCopy(empty, Index(empty.ToArray()), output));
        Assert.Equal(0, output.Length);
    }

    [Fact]
    public void A_copy_can_be_given_up()
    {
        using var source = new MemoryStream(RandomRecording.Make(5).Bytes);
        CmafIndex.TryOpen(source, out var index);
        Assert.Throws<OperationCanceledException>(() => CmafFinish.TryCopy(source, index!, new MemoryStream(), null, new CancellationToken(true)));
    }

    private static byte[] Copy(byte[] bytes)
    {
        using var source = new MemoryStream(bytes);
        using var output = new MemoryStream();
        Assert.Equal(CmafFinishError.None, CmafFinish.TryCopy(source, Index(bytes), output, new DateTime(2026, 11, 20, 0, 0, 0, DateTimeKind.Utc)));
        return output.ToArray();
    }

    private static CmafIndex Index(byte[] bytes)
    {
        using var file = new MemoryStream(bytes);
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(file, out var index));
        return index!;
    }

    private static CmafFinishError Finish(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(file, out var index));
        return CmafFinish.TryFinishInPlace(file, index!);
    }

    private static void SamePicturesAndSound(Clip clip, string path)
    {
        foreach (var track in clip.Tracks)
        {
            var kind = track.Format.Channels == 0 ? 'v' : 'a';
            Assert.Equal(Ffmpeg.DecodedFrames(clip.File, kind), Ffmpeg.DecodedFrames(path, kind));
        }
    }

    private static string SeekAndDecode(string path) =>
        Ffmpeg.Run("ffmpeg", "-v", "error", "-ss", "1.0", "-i", path, "-map", "0:v", "-frames:v", "1", "-f", "framemd5", "-").Split('\n').Count(line => line.Length > 0 && line[0] != '#') == 1
            ? "Seekable"
            : "not";
}

/// <summary>Reads the tables of a plain file's track, written anew for the tests.</summary>
internal static class PlainTrack
{
    public static List<(long Time, int Offset, bool IsSync, byte[] Payload)> Read(byte[] file, int trak)
    {
        var stbl = BoxTree.Find(file, $"moov/trak#{trak}/mdia/minf/stbl");
        var durations = Runs(BoxTree.Find(stbl, "stts"));
        var names = BoxTree.Names(stbl);
        var offsets = names.Contains("ctts") ? Runs(BoxTree.Find(stbl, "ctts")) : [.. durations.Select(_ => 0u)];
        var syncs = names.Contains("stss") ? Numbers(BoxTree.Find(stbl, "stss")[8..]).ToHashSet() : null;
        var sizes = Numbers(BoxTree.Find(stbl, "stsz")[12..]);
        var places = Numbers(BoxTree.Find(stbl, "stco")[8..]);
        var perChunk = Numbers(BoxTree.Find(stbl, "stsc")[8..]);
        Assert.Equal(sizes.Length, durations.Length);
        Assert.Equal(sizes.Length, offsets.Length);
        var samples = new List<(long, int, bool, byte[])>();
        long time = 0;
        for (var chunk = 0; chunk < places.Length; chunk++)
        {
            var row = Enumerable.Range(0, perChunk.Length / 3).Last(i => perChunk[i * 3] <= chunk + 1);
            var at = (int)places[chunk];
            for (var i = 0; i < perChunk[row * 3 + 1]; i++)
            {
                var sample = samples.Count;
                var payload = file[at..(at + (int)sizes[sample])];
                samples.Add((time, (int)offsets[sample], syncs?.Contains((uint)sample + 1) ?? true, payload));
                time += durations[sample];
                at += payload.Length;
            }
        }

        Assert.Equal(sizes.Length, samples.Count);
        return samples;
    }

    private static uint[] Runs(byte[] box)
    {
        var numbers = Numbers(box[8..]);
        return [.. Enumerable.Range(0, numbers.Length / 2).SelectMany(i => Enumerable.Repeat(numbers[i * 2 + 1], (int)numbers[i * 2]))];
    }

    private static uint[] Numbers(byte[] bytes) =>
        [.. Enumerable.Range(0, bytes.Length / 4).Select(i => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(i * 4)))];
}
