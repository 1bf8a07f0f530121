using System.Buffers;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>Byte for byte against ISO/IEC 14496-12 §8.8, and the promises about durations, bounds and memory.</summary>
public sealed class CmafFragmentWriterTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void A_part_of_one_key_picture_is_as_short_as_can_be()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.H264));
        Assert.Equal(FragmentAdd.Added, writer.TryAdd(0, Video(0x1_2345_6789, FrameFlags.Keyframe, [1, 2, 3, 4, 5]), 3000));
        var written = writer.Write(_output);
        Assert.Equal(
            "00000064" + "6d6f6f66" // moof
            + "00000010" + "6d666864" + "00000000" + "00000001" // mfhd
            + "0000004c" + "74726166" // traf
            + "0000001c" + "74666864" + "00020038" + "00000001" + "00000bb8" + "00000005" + "02000000" // tfhd: base is the moof; duration, size, flags
            + "00000014" + "74666474" + "01000000" + "0000000123456789" // tfdt
            + "00000014" + "7472756e" + "01000001" + "00000001" + "0000006c" // trun: one sample behind moof and the header of mdat
            + "0000000d" + "6d646174" + "0102030405",
            Written());
        Assert.Equal(new FragmentWritten(0x64 + 13, 1, 0x1_2345_6789, 3000, true), written);
    }

    [Fact]
    public void A_run_with_reordering_says_of_each_sample_what_differs()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.H264)) { NextSequence = 9 };
        writer.TryAdd(0, Video(1000, FrameFlags.Keyframe, [1], 0));
        writer.TryAdd(0, Video(4000, FrameFlags.None, [2, 2], 3000));
        writer.TryAdd(0, Video(7000, FrameFlags.Disposable, [3], -3000), 2000);
        var written = writer.Write(_output);
        Assert.Equal(
            "00000088" + "6d6f6f66" + "00000010" + "6d666864" + "00000000" + "00000009"
            + "00000070" + "74726166"
            + "00000010" + "74666864" + "00020000" + "00000001"
            + "00000014" + "74666474" + "01000000" + "00000000000003e8"
            + "00000044" + "7472756e" + "01000f01" + "00000003" + "00000090"
            + "00000bb8" + "00000001" + "02000000" + "00000000"
            + "00000bb8" + "00000002" + "01010000" + "00000bb8"
            + "000007d0" + "00000001" + "01810000" + "fffff448"
            + "0000000c" + "6d646174" + "01020203",
            Written());
        Assert.Equal((3, 8000L), (written.Frames, written.Duration));
    }

    [Fact]
    public void A_picture_group_says_flags_once_and_the_key_picture_s_extra()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.H264));
        for (var i = 0; i < 4; i++) writer.TryAdd(0, Video(i * 3000, i == 0 ? FrameFlags.Keyframe : FrameFlags.None, new byte[i + 1]), 3000);
        writer.Write(_output);
        var bytes = _output.WrittenSpan.ToArray();
        Assert.Equal("00020028" + "00000001" + "00000bb8" + "01010000", Convert.ToHexStringLower(BoxTree.Find(bytes, "moof/traf/tfhd")));
        Assert.Equal(
            "01000205" + "00000004" + "0000007c" + "02000000" + "00000001" + "00000002" + "00000003" + "00000004",
            Convert.ToHexStringLower(BoxTree.Find(bytes, "moof/traf/trun")));
    }

    [Fact]
    public void Tracks_lie_behind_each_other_and_say_where()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.H264, Formats.Aac, Formats.Opus));
        writer.TryAdd(1, Audio(Formats.Aac, 0, [0xaa]));
        writer.TryAdd(0, Video(0, FrameFlags.Keyframe, [0x11, 0x12]), 3000);
        writer.TryAdd(1, Audio(Formats.Aac, 1024, [0xbb]));
        var written = writer.Write(_output);
        var bytes = _output.WrittenSpan.ToArray();
        Assert.Equal("moof mdat", BoxTree.Names(bytes));
        Assert.Equal("mfhd traf traf", BoxTree.Names(BoxTree.Find(bytes, "moof"))); // nothing of the silent third
        Assert.Equal("1112aabb", Convert.ToHexStringLower(BoxTree.Find(bytes, "mdat")));
        var data = BoxTree.Children(bytes)[1].Offset + 8;
        Assert.Equal($"01000001" + "00000001" + $"{data:x8}", Convert.ToHexStringLower(BoxTree.Find(bytes, "moof/traf/trun")));
        Assert.Equal($"01000001" + "00000002" + $"{data + 2:x8}", Convert.ToHexStringLower(BoxTree.Find(bytes, "moof/traf#1/trun")));
        Assert.Equal(new FragmentWritten(bytes.Length, 3, 0, 3000, true), written);
    }

    [Fact]
    public void What_goes_before_a_segment_is_written_as_asked()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.H264));
        writer.TryAdd(0, Video(0x1_0000_0000, FrameFlags.Keyframe, [1]), 3000);
        TimedEvent[] events = [new(TimedEvent.Id3Scheme, "", 7, 90_000, 0x1_0000_0001, uint.MaxValue, "ID3"u8.ToArray())];
        var written = writer.Write(_output, new FragmentPrefix
        {
            Start = FragmentStart.Segment,
            ProducerTime = new ProducerTime(new NtpTime(0xe5f0_1234_8000_0000), 0x1_0000_0000),
            Events = events,
        });
        var bytes = _output.WrittenSpan.ToArray();
        Assert.Equal("styp prft emsg moof mdat", BoxTree.Names(bytes));
        Assert.Equal(bytes.Length, written.Length);
        Assert.Equal("6d73646800000000" + "6d736468" + "636d6673" + "636d6666" + "636d666c", Convert.ToHexStringLower(BoxTree.Find(bytes, "styp")));
        Assert.Equal("01000000" + "00000001" + "e5f0123480000000" + "0000000100000000", Convert.ToHexStringLower(BoxTree.Find(bytes, "prft")));
        Assert.Equal(
            "01000000" + "00015f90" + "0000000100000001" + "ffffffff" + "00000007" + Convert.ToHexStringLower("https://aomedia.org/emsg/ID3\0\0ID3"u8),
            Convert.ToHexStringLower(BoxTree.Find(bytes, "emsg")));
        Assert.Equal("01000001" + "00000001" + "0000006c", Convert.ToHexStringLower(BoxTree.Find(bytes, "moof/traf/trun"))); // counts from moof
    }

    [Fact]
    public void A_chunk_announces_itself_as_one()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.Aac));
        writer.TryAdd(0, Audio(Formats.Aac, 0, [1]));
        writer.Write(_output, new FragmentPrefix { Start = FragmentStart.Chunk });
        Assert.Equal("6d73646800000000" + "6d736468" + "636d666c", Convert.ToHexStringLower(BoxTree.Find(_output.WrittenSpan.ToArray(), "styp")));
    }

    [Fact]
    public void Without_frames_nothing_is_written()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.Aac));
        Assert.Equal(default, writer.Write(_output, new FragmentPrefix { Start = FragmentStart.Segment }));
        Assert.Equal((0, 1u), (_output.WrittenCount, writer.NextSequence));
    }

    [Fact]
    public void The_last_duration_is_what_the_next_frame_says()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.H264));
        writer.TryAdd(0, Video(0, FrameFlags.Keyframe, [1]), 3000);
        Assert.Equal(3000, writer.DurationOf(0));
        writer.EndAt(0, 3600);
        Assert.Equal(3600, writer.DurationOf(0));
        writer.EndAt(0, 0); // cannot be
        Assert.Equal(3600, writer.Write(_output).Duration);

        writer.TryAdd(0, Video(3600, FrameFlags.None, [1])); // not said: as the one before
        Assert.Equal(3600, writer.DurationOf(0));
        writer.TryAdd(0, Video(6600, FrameFlags.None, [1]));
        Assert.Equal(6000, writer.Write(_output).Duration);
    }

    [Fact]
    public void Sound_knows_its_duration()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.Aac, Formats.HeAac, Formats.Opus));
        writer.TryAdd(0, Audio(Formats.Aac, 0, [1]));
        writer.TryAdd(1, Audio(Formats.HeAac, 0, [1])); // 1024 of the core's 22050 are 2048 of 44100
        writer.TryAdd(2, Audio(Formats.Opus, 0, [0xfc])); // CELT, 20 ms
        Assert.Equal((1024L, 2048L, 960L), (writer.DurationOf(0), writer.DurationOf(1), writer.DurationOf(2)));
    }

    [Fact]
    public void What_cannot_be_in_is_refused_and_changes_nothing()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.H264), maxBytes: 10, maxFrames: 2);
        Assert.Equal(FragmentAdd.TimeIsWrong, writer.TryAdd(0, Video(-1, FrameFlags.Keyframe, [1])));
        Assert.Equal(FragmentAdd.Added, writer.TryAdd(0, Video(100, FrameFlags.Keyframe, [1])));
        Assert.Equal(FragmentAdd.TimeIsWrong, writer.TryAdd(0, Video(100, FrameFlags.None, [1])));
        Assert.Equal(FragmentAdd.TimeIsWrong, writer.TryAdd(0, Video(99, FrameFlags.None, [1])));
        Assert.Equal(FragmentAdd.TimeIsWrong, writer.TryAdd(0, Video(101L + int.MaxValue, FrameFlags.None, [1])));
        Assert.Equal(FragmentAdd.FormatChanged, writer.TryAdd(0, Audio(Formats.Aac, 200, [1])));
        Assert.Equal(FragmentAdd.Full, writer.TryAdd(0, Video(200, FrameFlags.None, new byte[10])));
        Assert.Equal((1, 1), (writer.Frames, writer.Bytes));
        Assert.Equal(FragmentAdd.Added, writer.TryAdd(0, Video(200, FrameFlags.None, new byte[9])));
        Assert.Equal(FragmentAdd.Full, writer.TryAdd(0, Video(300, FrameFlags.None, [])));
        Assert.Equal(2, writer.Write(_output).Frames);
        Assert.Equal(FragmentAdd.Added, writer.TryAdd(0, Video(50, FrameFlags.None, [1]))); // a new fragment states its own time
    }

    [Fact]
    public void An_equal_format_is_the_same_format()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.Aac));
        var copy = new FrameFormat(Formats.Aac.Codec, 48_000, 2, default, Formats.Aac.Configuration);
        Assert.Equal(FragmentAdd.Added, writer.TryAdd(0, Audio(copy, 0, [1])));
    }

    [Fact]
    public void A_fragment_is_independent_only_if_every_track_of_it_is()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.Aac, Formats.H264));
        writer.TryAdd(0, Audio(Formats.Aac, 0, [1]));
        writer.TryAdd(1, Video(0, FrameFlags.None, [1]));
        Assert.False(writer.Write(_output).IsIndependent);
        writer.TryAdd(0, Audio(Formats.Aac, 1024, [1]));
        Assert.True(writer.Write(_output).IsIndependent);
    }

    [Fact]
    public void Nothing_is_allocated_once_the_buffers_have_grown()
    {
        var writer = new CmafFragmentWriter(Formats.Tracks(Formats.H264, Formats.Aac));
        var output = new ReusedBuffer();
        var payload = new byte[5000];
        var part = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 50; i++) WritePart(writer, output, payload, part++);
        }));
    }

    private static void WritePart(CmafFragmentWriter writer, ReusedBuffer output, byte[] payload, int part)
    {
        for (var i = 0; i < 100; i++)
        {
            writer.TryAdd(0, Video((part * 100 + i) * 3000L, i == 0 ? FrameFlags.Keyframe : FrameFlags.None, payload, i % 3 * 3000));
            writer.TryAdd(1, Audio(Formats.Aac, (part * 100 + i) * 1024L, payload.AsSpan(0, 300)));
        }

        output.Clear();
        writer.Write(output, new FragmentPrefix { Start = FragmentStart.Segment, ProducerTime = new ProducerTime(new NtpTime(1), 0) });
    }

    private static Frame Video(long time, FrameFlags flags, ReadOnlySpan<byte> payload, int offset = 0) =>
        new() { Format = Formats.H264, DecodeTime = time, Flags = flags, CompositionOffset = offset, Payload = payload };

    private static Frame Audio(FrameFormat format, long time, ReadOnlySpan<byte> payload) =>
        new() { Format = format, DecodeTime = time, Flags = FrameFlags.Keyframe, Payload = payload };

    private string Written() => Convert.ToHexStringLower(_output.WrittenSpan);

    private sealed class ReusedBuffer : IBufferWriter<byte>
    {
        private readonly byte[] _bytes = new byte[1 << 20];
        private int _length;

        public void Clear() => _length = 0;

        public void Advance(int count) => _length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(_length);

        public Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(_length);
    }
}
