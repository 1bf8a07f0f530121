using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Codecs.Opus;
using Sluice.Protocols.Media.Codecs.Vp9;

namespace Sluice.Protocols.Tests.Media;

/// <summary>The records come from files FFmpeg wrote, except where a test names another source.</summary>
public sealed class ConfigurationRecordTests
{
    private const string AvcHigh = "0164001effe1001a6764001eacd940a02ff970110000030001000003003c0f162d9601000468efbcb0fdf8f800";

    private const string HevcMain =
        "0101600000009000000000003ff000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003003f959809a10001002a"
        + "42010101600000030090000003000003003fa00502016965959a4932bc05a020000003002000000303c1a2000100074401c172b46240";

    private const string Av1Main = "81010c000a0b0000000cc4ff6736be4010";
    private const string Vp9Boxed = "010000000015820202020000";

    [Fact]
    public void Avc_gives_profile_lengths_and_sets()
    {
        Assert.True(AvcConfiguration.TryParse(Hex(AvcHigh), out var configuration));
        Assert.Equal(("64001e", 4), (configuration.ProfileLevelId.ToString(), configuration.LengthSize));
        var sequences = configuration.SequenceSets;
        Assert.True(sequences.TryRead(out var sps));
        Assert.True(H264Sps.TryParse(sps, out var parsed));
        Assert.Equal((new Resolution(640, 360), true), (parsed.Resolution, parsed.MayReorder));
        Assert.False(sequences.TryRead(out _));
        var pictures = configuration.PictureSets;
        Assert.True(pictures.TryRead(out var pps));
        Assert.Equal("68efbcb0", Convert.ToHexStringLower(pps));
        Assert.False(pictures.TryRead(out _));
    }

    [Fact]
    public void Avc_cut_anywhere_before_its_last_set_ends_is_refused()
    {
        var whole = Hex(AvcHigh);
        for (var length = 0; length < whole.Length - 4; length++) Assert.False(AvcConfiguration.TryParse(whole.AsSpan(0, length), out _));
        Assert.True(AvcConfiguration.TryParse(whole.AsSpan(0, whole.Length - 4), out _)); // without the extension of the High profiles
    }

    [Theory]
    [InlineData("0042c01effe000")]
    [InlineData("0142c01efee000")]
    [InlineData("0142c01effe1ffff6701000000")]
    [InlineData("")]
    public void Avc_of_another_kind_is_refused(string hex) => Assert.False(AvcConfiguration.TryParse(Hex(hex), out _));

    [Fact]
    public void Avc_without_sets_is_a_record()
    {
        Assert.True(AvcConfiguration.TryParse(Hex("0142c01effe000"), out var configuration));
        Assert.False(configuration.SequenceSets.TryRead(out _));
        Assert.False(configuration.PictureSets.TryRead(out _));
    }

    [Fact]
    public void Hevc_gives_profile_and_sets_of_each_kind()
    {
        Assert.True(HevcConfiguration.TryParse(Hex(HevcMain), out var configuration));
        Assert.Equal((1, 63, 8, 1, 4), (configuration.ProfileIdc, configuration.LevelIdc, configuration.BitDepth, configuration.ChromaFormat, configuration.LengthSize));
        var sets = configuration.Sets;
        var types = new List<H265NalType>();
        while (sets.TryRead(out var type, out var nal))
        {
            types.Add(type);
            Assert.True(H265NalHeader.TryRead(nal, out var header));
            Assert.Equal(type, header.Type);
            if (type != H265NalType.Sps) continue;
            Assert.True(H265Sps.TryParse(nal, out var sps));
            Assert.Equal(new Resolution(640, 360), sps.Resolution);
        }

        Assert.Equal([H265NalType.Vps, H265NalType.Sps, H265NalType.Pps], types);
    }

    [Fact]
    public void Hevc_cut_anywhere_is_refused()
    {
        var whole = Hex(HevcMain);
        for (var length = 0; length < whole.Length; length++) Assert.False(HevcConfiguration.TryParse(whole.AsSpan(0, length), out _));
        whole[0] = 2;
        Assert.False(HevcConfiguration.TryParse(whole, out _));
        whole[0] = 1;
        whole[21] = 0x0e;
        Assert.False(HevcConfiguration.TryParse(whole, out _));
    }

    [Fact]
    public void Av1_gives_profile_and_sequence_header()
    {
        Assert.True(Av1Configuration.TryParse(Hex(Av1Main), out var configuration));
        Assert.Equal((0, 1, 8, false), (configuration.Profile, configuration.LevelIndex, configuration.BitDepth, configuration.IsMonochrome));
        var scan = Av1TemporalUnit.Scan(configuration.Units);
        Assert.True(scan.HasSequenceHeader);
        Assert.Equal(new Resolution(640, 360), scan.SequenceHeader.Resolution);
    }

    [Theory]
    [InlineData("8101")]
    [InlineData("01010c00")]
    [InlineData("82010c00")]
    [InlineData("81e10c00")]
    [InlineData("81010c000a0b00")]
    [InlineData("81010c0080")]
    public void Av1_that_is_damaged_is_refused(string hex) => Assert.False(Av1Configuration.TryParse(Hex(hex), out _));

    [Theory]
    [InlineData(Vp9Boxed)]
    [InlineData("0015820202020000")]
    public void Vp_is_read_with_and_without_its_box(string hex)
    {
        Assert.True(VpConfiguration.TryParse(Hex(hex), out var configuration));
        Assert.Equal(new VpConfiguration(0, 21, 8, 1, false, 2, 2, 2), configuration);
    }

    [Theory]
    [InlineData("00158202020200")]
    [InlineData("0415820202020000")]
    [InlineData("0015920202020000")]
    [InlineData("0015820202020001")]
    public void Vp_that_cannot_be_is_refused(string hex) => Assert.False(VpConfiguration.TryParse(Hex(hex), out _));

    // The values of 14496-3's tables, put together by hand; the first two are what FFmpeg's and OBS's encoders say.
    [Theory]
    [InlineData("1210", 44_100, 2, "AAC-LC", 44_100, 2)]
    [InlineData("119056e500", 48_000, 2, "AAC-LC", 48_000, 2)]
    [InlineData("1188", 48_000, 1, "AAC-LC", 48_000, 1)]
    [InlineData("11b0", 48_000, 6, "AAC-LC", 48_000, 6)]
    [InlineData("11b8", 48_000, 8, "AAC-LC", 48_000, 8)]
    [InlineData("2b118800", 24_000, 2, "HE-AAC", 48_000, 2)]
    [InlineData("131056e59880", 24_000, 2, "HE-AAC", 48_000, 2)]
    [InlineData("130856e59d4880", 24_000, 1, "HE-AAC v2", 48_000, 2)]
    [InlineData("eb098800", 24_000, 1, "HE-AAC v2", 48_000, 2)]
    [InlineData("17805dc010", 48_000, 2, "AAC-LC", 48_000, 2)]
    public void Aac_gives_rate_channels_and_profile(string hex, int rate, byte channels, string profile, int outputRate, int outputChannels)
    {
        Assert.True(AudioSpecificConfig.TryParse(Hex(hex), out var config));
        Assert.Equal((rate, channels, profile, outputRate, outputChannels),
            (config.SampleRate, config.Channels, config.ProfileName, config.OutputSampleRate, config.OutputChannels));
        Assert.Equal(1024, config.SamplesPerFrame);
    }

    [Fact]
    public void Aac_with_channels_in_its_stream_counts_them()
    {
        // Object type 2, 48 kHz, configuration 0; a program with one pair in front and a comment of one byte.
        var bits = new BitWriter().Bits(2, 5).Bits(3, 4).Bits(0, 4).Bits(0, 3)
            .Bits(0, 4).Bits(1, 2).Bits(3, 4).Bits(1, 4).Bits(0, 4).Bits(0, 4).Bits(1, 2).Bits(0, 3).Bits(0, 4).Bits(0, 3)
            .Bits(1, 1).Bits(0, 4).Bits(0, 4).Bits(0, 5).Bits(1, 8).Bits(0x41, 8);
        Assert.True(AudioSpecificConfig.TryParse(bits.ToArray(), out var config));
        Assert.Equal(3, config.Channels);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("1690")]
    [InlineData("0010")]
    [InlineData("0a10")]
    [InlineData("17ffffff90")]
    [InlineData("4210")]
    [InlineData("2b10")]
    public void Aac_that_is_short_or_none_is_refused(string hex)
    {
        var isRead = AudioSpecificConfig.TryParse(Hex(hex), out var config);
        Assert.True(!isRead || hex == "0a10" && config.ProfileName == "AAC Main");
    }

    [Fact]
    public void Opus_gives_channels_and_pre_skip_and_can_be_written()
    {
        var head = new OpusHead(2, 312, 48_000, -256, 0, 1, 1);
        var bytes = new byte[OpusHead.MinLength];
        Assert.Equal(bytes.Length, head.Write(bytes));
        Assert.True(OpusHead.TryParse(bytes, out var read));
        Assert.Equal(head, read);
    }

    [Theory]
    [InlineData("4f7075734865616401023801 80bb0000 0000 00", true)]
    [InlineData("4f7075734865616401063801 80bb0000 0000 01 0402 000401020305", true)]
    [InlineData("4f7075734865616401063801 80bb0000 0000 01 0402 0004010203", false)]
    [InlineData("4f7075734865616401063801 80bb0000 0000 01 0205 000401020305", false)]
    [InlineData("4f7075734865616401063801 80bb0000 0000 01 0402 000401020306", false)]
    [InlineData("4f7075734865616401063801 80bb0000 0000 00", false)]
    [InlineData("4f7075734865616401003801 80bb0000 0000 00", false)]
    [InlineData("4f7075734865616410023801 80bb0000 0000 00", false)]
    [InlineData("4f7075735461677301023801 80bb0000 0000 00", false)]
    [InlineData("4f70757348656164010238", false)]
    public void Opus_headers_are_read_or_refused(string hex, bool isRead) =>
        Assert.Equal(isRead, OpusHead.TryParse(Hex(hex.Replace(" ", "", StringComparison.Ordinal)), out _));

    [Theory]
    [InlineData("0000000265880000000141", 4, "6588,41", false)]
    [InlineData("000265880001 41", 2, "6588,41", false)]
    [InlineData("0265880141", 1, "6588,41", false)]
    [InlineData("000000000000000141", 4, "41", false)]
    [InlineData("0000000265880000000941", 4, "6588", true)]
    [InlineData("00000001410000", 4, "41", true)]
    [InlineData("ffffffff41", 4, "", true)]
    public void Length_prefixed_units_are_walked(string hex, int size, string units, bool malformed)
    {
        var reader = new LengthPrefixedReader(Hex(hex.Replace(" ", "", StringComparison.Ordinal)), size);
        var read = new List<string>();
        while (reader.TryRead(out var nal)) read.Add(Convert.ToHexStringLower(nal));
        Assert.Equal((units, malformed), (string.Join(',', read), reader.Malformed));
    }

    private static byte[] Hex(string hex) => Convert.FromHexString(hex);
}
