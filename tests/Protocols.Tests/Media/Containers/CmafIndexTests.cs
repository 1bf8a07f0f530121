using System.Buffers.Binary;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Testing.Media;

namespace Sluice.Protocols.Tests.Media.Containers;

public sealed class CmafIndexTests
{
    [Fact]
    public void A_file_cut_anywhere_in_its_last_fragments_keeps_every_whole_one()
    {
        for (var seed = 0UL; seed < 3; seed++)
        {
            var recording = RandomRecording.Make(40 + seed);
            var ends = recording.Fragments.Select(fragment => fragment.Offset + fragment.Written.Length).ToArray();
            var first = ends.Length > 3 ? ends[^4] : recording.Fragments[0].Offset;
            for (var length = first; length <= recording.Bytes.Length; length++)
            {
                using var cut = new MemoryStream(recording.Bytes, 0, (int)length);
                Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(cut, out var index));
                var usable = ends.Where(end => end <= length).DefaultIfEmpty(recording.Fragments[0].Offset).Max();
                Assert.Equal(usable, index!.UsableLength);
                var whole = recording.Fragments.Where(fragment => fragment.Offset + fragment.Written.Length <= length).Sum(fragment => fragment.Written.Frames);
                Assert.Equal(whole, Clip.FramesOf(cut, index).Length);
            }
        }
    }

    [FfmpegFact]
    public void What_remains_of_a_cut_file_plays()
    {
        var clip = Clip.Of("h264b+aac");
        var bytes = Fragmented.Write(clip, 24);
        var pictures = Ffmpeg.DecodedFrames(clip.File, 'v');
        using var whole = new MemoryStream(bytes);
        CmafIndex.TryOpen(whole, out var all);
        var begin = all!.Fragments.Select(fragment => fragment.Offset).Distinct().TakeLast(3).First();
        var lengths = new HashSet<long>();
        for (var length = begin; length < bytes.Length; length++)
        {
            using var cut = new MemoryStream(bytes, 0, (int)length);
            Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(cut, out var index));
            lengths.Add(index!.UsableLength);
        }

        // Every byte of the last three fragments leaves one of three lengths; each is judged by decoding.
        Assert.Equal(3, lengths.Count);
        foreach (var length in lengths)
        {
            var path = TestMovie.NewPath("cut.mp4");
            File.WriteAllBytes(path, bytes[..(int)length]);
            var left = Ffmpeg.DecodedFrames(path, 'v');
            Assert.InRange(left.Length, 20, pictures.Length);

            // A B-picture at the very end may lack what it refers to; all before it are the pictures that went in.
            Assert.Equal(pictures[..(left.Length - 3)], left[..^3]);
            Assert.NotEmpty(Ffmpeg.DecodedFrames(path, 'a'));
        }
    }

    [Fact]
    public void Zeros_behind_the_end_are_not_indexed()
    {
        var recording = RandomRecording.Make(7);
        using var file = new MemoryStream([.. recording.Bytes, .. new byte[4096]]);
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(file, out var index));
        Assert.Equal(recording.Bytes.Length, index!.UsableLength);
    }

    [Fact]
    public void A_file_that_grows_is_read_on()
    {
        var recording = RandomRecording.Make(11);
        using var whole = new MemoryStream(recording.Bytes);
        CmafIndex.TryOpen(whole, out var expected);
        using var file = new MemoryStream();
        CmafIndex? index = null;
        for (var at = 0; at < recording.Bytes.Length; at += 37)
        {
            file.Position = at;
            file.Write(recording.Bytes.AsSpan(at, Math.Min(37, recording.Bytes.Length - at)));
            if (index is null) CmafIndex.TryOpen(file, out index);
            else index.ReadOn(file);
        }

        Assert.Equal(expected!.Fragments, index!.Fragments);
        Assert.Equal(expected.UsableLength, index.UsableLength);
    }

    [Fact]
    public void Files_that_are_none_are_named_as_such()
    {
        Assert.Equal(CmafOpenError.NoMovie, Open([]));
        Assert.Equal(CmafOpenError.NoMovie, Open(new byte[100]));
        var init = CmafInit.Write(Formats.Tracks(Formats.H264));
        for (var length = 0; length < init.Length; length++) Assert.Equal(CmafOpenError.NoMovie, Open(init[..length]));
        Assert.Equal(CmafOpenError.None, Open(init));
        var entry = init.AsSpan().IndexOf("avc1"u8);
        "mp4v"u8.CopyTo(init.AsSpan(entry));
        Assert.Equal(CmafOpenError.NoTracks, Open(init));
        var extends = init.AsSpan().IndexOf("mvex"u8);
        "skip"u8.CopyTo(init.AsSpan(extends));
        Assert.Equal(CmafOpenError.NotFragmented, Open(init));
    }

    [Fact]
    public void A_fragment_whose_samples_lie_elsewhere_ends_the_index()
    {
        var recording = RandomRecording.Make(3);
        var at = (int)recording.Fragments[^1].Offset;
        var trun = at + recording.Bytes.AsSpan(at).IndexOf("trun"u8);
        BinaryPrimitives.WriteInt32BigEndian(recording.Bytes.AsSpan(trun + 12), -at); // back to the file's begin
        using var file = new MemoryStream(recording.Bytes);
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(file, out var index));
        Assert.Equal(at, index!.UsableLength);
    }

    [FfmpegTheory]
    [InlineData("frag_keyframe+empty_moov")]
    [InlineData("frag_keyframe+empty_moov+omit_tfhd_offset")]
    [InlineData("frag_every_frame+empty_moov+default_base_moof")]
    [InlineData("frag_keyframe+empty_moov+separate_moof")]
    [InlineData("frag_keyframe+delay_moov+default_base_moof+negative_cts_offsets")]
    [InlineData("cmaf+frag_keyframe")]
    [InlineData("dash+frag_keyframe+global_sidx")]
    public void Files_of_other_writers_are_read(string flags)
    {
        var clip = Clip.Of("h264b+aac");
        var path = TestMovie.NewPath("other.mp4");
        Ffmpeg.Run("ffmpeg", "-v", "error", "-i", clip.File, "-c", "copy", "-movflags", flags, path);
        var other = Clip.Read(path);
        Assert.Equal(clip.Tracks.Select(track => track.Format.Codec), other.Tracks.Select(track => track.Format.Codec));
        for (var track = 0; track < 2; track++)
        {
            var expected = clip.Frames.Where(frame => frame.Track == track).ToArray();
            var got = other.Frames.Where(frame => frame.Track == track).ToArray();
            Assert.Equal(expected.Length, got.Length);
            for (var i = 0; i < got.Length; i++)
            {
                Assert.Equal(expected[i].Payload, got[i].Payload);
                Assert.Equal(expected[i].Flags & Sluice.Protocols.Media.Frames.FrameFlags.Keyframe, got[i].Flags & Sluice.Protocols.Media.Frames.FrameFlags.Keyframe);
            }

            var times = Ffmpeg.Probe(path, $"{track}", "packet=dts").Split('\n').Select(line => long.Parse(line.Trim(',', '\r'))).ToArray();
            Assert.Equal(times.Select(time => time - times[0]), got.Select(frame => frame.DecodeTime - got[0].DecodeTime));
        }
    }

    private static CmafOpenError Open(byte[] bytes)
    {
        using var file = new MemoryStream(bytes);
        return CmafIndex.TryOpen(file, out _);
    }
}
