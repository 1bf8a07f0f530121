using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>Byte for byte against ISO/IEC 14496-12, -14, -15 and the bindings of AV1, VP9 and Opus.</summary>
public sealed class CmafInitTests
{
    private const string Entry = "moov/trak/mdia/minf/stbl/stsd/";

    [Fact]
    public void One_track_gives_a_cmaf_header() =>
        Assert.Equal("69736f3600000000" + "69736f36" + "636d6663", Hex(BoxTree.Find(Init(Formats.H264), "ftyp")));

    [Fact]
    public void Shifted_offsets_have_their_brand()
    {
        var init = CmafInit.Write(Formats.Tracks(Formats.H264), new CmafInitOptions { HasNegativeOffsets = true });
        Assert.Equal("69736f3600000000" + "69736f36" + "636d6663" + "636d6632", Hex(BoxTree.Find(init, "ftyp")));
    }

    [Fact]
    public void Several_tracks_are_no_cmaf_header() =>
        Assert.Equal("69736f3600000000" + "69736f36" + "6d703431" + "61763031", Hex(BoxTree.Find(Init(Formats.Av1, Formats.Opus), "ftyp")));

    [Fact]
    public void The_order_of_boxes_is_the_usual_one()
    {
        var init = Init(Formats.H264, Formats.Aac);
        Assert.Equal("ftyp moov", BoxTree.Names(init));
        Assert.Equal("mvhd trak trak mvex", BoxTree.Names(BoxTree.Find(init, "moov")));
        Assert.Equal("tkhd mdia", BoxTree.Names(BoxTree.Find(init, "moov/trak")));
        Assert.Equal("mdhd hdlr minf", BoxTree.Names(BoxTree.Find(init, "moov/trak/mdia")));
        Assert.Equal("vmhd dinf stbl", BoxTree.Names(BoxTree.Find(init, "moov/trak/mdia/minf")));
        Assert.Equal("smhd dinf stbl", BoxTree.Names(BoxTree.Find(init, "moov/trak#1/mdia/minf")));
        Assert.Equal("stsd stts stsc stsz stco", BoxTree.Names(BoxTree.Find(init, "moov/trak/mdia/minf/stbl")));
        Assert.Equal("trex trex", BoxTree.Names(BoxTree.Find(init, "moov/mvex")));
    }

    [Fact]
    public void The_movie_header_says_version_rate_volume_and_next_number() =>
        Assert.Equal(
            "00000000" + "0000000000000000" + "00015f90" + "00000000" + "00010000" + "0100" + Zeros(10) + Matrix + Zeros(24) + "00000003",
            Hex(BoxTree.Find(Init(Formats.H264, Formats.Aac), "moov/mvhd")));

    [Fact]
    public void A_picture_s_track_header_has_its_size() =>
        Assert.Equal(
            "00000003" + "0000000000000000" + "00000001" + Zeros(4) + Zeros(4) + Zeros(8) + "0000" + "0000" + "0000" + "0000" + Matrix + "02800000" + "01680000",
            Hex(BoxTree.Find(Init(Formats.H264), "moov/trak/tkhd")));

    [Fact]
    public void A_sound_s_track_header_has_its_volume() =>
        Assert.Equal(
            "00000003" + "0000000000000000" + "00000002" + Zeros(4) + Zeros(4) + Zeros(8) + "0000" + "0001" + "0100" + "0000" + Matrix + Zeros(8),
            Hex(BoxTree.Find(Init(Formats.H264, Formats.Aac), "moov/trak#1/tkhd")));

    [Fact]
    public void The_media_header_has_clock_and_language()
    {
        var init = CmafInit.Write([new CmafTrack(1, Formats.Aac) { Language = "deu" }]);
        Assert.Equal("00000000" + "0000000000000000" + "0000bb80" + "00000000" + "10b5" + "0000", Hex(BoxTree.Find(init, "moov/trak/mdia/mdhd")));
        init = CmafInit.Write([new CmafTrack(1, Formats.Aac) { Language = "german" }]);
        Assert.Equal("55c4", Hex(BoxTree.Find(init, "moov/trak/mdia/mdhd"))[40..44]); // und
    }

    [Fact]
    public void Times_of_creation_count_from_1904()
    {
        var init = CmafInit.Write(Formats.Tracks(Formats.Aac), new CmafInitOptions { Created = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc) });
        Assert.Equal("7c25b080", Hex(BoxTree.Find(init, "moov/mvhd"))[8..16]);
    }

    [Fact]
    public void Handlers_and_references_are_complete()
    {
        var init = Init(Formats.H264, Formats.Aac);
        Assert.Equal("00000000" + "00000000" + "76696465" + Zeros(12) + "566964656f00", Hex(BoxTree.Find(init, "moov/trak/mdia/hdlr")));
        Assert.Equal("00000000" + "00000000" + "736f756e" + Zeros(12) + "536f756e6400", Hex(BoxTree.Find(init, "moov/trak#1/mdia/hdlr")));
        Assert.Equal("00000001", Hex(BoxTree.Find(init, "moov/trak/mdia/minf/dinf/dref/url ")));
        Assert.Equal("00000001" + Zeros(8), Hex(BoxTree.Find(init, "moov/trak/mdia/minf/vmhd")));
    }

    [Fact]
    public void What_fragments_leave_unsaid_is_sync_for_sound_only()
    {
        var init = Init(Formats.H264, Formats.Aac);
        Assert.Equal("00000000" + "00000001" + "00000001" + Zeros(8) + "01010000", Hex(BoxTree.Find(init, "moov/mvex/trex")));
        Assert.Equal("00000000" + "00000002" + "00000001" + Zeros(8) + "02000000", Hex(BoxTree.Find(init, "moov/mvex/trex#1")));
    }

    [Theory]
    [InlineData("avc1", "avcC")]
    [InlineData("hvc1", "hvcC")]
    [InlineData("av01", "av1C")]
    public void A_picture_s_entry_has_size_and_record(string entry, string record)
    {
        var format = entry switch { "avc1" => Formats.H264, "hvc1" => Formats.H265, _ => Formats.Av1 };
        var init = Init(format);
        Assert.Equal(
            Zeros(6) + "0001" + Zeros(16) + "0280" + "0168" + "0048000000480000" + Zeros(4) + "0001" + Zeros(32) + "0018" + "ffff",
            Hex(BoxTree.Find(init, Entry + entry).AsSpan(0, 78)));
        Assert.Equal(Hex(format.Configuration), Hex(BoxTree.Find(init, $"{Entry}{entry}/{record}")));
    }

    [Fact]
    public void Vp9_says_profile_level_and_colour() =>
        Assert.Equal("01000000" + "0015820202020000", Hex(BoxTree.Find(Init(Formats.Vp9), Entry + "vp09/vpcC")));

    [Fact]
    public void Vp8_without_a_record_gets_one_by_its_size() =>
        Assert.Equal("01000000" + "0015820202020000", Hex(BoxTree.Find(Init(Formats.Vp8), Entry + "vp08/vpcC")));

    [Fact]
    public void Colour_that_is_known_is_said_in_its_own_box()
    {
        var format = new FrameFormat(Codec.Vp9, 90_000, 0, new Resolution(640, 360), Convert.FromHexString("021e" + "a3" + "0910090000"));
        Assert.Equal("6e636c78" + "0009" + "0010" + "0009" + "80", Hex(BoxTree.Find(Init(format), Entry + "vp09/colr")));
    }

    [Fact]
    public void Aac_has_its_configuration_in_descriptors()
    {
        var init = Init(Formats.Aac);
        Assert.Equal(Zeros(6) + "0001" + Zeros(8) + "0002" + "0010" + Zeros(4) + "bb800000", Hex(BoxTree.Find(init, Entry + "mp4a").AsSpan(0, 28)));
        Assert.Equal(
            "00000000" + "0380808022" + "000000" + "0480808014" + "40" + "15" + Zeros(11) + "0580808002" + "1190" + "0680808001" + "02",
            Hex(BoxTree.Find(init, Entry + "mp4a/esds")));
    }

    [Fact]
    public void Opus_has_its_head_in_the_other_byte_order()
    {
        var init = Init(Formats.Opus);
        Assert.Equal(Zeros(6) + "0001" + Zeros(8) + "0002" + "0010" + Zeros(4) + "bb800000", Hex(BoxTree.Find(init, Entry + "Opus").AsSpan(0, 28)));
        Assert.Equal("00" + "02" + "0138" + "0000bb80" + "0000" + "00", Hex(BoxTree.Find(init, Entry + "Opus/dOps")));
        Assert.Equal("00" + "06" + "0138" + "0000bb80" + "0000" + "01" + "0402" + "000401020305", Hex(BoxTree.Find(Init(Formats.OpusOfSix), Entry + "Opus/dOps")));
    }

    [Fact]
    public void Opus_without_a_head_is_what_webrtc_sends() =>
        Assert.Equal(
            "00" + "02" + "0138" + "0000bb80" + "0000" + "00",
            Hex(BoxTree.Find(Init(new FrameFormat(Codec.Opus, 48_000, 2, default, [])), Entry + "Opus/dOps")));

    [Fact]
    public void What_is_written_reads_back_as_the_same_formats()
    {
        foreach (var format in Formats.All)
        {
            Assert.True(CmafMovie.TryParse(CmafInit.Write([new CmafTrack(7, format) { Language = "fra" }]), out var movie));
            var read = Assert.Single(movie.Tracks);
            var written = format.Codec == Codec.Vp8
                ? new FrameFormat(Codec.Vp8, 90_000, 0, format.Resolution, Convert.FromHexString("0015820202020000"))
                : format;
            Assert.Equal((7u, "fra", written), (read.Id, read.Language, read.Format));
            Assert.True(movie.IsFragmented);
        }
    }

    [Fact]
    public void Formats_without_what_a_player_needs_are_refused()
    {
        FrameFormat[] bad =
        [
            new(Codec.H264, 90_000, 0, new Resolution(640, 360), []),
            new(Codec.H264, 90_000, 0, new Resolution(640, 360), Convert.FromHexString("0164001efde1001a6764001eacd940a02ff970110000030001000003003c0f162d9601000468efbcb0")),
            new(Codec.H265, 90_000, 0, new Resolution(640, 360), Formats.H265.Configuration[..22]),
            new(Codec.Av1, 90_000, 0, new Resolution(640, 360), []),
            new(Codec.Vp9, 90_000, 0, new Resolution(640, 360), [9]),
            new(Codec.Aac, 48_000, 2, default, []),
            new(Codec.Opus, 48_000, 6, default, []),
            new(Codec.Aac, 0, 2, default, [0x11, 0x90]),
            new(Codec.Unknown, 90_000, 0, default, []),
        ];
        foreach (var format in bad)
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            Assert.False(CmafInit.CanWrite(format));
            Assert.False(CmafInit.TryWrite(Formats.Tracks(Formats.Opus, format), CmafInitOptions.Default, output));
            Assert.Equal(0, output.WrittenCount);
        }
    }

    [Fact]
    public void Numbers_of_tracks_are_the_callers_duty()
    {
        Assert.Throws<ArgumentException>(() => CmafInit.Write([]));
        Assert.Throws<ArgumentException>(() => CmafInit.Write([new CmafTrack(0, Formats.Aac)]));
        Assert.Throws<ArgumentException>(() => CmafInit.Write([new CmafTrack(1, Formats.Aac), new CmafTrack(1, Formats.H264)]));
        Assert.Throws<ArgumentException>(() => CmafInit.Write(Formats.Tracks([.. Enumerable.Repeat(Formats.Aac, 17)])));
    }

    [Fact]
    public void An_init_cut_anywhere_is_refused_and_never_throws()
    {
        foreach (var format in Formats.All)
        {
            var whole = Init(format);
            for (var length = 0; length < whole.Length; length++) Assert.False(CmafMovie.TryParse(whole.AsSpan(0, length), out _));
        }
    }

    private const string Matrix = "00010000" + "0000000000000000" + "00000000" + "00010000" + "0000000000000000" + "00000000" + "40000000";

    private static byte[] Init(params FrameFormat[] formats) => CmafInit.Write(Formats.Tracks(formats));

    private static string Zeros(int bytes) => new('0', bytes * 2);

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
