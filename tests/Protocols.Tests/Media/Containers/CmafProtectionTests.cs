using System.Buffers;
using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Media;

namespace Sluice.Protocols.Tests.Media.Containers;

public sealed class CmafProtectionTests
{
    // NIST SP 800-38A §F.2.1, CBC-AES128: key, vector, four blocks and what they become.
    private static readonly byte[] Key = Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c");
    private static readonly byte[] Vector = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");
    private static readonly byte[] Plain = Convert.FromHexString("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
    private static readonly byte[] Sealed = Convert.FromHexString("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7");

    [Fact]
    public void Of_sound_all_whole_blocks_are_encrypted_and_each_sample_begins_anew()
    {
        byte[] first = [.. Plain, 1, 2, 3, 4, 5], second = [.. Plain[..16], .. new byte[15]], third = [9, 9, 9];
        var bytes = Protect(Formats.Aac, Chunk(Formats.Aac, first, second, third));
        byte[] expected = [.. Sealed, 1, 2, 3, 4, 5, .. Sealed[..16], .. new byte[15], 9, 9, 9];
        Assert.Equal(expected, BoxTree.Find(bytes, "mdat"));

        // One vector, whole samples: there is nothing to say of each.
        Assert.Equal("tfhd tfdt trun", BoxTree.Names(BoxTree.Find(bytes, "moof/traf")));
    }

    [Fact]
    public void Of_a_slice_one_block_in_ten_is_encrypted_behind_what_stays()
    {
        var slice = Slice(0x65, 96 + 3 * 160 + 16 + 15);
        for (var i = 0; i < 4; i++) Plain.AsSpan(i * 16, 16).CopyTo(slice.AsSpan(4 + 96 + i * 160));
        var expected = (byte[])slice.Clone();
        for (var i = 0; i < 4; i++) Sealed.AsSpan(i * 16, 16).CopyTo(expected.AsSpan(4 + 96 + i * 160));
        var bytes = Protect(Formats.H264, Chunk(Formats.H264, slice));
        Assert.Equal(expected, BoxTree.Find(bytes, "mdat"));
    }

    [Fact]
    public void It_is_said_of_each_sample_what_is_encrypted()
    {
        byte[] key = [.. Slice(0x67, 26), .. Slice(0x06, 400), .. Slice(0x65, 1000), .. Slice(0x65, 500)], other = Slice(0x41, 300), small = Slice(0x41, 111);
        var plain = Chunk(Formats.H264, key, other, small);
        var bytes = Protect(Formats.H264, plain);
        Assert.Equal("tfhd tfdt trun saiz saio senc", BoxTree.Names(BoxTree.Find(bytes, "moof/traf")));
        Assert.Equal("00000000" + "00" + "00000003" + "0e0808", Hex(bytes, "moof/traf/saiz"));
        Assert.Equal(
            "00000002" + "00000003"
            + "0002" + "0216" + "00000388" + "0064" + "00000194" // 30 + 404 + 4 + 96 clear, 1000 - 96 protected; 4 + 96, 500 - 96
            + "0001" + "0064" + "000000cc"
            + "0001" + "0073" + "00000000",
            Hex(bytes, "moof/traf/senc"));

        // Where the samples lie has moved by what was put in, and the place of what is said counts from the fragment.
        var grown = bytes.Length - plain.Length;
        Assert.Equal(20 + 20 + 46, grown);
        Assert.Equal(Run(plain) + grown, Run(bytes));
        Assert.Equal(new List<byte[]> { key, other, small }, ProtectedSamples.Open(Describe(Formats.H264), bytes, Key));
    }

    [Theory]
    [InlineData("H264", "encv", "avc1", "19")]
    [InlineData("H265", "encv", "hvc1", "19")]
    [InlineData("Aac", "enca", "mp4a", "00")]
    [InlineData("Opus", "enca", "Opus", "00")]
    public void The_sample_entry_says_what_it_was_and_how_it_is_encrypted(string name, string entry, string original, string pattern)
    {
        var format = Named(name);
        var plain = CmafInit.Write(Formats.Tracks(format));
        var init = Describe(format);
        var was = BoxTree.Find(plain, $"moov/trak/mdia/minf/stbl/stsd/{original}");
        var now = BoxTree.Find(init, $"moov/trak/mdia/minf/stbl/stsd/{entry}");
        Assert.Equal(was, now[..was.Length]);
        Assert.Equal(
            "00000061" + "73696e66"
            + "0000000c" + "66726d61" + Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(original))
            + "00000014" + "7363686d" + "00000000" + "63626373" + "00010000"
            + "00000039" + "73636869" + "00000031" + "74656e63" + "01000000" + "00" + pattern + "01" + "00" + new string('0', 32) + "10" + Convert.ToHexStringLower(Vector),
            Convert.ToHexStringLower(now[was.Length..]));
        Assert.Equal(plain.Length + now.Length - was.Length, init.Length);
        Assert.Equal(BoxTree.Find(plain, "moov/mvex"), BoxTree.Find(init, "moov/mvex"));
    }

    [Fact]
    public void Runs_of_clear_bytes_longer_than_can_be_told_are_told_in_pieces()
    {
        byte[] sample = [.. Slice(0x06, 150_000), .. Slice(0x41, 2000)];
        var bytes = Protect(Formats.H264, Chunk(Formats.H264, sample));
        Assert.Equal("00000002" + "00000001" + "0003" + "ffff" + "00000000" + "ffff" + "00000000" + "4a5a" + "00000770", Hex(bytes, "moof/traf/senc"));
        Assert.Equal(new List<byte[]> { sample }, ProtectedSamples.Open(Describe(Formats.H264), bytes, Key));
    }

    [Fact]
    public void Of_more_slices_than_can_be_told_the_first_are_encrypted()
    {
        var sample = Enumerable.Range(0, 60).SelectMany(_ => Slice(0x41, 200)).ToArray();
        var bytes = Protect(Formats.H264, Chunk(Formats.H264, sample));
        Assert.Equal(31, BinaryPrimitives.ReadUInt16BigEndian(BoxTree.Find(bytes, "moof/traf/senc").AsSpan(8)));
        Assert.Equal(new List<byte[]> { sample }, ProtectedSamples.Open(Describe(Formats.H264), bytes, Key));
        var tooMany = Enumerable.Range(0, 400).SelectMany(_ => Slice(0x41, 4000)).ToArray();
        Assert.False(CmafProtection.TryProtect(Chunk(Formats.H264, tooMany), Movie(Formats.H264), Key, Vector, out _));
    }

    [Fact]
    public void What_cannot_be_encrypted_is_not_sent_plain()
    {
        var chunk = Chunk(Formats.Aac, new byte[40]);
        var movie = Movie(Formats.Aac);
        Assert.True(CmafProtection.TryProtect(chunk, movie, Key, Vector, out _));
        Assert.False(CmafProtection.TryProtect(chunk.AsSpan(0, chunk.Length - 1), movie, Key, Vector, out _));
        Assert.False(CmafProtection.TryProtect([.. chunk, .. chunk.AsSpan(0, 20)], movie, Key, Vector, out _));

        // Samples of a track that the movie does not have, a sample that lies in the header of mdat, two tracks.
        Assert.False(CmafProtection.TryProtect(chunk, Movie(Formats.Aac, id: 7), Key, Vector, out _));
        var astray = (byte[])chunk.Clone();
        var at = chunk.AsSpan().IndexOf("trun"u8) + 4 + 8;
        astray[at + 3] -= 4;
        Assert.False(CmafProtection.TryProtect(astray, movie, Key, Vector, out _));
        Assert.True(CmafMovie.TryParse(CmafInit.Write(Formats.Tracks(Formats.H264, Formats.Aac)), out var both));
        Assert.False(CmafProtection.TryProtect(chunk, both, Key, Vector, out _));

        // What is encrypted is not encrypted again, though it is said twice.
        var pictures = Protect(Formats.H264, Chunk(Formats.H264, Slice(0x65, 300)));
        Assert.False(CmafProtection.TryProtect(pictures, Movie(Formats.H264), Key, Vector, out _));
        foreach (var format in new[] { Formats.Av1, Formats.Vp9, Formats.Vp8 })
        {
            Assert.False(CmafProtection.CanProtect(format));
            Assert.False(CmafProtection.TryProtect(Chunk(format, new byte[40]), Movie(format), Key, Vector, out _));
        }
    }

    [Fact]
    public void A_damaged_initialization_section_gives_none()
    {
        var init = CmafInit.Write(Formats.Tracks(Formats.H264));
        Assert.False(CmafProtection.TryProtectInit([], Vector, out _));
        Assert.False(CmafProtection.TryProtectInit(init.AsSpan(0, init.Length - 1), Vector, out _));
        Assert.False(CmafProtection.TryProtectInit(init.AsSpan(0, 24), Vector, out _));
    }

    // By a pipe: the ffmpeg of 2022 finds what is said of samples only where it cannot read ahead.
    [FfmpegTheory]
    [InlineData("h264", 1)]
    [InlineData("h264b", 5)]
    [InlineData("h264slices", 4)]
    [InlineData("h265", 5)]
    [InlineData("aac", 9)]
    [InlineData("opus", 10)]
    public void Ffmpeg_with_the_key_decodes_what_went_in_and_without_it_does_not(string codec, int framesPerPart)
    {
        var (clip, kind, media) = ProtectClip(codec, framesPerPart);
        var expected = Ffmpeg.DecodedFrames(clip.File, kind);
        Assert.True(expected.Length >= 50, $"{expected.Length} frames");
        Assert.Equal(expected, Ffmpeg.FramesOf(Ffmpeg.Convert(media, Decode("pipe:0", kind, "-decryption_key", Convert.ToHexStringLower(Key)))));
        Assert.NotEqual(expected, Ffmpeg.FramesOf(Ffmpeg.TryConvert(media, Decode("pipe:0", kind)).Output));
        Assert.NotEqual(expected, Ffmpeg.FramesOf(Ffmpeg.TryConvert(media, Decode("pipe:0", kind, "-decryption_key", new string('0', 32))).Output));
    }

    [NewerProgramTheory("ffmpeg")]
    [InlineData("h264b", 1)]
    [InlineData("h265", 5)]
    [InlineData("aac", 9)]
    public void A_newer_ffmpeg_decodes_it_from_a_file_too(string codec, int framesPerPart)
    {
        var (clip, kind, media) = ProtectClip(codec, framesPerPart);
        var path = TestMovie.NewPath($"{codec}-cbcs.mp4");
        File.WriteAllBytes(path, media);
        var newer = NewerPrograms.Find("ffmpeg")!;
        Assert.Equal(Ffmpeg.FramesOf(Ffmpeg.Run(newer, Decode(clip.File, kind))), Ffmpeg.FramesOf(Ffmpeg.Run(newer, Decode(path, kind, "-decryption_key", Convert.ToHexStringLower(Key)))));
    }

    private static (Clip Clip, char Kind, byte[] Media) ProtectClip(string codec, int framesPerPart)
    {
        var clip = Clip.Of(codec);
        var plain = Fragmented.Write(clip, framesPerPart);
        var init = CmafInit.Write(clip.Tracks);
        Assert.True(CmafMovie.TryParse(init, out var movie));
        Assert.True(CmafProtection.TryProtectInit(init, Vector, out var description));
        Assert.True(CmafProtection.TryProtect(plain.AsSpan(init.Length), movie, Key, Vector, out var chunks));
        return (clip, clip.Tracks[0].Format.Kind == MediaKind.Video ? 'v' : 'a', [.. description, .. chunks]);
    }

    private static string[] Decode(string file, char kind, params string[] options) => ["-v", "error", .. options, "-i", file, .. Ffmpeg.HashFrames(kind)];

    private static byte[] Protect(FrameFormat format, byte[] chunks)
    {
        Assert.True(CmafProtection.TryProtect(chunks, Movie(format), Key, Vector, out var bytes));
        return bytes;
    }

    private static byte[] Describe(FrameFormat format)
    {
        Assert.True(CmafProtection.TryProtectInit(CmafInit.Write(Formats.Tracks(format)), Vector, out var bytes));
        return bytes;
    }

    private static CmafMovie Movie(FrameFormat format, uint id = 1)
    {
        Assert.True(CmafMovie.TryParse(CmafInit.Write([new CmafTrack(id, format)]), out var movie));
        return movie;
    }

    private static byte[] Chunk(FrameFormat format, params byte[][] samples)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CmafFragmentWriter(Formats.Tracks(format));
        for (var i = 0; i < samples.Length; i++)
        {
            Assert.Equal(FragmentAdd.Added, writer.TryAdd(0, new Frame { Format = format, DecodeTime = i * 1024, Flags = FrameFlags.Keyframe, Payload = samples[i] }, 1024));
        }

        writer.Write(output);
        return output.WrittenSpan.ToArray();
    }

    // A NAL unit behind its length; as a slice it names a picture parameter set that is not there.
    private static byte[] Slice(byte header, int length)
    {
        var bytes = new byte[4 + length];
        for (var i = 0; i < length; i++) bytes[4 + i] = (byte)(i * 7);
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        byte[] front = [header, 0xc0, 0x7f, 0x80];
        front.CopyTo(bytes, 4);
        return bytes;
    }

    private static FrameFormat Named(string name) => name switch { "H264" => Formats.H264, "H265" => Formats.H265, "Aac" => Formats.Aac, _ => Formats.Opus };

    private static string Hex(byte[] bytes, string path) => Convert.ToHexStringLower(BoxTree.Find(bytes, path));

    private static int Run(byte[] bytes) => BinaryPrimitives.ReadInt32BigEndian(BoxTree.Find(bytes, "moof/traf/trun").AsSpan(8));
}
