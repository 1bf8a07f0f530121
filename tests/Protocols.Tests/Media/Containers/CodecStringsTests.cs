using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Tests.Media.Containers;

public sealed class CodecStringsTests
{
    [Fact]
    public void Every_codec_has_its_name()
    {
        Assert.Equal("avc1.64001e", CodecStrings.Of(Formats.H264));
        Assert.Equal("hvc1.1.6.L63.90", CodecStrings.Of(Formats.H265));
        Assert.Equal("av01.0.01M.08", CodecStrings.Of(Formats.Av1));
        Assert.Equal("vp09.00.21.08", CodecStrings.Of(Formats.Vp9));
        Assert.Equal("vp08.00.21.08", CodecStrings.Of(Formats.Vp8));
        Assert.Equal("mp4a.40.2", CodecStrings.Of(Formats.Aac));
        Assert.Equal("mp4a.40.5", CodecStrings.Of(Formats.HeAac));
        Assert.Equal("opus", CodecStrings.Of(Formats.Opus));
    }

    // The examples of ISO/IEC 14496-15 annex E, the AV1 binding §5 and the VP binding.
    [Theory]
    [InlineData(Codec.H265, "0121600000000000000000007bf000fcfdf8f800000f00", "hvc1.1.6.H123")]
    [InlineData(Codec.H265, "0102200000009000000000005df000fcfdf8f800000f00", "hvc1.2.4.L93.90")]
    [InlineData(Codec.H265, "014160000000b00000000000 5df000fcfdf8f800000f00", "hvc1.A1.6.L93.B0")]
    [InlineData(Codec.H265, "010160000000b000000000105df000fcfdf8f800000f00", "hvc1.1.6.L93.B0.0.0.0.0.10")]
    [InlineData(Codec.Av1, "81044000", "av01.0.04M.10")]
    [InlineData(Codec.Av1, "8129c000", "av01.1.09H.10")]
    [InlineData(Codec.Av1, "8154e000", "av01.2.20H.12")]
    [InlineData(Codec.Vp9, "021ea30910090000", "vp09.02.30.10")]
    [InlineData(Codec.Vp9, "0000820202020000", "vp09.00.21.08")]
    [InlineData(Codec.Aac, "eb098800", "mp4a.40.29")]
    [InlineData(Codec.Aac, "131056e598", "mp4a.40.5")] // announced behind the configuration of the core
    [InlineData(Codec.Aac, "130856e59d4880", "mp4a.40.29")]
    [InlineData(Codec.Aac, "1310", "mp4a.40.2")] // left to the decoder to find out
    [InlineData(Codec.Aac, "f8e85000", "mp4a.40.39")]
    public void A_record_is_named(Codec codec, string record, string name) =>
        Assert.Equal(name, CodecStrings.Of(new FrameFormat(codec, 90_000, 0, new Resolution(640, 360), Convert.FromHexString(record.Replace(" ", "")))));

    [Theory]
    [InlineData(Codec.H264, "0164")]
    [InlineData(Codec.H265, "")]
    [InlineData(Codec.Av1, "0000")]
    [InlineData(Codec.Vp9, "0f")]
    [InlineData(Codec.Aac, "")]
    [InlineData(Codec.Unknown, "")]
    public void What_is_damaged_has_no_name(Codec codec, string record) =>
        Assert.Equal("", CodecStrings.Of(new FrameFormat(codec, 90_000, 0, default, Convert.FromHexString(record))));
}
