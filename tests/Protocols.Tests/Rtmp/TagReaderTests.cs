using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Tags;

namespace Sluice.Protocols.Tests.Rtmp;

public sealed class TagReaderTests
{
    private const MediaKind Audio = MediaKind.Audio;
    private const MediaKind Video = MediaKind.Video;

    [Theory]
    [InlineData(Video, "17 00 000000 aabb", RtmpCodec.Avc, TagPacketType.SequenceStart, 0, "aabb")]
    [InlineData(Video, "17 01 000050 aabb", RtmpCodec.Avc, TagPacketType.CodedFrames, 80, "aabb")]
    [InlineData(Video, "27 01 ffffd8 aabb", RtmpCodec.Avc, TagPacketType.CodedFrames, -40, "aabb")]
    [InlineData(Video, "17 02 000000", RtmpCodec.Avc, TagPacketType.SequenceEnd, 0, "")]
    [InlineData(Video, "17 02", RtmpCodec.Avc, TagPacketType.SequenceEnd, 0, "")]
    [InlineData(Video, "1c 01 000000 aa", RtmpCodec.Hevc, TagPacketType.CodedFrames, 0, "aa")]
    [InlineData(Video, "12 aabb", RtmpCodec.SorensonH263, TagPacketType.CodedFrames, 0, "aabb")]
    [InlineData(Video, "57 00", RtmpCodec.Avc, TagPacketType.Command, 0, "00")]
    [InlineData(Video, "90 68766331 aa", RtmpCodec.Hevc, TagPacketType.SequenceStart, 0, "aa")]
    [InlineData(Video, "91 68766331 000028 aa", RtmpCodec.Hevc, TagPacketType.CodedFrames, 40, "aa")]
    [InlineData(Video, "93 68766331 aabbccdd", RtmpCodec.Hevc, TagPacketType.CodedFrames, 0, "aabbccdd")]
    [InlineData(Video, "91 61766331 ffffff aa", RtmpCodec.Avc, TagPacketType.CodedFrames, -1, "aa")]
    [InlineData(Video, "91 61763031 aabbccdd", RtmpCodec.Av1, TagPacketType.CodedFrames, 0, "aabbccdd")]
    [InlineData(Video, "91 76703039 aabbccdd", RtmpCodec.Vp9, TagPacketType.CodedFrames, 0, "aabbccdd")]
    [InlineData(Video, "91 76703038 aabbccdd", RtmpCodec.Vp8, TagPacketType.CodedFrames, 0, "aabbccdd")]
    [InlineData(Video, "92 61763031", RtmpCodec.Av1, TagPacketType.SequenceEnd, 0, "")]
    [InlineData(Video, "94 68766331 aa", RtmpCodec.Hevc, TagPacketType.Metadata, 0, "aa")]
    [InlineData(Video, "d4 68766331 aa", RtmpCodec.Hevc, TagPacketType.Metadata, 0, "aa")]
    [InlineData(Video, "95 61763031 aa", RtmpCodec.Av1, TagPacketType.TransportStreamSequenceStart, 0, "aa")]
    [InlineData(Video, "d1 01", RtmpCodec.Unknown, TagPacketType.Command, 0, "01")]
    [InlineData(Video, "91 61626364 aa", RtmpCodec.Unknown, TagPacketType.CodedFrames, 0, "aa")]
    [InlineData(Audio, "91 68766331 aa", RtmpCodec.Unknown, TagPacketType.CodedFrames, 0, "aa")]
    [InlineData(Audio, "af 00 1210", RtmpCodec.Aac, TagPacketType.SequenceStart, 0, "1210")]
    [InlineData(Audio, "af 01 21", RtmpCodec.Aac, TagPacketType.CodedFrames, 0, "21")]
    [InlineData(Audio, "2f fffb", RtmpCodec.Mp3, TagPacketType.CodedFrames, 0, "fffb")]
    [InlineData(Audio, "b2 00", RtmpCodec.Speex, TagPacketType.CodedFrames, 0, "00")]
    [InlineData(Audio, "90 4f707573 aa", RtmpCodec.Opus, TagPacketType.SequenceStart, 0, "aa")]
    [InlineData(Audio, "91 4f707573 aa", RtmpCodec.Opus, TagPacketType.CodedFrames, 0, "aa")]
    [InlineData(Audio, "91 664c6143 aa", RtmpCodec.Flac, TagPacketType.CodedFrames, 0, "aa")]
    [InlineData(Audio, "91 61632d33 aa", RtmpCodec.Ac3, TagPacketType.CodedFrames, 0, "aa")]
    [InlineData(Audio, "91 65632d33 aa", RtmpCodec.Eac3, TagPacketType.CodedFrames, 0, "aa")]
    [InlineData(Audio, "91 2e6d7033 aa", RtmpCodec.Mp3, TagPacketType.CodedFrames, 0, "aa")]
    [InlineData(Audio, "90 6d703461 1210", RtmpCodec.Aac, TagPacketType.SequenceStart, 0, "1210")]
    [InlineData(Audio, "94 4f707573 01020000 0003", RtmpCodec.Opus, TagPacketType.MultichannelConfiguration, 0, "010200000003")]
    public void A_message_of_one_track_gives_one_tag(MediaKind kind, string hex, RtmpCodec codec, TagPacketType type, int offset, string payload)
    {
        var (tags, error) = Read(kind, hex);
        var tag = Assert.Single(tags);
        Assert.Equal(TagError.None, error);
        Assert.Equal((codec, type, offset, payload), (tag.Codec, tag.PacketType, tag.CompositionOffset, Convert.ToHexStringLower(tag.Payload)));
        Assert.Equal(((byte)0, 40_000_000L), (tag.Track, tag.Nanoseconds));
    }

    [Theory]
    [InlineData("17 01 000000 aa", true)]
    [InlineData("27 01 000000 aa", false)]
    [InlineData("37 01 000000 aa", false)]
    [InlineData("47 01 000000 aa", true)]
    [InlineData("91 61763031 aa", true)]
    [InlineData("a1 61763031 aa", false)]
    public void Keyframes_are_what_the_frame_type_says(string hex, bool isKeyframe) => Assert.Equal(isKeyframe, Read(Video, hex).Tags[0].IsKeyframe);

    [Theory]
    [InlineData(Video, "96 01 68766331 03 00000a aa", "3:Hevc:aa")]
    [InlineData(Video, "96 11 61763031 00 000002 aabb 01 000001 cc", "0:Av1:aabb,1:Av1:cc")]
    [InlineData(Video, "96 13 61766331 00 000002 aabb 02 000000 07 000001 dd", "0:Avc:aabb,2:Avc:,7:Avc:dd")]
    [InlineData(Video, "96 21 61763031 00 000002 aabb 68766331 01 000004 000028cc", "0:Av1:aabb,1:Hevc:cc")]
    [InlineData(Video, "96 21 61626364 00 000002 aabb 61763031 01 000001 cc", "0:Unknown:aabb,1:Av1:cc")]
    [InlineData(Audio, "95 01 4f707573 02 aa", "2:Opus:aa")]
    [InlineData(Audio, "95 10 6d703461 00 000002 1210 01 000002 1190", "0:Aac:1210,1:Aac:1190")]
    [InlineData(Audio, "95 21 4f707573 00 000001 aa 61632d33 01 000001 bb", "0:Opus:aa,1:Ac3:bb")]
    public void Every_track_of_a_message_gives_a_tag(MediaKind kind, string hex, string expected)
    {
        var (tags, error) = Read(kind, hex);
        Assert.Equal(TagError.None, error);
        Assert.Equal(expected, string.Join(',', tags.Select(tag => $"{tag.Track}:{tag.Codec}:{Convert.ToHexStringLower(tag.Payload)}")));
    }

    [Theory]
    [InlineData(Video, "97 02 000064 01 61763031 aa", 100)]
    [InlineData(Video, "97 02 0f423f 01 61763031 aa", 999_999)]
    [InlineData(Video, "97 02 000064 06 01 61763031 05 aa", 100)]
    [InlineData(Video, "97 00 ff 17 02 000007 01 61763031 aa", 7)]
    [InlineData(Audio, "97 02 000064 01 4f707573 aa", 100)]
    [InlineData(Audio, "97 03 00006400 01 4f707573 aa", 100)]
    public void Modifiers_carry_nanoseconds_and_unknown_ones_are_passed_over(MediaKind kind, string hex, int nanoseconds)
    {
        var tag = Assert.Single(Read(kind, hex).Tags);
        Assert.Equal(40_000_000 + nanoseconds, tag.Nanoseconds);
        Assert.Equal([0xaa], tag.Payload);
    }

    [Fact]
    public void Modifiers_may_be_longer_than_a_byte_tells()
    {
        var hex = "97 ff 0100" + string.Concat(Enumerable.Repeat("00", 257)) + "11 61763031 aa";
        Assert.Equal([0xaa], Assert.Single(Read(Video, hex).Tags).Payload);
    }

    [Theory]
    [InlineData(Video, "", TagError.Empty)]
    [InlineData(Audio, "", TagError.Empty)]
    [InlineData(Video, "17", TagError.Truncated)]
    [InlineData(Video, "17 01 0000", TagError.Truncated)]
    [InlineData(Video, "17 03 000000 aa", TagError.UnknownPacketType)]
    [InlineData(Video, "1d 01 000000 aa", TagError.UnknownCodec)]
    [InlineData(Video, "91 6876", TagError.Truncated)]
    [InlineData(Video, "91 68766331 0000", TagError.Truncated)]
    [InlineData(Video, "98 68766331 00", TagError.UnknownPacketType)]
    [InlineData(Video, "d1", TagError.Truncated)]
    [InlineData(Video, "96", TagError.Truncated)]
    [InlineData(Video, "96 31 68766331", TagError.UnknownMultitrackType)]
    [InlineData(Video, "96 16 68766331", TagError.NestedMultitrack)]
    [InlineData(Video, "96 17 68766331 00 000001 aa", TagError.UnknownPacketType)]
    [InlineData(Video, "96 11 61763031", TagError.Truncated)]
    [InlineData(Video, "96 11 61763031 00 0000ff aa", TagError.Truncated)]
    [InlineData(Video, "97 02 0000", TagError.Truncated)]
    [InlineData(Video, "97 00 01 01 61763031 aa", TagError.BadNanosecondOffset)]
    [InlineData(Video, "97 02 0f4240 01 61763031 aa", TagError.BadNanosecondOffset)]
    [InlineData(Video, "97 ff 01", TagError.Truncated)]
    [InlineData(Audio, "af", TagError.Truncated)]
    [InlineData(Audio, "af 02", TagError.UnknownPacketType)]
    [InlineData(Audio, "c0 00", TagError.UnknownCodec)]
    [InlineData(Audio, "93 4f707573 aa", TagError.UnknownPacketType)]
    [InlineData(Audio, "95 05 4f707573", TagError.NestedMultitrack)]
    public void What_cannot_be_read_is_named(MediaKind kind, string hex, TagError error)
    {
        var (tags, found) = Read(kind, hex);
        Assert.Equal(error, found);
        Assert.Empty(tags);
    }

    [Fact]
    public void Tracks_before_damage_are_kept()
    {
        var (tags, error) = Read(Video, "96 11 61763031 00 000002 aabb 01 000009 cc");
        Assert.Equal(TagError.Truncated, error);
        Assert.Equal([0xaa, 0xbb], Assert.Single(tags).Payload);
    }

    [Theory]
    [InlineData(Video, "17 01 000050 aabb")]
    [InlineData(Video, "17 00 000000 aabb")]
    [InlineData(Video, "17 02 000000")]
    [InlineData(Video, "a1 68766331 000028 aa")]
    [InlineData(Video, "a3 68766331 aa")]
    [InlineData(Video, "96 01 61763031 03 aa")]
    [InlineData(Video, "97 02 000064 01 61763031 aa")]
    [InlineData(Video, "97 02 000064 06 01 61763031 05 aa")]
    [InlineData(Audio, "af 01 21")]
    [InlineData(Audio, "95 01 4f707573 02 aa")]
    public void The_writer_makes_the_same_bytes(MediaKind kind, string hex)
    {
        var message = Hex(hex);
        var reader = new TagReader(kind, 40, message);
        Assert.True(reader.TryRead(out var tag));
        var written = new byte[TagWriter.MaxLength(tag)];
        Assert.True(TagWriter.TryWrite(tag, written, out var length));
        Assert.Equal(Convert.ToHexString(message), Convert.ToHexString(written.AsSpan(0, length)));
        Assert.False(TagWriter.TryWrite(tag, written.AsSpan(0, length - 1), out _));
    }

    [Fact]
    public void What_has_no_form_cannot_be_written()
    {
        Assert.False(TagWriter.TryWrite(new MediaTag { Kind = Audio, Codec = RtmpCodec.Speex }, new byte[100], out _));
        Assert.False(TagWriter.TryWrite(new MediaTag { Kind = Audio, Codec = RtmpCodec.Opus, PacketType = TagPacketType.Metadata }, new byte[100], out _));
    }

    [Fact]
    public void Colour_is_read_and_taken_back()
    {
        var writer = new AmfWriter(new byte[500]);
        writer.Text("colorInfo");
        writer.Value(AmfValue.Structure(
            new AmfProperty("colorConfig", AmfValue.Structure(
                new AmfProperty("bitDepth", AmfValue.Of(10)), new AmfProperty("colorPrimaries", AmfValue.Of(9)),
                new AmfProperty("transferCharacteristics", AmfValue.Of(16)), new AmfProperty("matrixCoefficients", AmfValue.Of(999)))),
            new AmfProperty("hdrCll", AmfValue.Structure(new AmfProperty("maxFall", AmfValue.Of(400)), new AmfProperty("maxCLL", AmfValue.Of(double.NaN))))));
        Assert.True(ColourDescription.TryParse(writer.Written, out var colour));
        Assert.Equal(new ColourDescription(10, 9, 16, 0, 400, 0, 0, 0), colour);
        Assert.True(ColourDescription.TryParse([2, 0, 9, .. "colorInfo"u8, 6], out colour));
        Assert.Equal(default, colour);
        Assert.False(ColourDescription.TryParse([2, 0, 9, .. "colorInfo"u8], out _));
        Assert.False(ColourDescription.TryParse([2, 0, 5, .. "other"u8, 6], out _));
    }

    [Theory]
    [InlineData("00 02", true, 2, 0u, false)]
    [InlineData("01 06 0000003f", true, 6, 0x3fu, false)]
    [InlineData("02 02 0001", true, 2, 0u, true)]
    [InlineData("02 02 00", false, 0, 0u, false)]
    [InlineData("01 06 0000", false, 0, 0u, false)]
    [InlineData("03 02", false, 0, 0u, false)]
    [InlineData("01", false, 0, 0u, false)]
    public void Channel_layouts_are_of_three_orders(string hex, bool isRead, byte channels, uint speakers, bool isMapped)
    {
        Assert.Equal(isRead, ChannelLayout.TryParse(Hex(hex), out var layout));
        Assert.Equal(new ChannelLayout(channels, speakers, isMapped), layout);
    }

    [Fact]
    public void Every_FourCC_has_one_codec_and_back()
    {
        foreach (var codec in Enum.GetValues<RtmpCodec>())
        {
            var fourCc = RtmpCodecs.FourCcOf(codec);
            if (fourCc != 0) Assert.Equal(codec, RtmpCodecs.FromFourCc(fourCc));
            Assert.Equal(codec == RtmpCodec.Unknown, RtmpCodecs.NameOf(codec) == "unknown");
        }

        Assert.Equal(".mp3", RtmpCodecs.NameOfFourCc(RtmpCodecs.FourCcOf(RtmpCodec.Mp3)));
        Assert.Equal("a??d", RtmpCodecs.NameOfFourCc(0x61000a64));
    }

    private static (List<KeptTag> Tags, TagError Error) Read(MediaKind kind, string hex)
    {
        var reader = new TagReader(kind, 40, Hex(hex));
        var tags = new List<KeptTag>();
        while (reader.TryRead(out var tag))
        {
            tags.Add(new KeptTag(1, tag.Kind, tag.Codec, tag.PacketType, tag.Track, tag.TimestampNanoseconds, tag.CompositionOffset, tag.IsKeyframe, tag.Payload.ToArray()));
        }

        return (tags, reader.Error);
    }

    private static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
