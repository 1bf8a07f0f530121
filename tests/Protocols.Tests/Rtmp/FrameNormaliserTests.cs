using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtmp.Frames;

namespace Sluice.Protocols.Tests.Rtmp;

public sealed class FrameNormaliserTests
{
    private const string MainSps = "674d400aeca23d8088000003000800000300a078912cb0";
    private const string BaselineSps = "6742c00ada11ec0440000003004000000523c489a8";
    private const string Pps = "68ce0fc8";
    private const string Idr = "6588841122";
    private const string Slice = "419a221133";
    private const string Disposable = "019a221144";
    private const string Sequence = "0a0d20000002aff79b5f2404340080";
    private static readonly byte[] Main = Hex("014d400affe10017" + MainSps + "010004" + Pps);
    private static readonly byte[] Hevc = Hex(
        "0101600000009000000000001ef000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003001eba0240a100010027420101016000000300900000"
        + "03000003001ea02083165ba4a4c2f0168080000003008000000504a2000100064401c073c089");

    [Fact]
    public void A_frame_in_normal_form_is_not_copied()
    {
        var normaliser = Make(Codec.H264, Main);
        var coded = Units(Idr, Slice);
        var frame = Normal(normaliser, coded, out var format);
        Assert.True(frame.Overlaps(coded, out var offset) && offset == 0);
        Assert.Equal(coded, frame);
        Assert.Equal(new Resolution(64, 48), format.Resolution);
        Assert.Equal(90_000, format.ClockRate);
    }

    [Fact]
    public void Delimiters_filler_and_sets_leave_the_frame()
    {
        var frame = Normal(Make(Codec.H264, Main), Units("09f0", MainSps, Pps, "0c80", Idr, "0cff80"), out _);
        Assert.Equal(Units(Idr), frame);
    }

    [Fact]
    public void Messages_stay()
    {
        var coded = Units("060401aabb80", Idr);
        Assert.Equal(coded, Normal(Make(Codec.H264, Main), coded, out _));
    }

    [Fact]
    public void Empty_units_leave_the_frame() =>
        Assert.Equal(Units(Idr), Normal(Make(Codec.H264, Main), [0, 0, 0, 0, .. Units(Idr), 0, 0, 0, 0], out _));

    [Fact]
    public void Lengths_of_two_bytes_become_four()
    {
        byte[] record = [.. Main];
        record[4] = 0xfd;
        Assert.Equal(Units(Idr, Slice), Normal(Make(Codec.H264, record), [0, 5, .. Hex(Idr), 0, 5, .. Hex(Slice)], out var format));
        Assert.True(AvcConfiguration.TryParse(format.Configuration, out var configuration));
        Assert.Equal(4, configuration.LengthSize);
    }

    [Fact]
    public void Start_codes_become_lengths() =>
        Assert.Equal(Units(Idr), Normal(Make(Codec.H264, Main), [0, 0, 0, 1, 9, 0xf0, 0, 0, 1, .. Hex(Idr)], out _));

    [Fact]
    public void Sets_in_the_stream_alone_make_the_format()
    {
        var normaliser = Make(Codec.H264, []);
        Assert.Equal(FrameFault.NoConfiguration, normaliser.Normalise(Units(Idr), true, out _));
        Normal(normaliser, Units(MainSps, Pps, Idr), out var format);
        Assert.Equal(Make(Codec.H264, Main).Format, format);
    }

    [Fact]
    public void Sets_that_come_again_unchanged_keep_the_format_and_others_make_a_new_one()
    {
        var normaliser = Make(Codec.H264, Main);
        Normal(normaliser, Units(Idr), out var first);
        Normal(normaliser, Units(MainSps, Pps, Idr), out var same);
        Assert.Same(first, same);
        Normal(normaliser, Units(BaselineSps, Pps, Idr), out var other);
        Assert.NotEqual(first, other);
        Normal(normaliser, Units(MainSps, Idr), out var back);
        Assert.Equal(first, back);
    }

    [Theory]
    [InlineData(Idr, false, FrameFlags.Keyframe)]
    [InlineData(Idr, true, FrameFlags.Keyframe)]
    [InlineData(Slice, false, FrameFlags.None)]
    [InlineData(Disposable, false, FrameFlags.Disposable)]
    public void The_bitstream_says_what_a_frame_is(string nal, bool isCalledKeyframe, FrameFlags flags)
    {
        var normaliser = Make(Codec.H264, Main);
        Assert.Equal(FrameFault.None, normaliser.Normalise(Units(nal), isCalledKeyframe, out var frame));
        Assert.Equal(flags, frame.Flags);
    }

    [Fact]
    public void A_tag_alone_makes_no_keyframe_but_with_a_recovery_point_it_does()
    {
        var normaliser = Make(Codec.H264, Main);
        normaliser.Normalise(Units(Slice), true, out var plain);
        Assert.Equal(FrameFlags.None, plain.Flags);
        normaliser.Normalise(Units("0601020000060180", Slice), true, out var refreshed);
        Assert.Equal(FrameFlags.Keyframe, refreshed.Flags);
        normaliser.Normalise(Units("0601020000060180", Slice), false, out var unsaid);
        Assert.Equal(FrameFlags.None, unsaid.Flags);
        normaliser.Normalise(Units("06060140", Slice), true, out var later);
        Assert.Equal(FrameFlags.None, later.Flags);
    }

    [Fact]
    public void Reordering_is_announced_by_the_sets()
    {
        Assert.True(Make(Codec.H264, Main).AnnouncesReordering);
        Assert.False(Make(Codec.H264, Hex("0142c00affe10015" + BaselineSps + "010004" + Pps)).AnnouncesReordering);
        Assert.False(Make(Codec.H265, Hevc).AnnouncesReordering);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000002 09f0")]
    [InlineData("00000004 68ce0fc8")]
    public void What_holds_no_picture_gives_no_frame(string coded) =>
        Assert.Equal(FrameFault.Empty, Make(Codec.H264, Main).Normalise(Hex(coded.Replace(" ", "", StringComparison.Ordinal)), true, out _));

    [Theory]
    [InlineData("00000009 6588")]
    [InlineData("ffffffff 6588")]
    [InlineData("0000")]
    public void Damage_is_told(string coded) =>
        Assert.Equal(FrameFault.Malformed, Make(Codec.H264, Main).Normalise(Hex(coded.Replace(" ", "", StringComparison.Ordinal)), true, out _));

    [Fact]
    public void Hevc_loses_sets_and_delimiters_and_keeps_random_access_pictures()
    {
        var normaliser = Make(Codec.H265, Hevc);
        Assert.Equal(FrameFault.None, normaliser.Normalise(Units("460150", "2601af1122"), false, out var key));
        Assert.Equal(FrameFlags.Keyframe, key.Flags);
        Assert.Equal(Units("2601af1122"), key.Payload);
        Assert.Equal(new Resolution(64, 48), key.Format.Resolution);
        Assert.Equal(FrameFault.None, normaliser.Normalise(Units("0001d01122"), true, out var other));
        Assert.Equal(FrameFlags.Disposable, other.Flags);
    }

    [Fact]
    public void Av1_loses_delimiters_and_gains_sizes()
    {
        var normaliser = FrameNormaliser.Create(Codec.Av1)!;
        Assert.Equal(FrameFault.None, normaliser.Normalise(Hex("1200" + Sequence + "30" + "14002233"), true, out var frame));
        Assert.Equal(Hex(Sequence + "3204" + "14002233"), frame.Payload);
        Assert.Equal(FrameFlags.Keyframe, frame.Flags);
        Assert.Equal(new Resolution(64, 48), frame.Format.Resolution);
        Assert.True(Av1Configuration.TryParse(frame.Format.Configuration, out var configuration));
        Assert.Equal(Hex(Sequence), configuration.Units);
        Assert.Equal(FrameFault.None, normaliser.Normalise(Hex("1200" + "3204" + "27002233"), true, out var second));
        Assert.Equal(FrameFlags.None, second.Flags);
    }

    [Fact]
    public void Av1_without_a_sequence_header_waits_for_one() =>
        Assert.Equal(FrameFault.NoConfiguration, FrameNormaliser.Create(Codec.Av1)!.Normalise(Hex("3204" + "14002233"), true, out _));

    [Fact]
    public void Vp_keyframes_describe_themselves()
    {
        var eight = FrameNormaliser.Create(Codec.Vp8)!;
        Assert.Equal(FrameFault.NoConfiguration, eight.Normalise(Hex("3103000910ac00180c0204ca"), false, out _));
        Assert.Equal(FrameFault.None, eight.Normalise(Hex("501a009d012a4000300000470885"), false, out var key));
        Assert.Equal((FrameFlags.Keyframe, new Resolution(64, 48)), (key.Flags, key.Format.Resolution));
        var nine = FrameNormaliser.Create(Codec.Vp9)!;
        Assert.Equal(FrameFault.None, nine.Normalise(Hex("a2498342e003f002f60838241c184a00"), false, out key));
        Assert.Equal((FrameFlags.Keyframe, new Resolution(64, 48)), (key.Flags, key.Format.Resolution));
        Assert.Equal(FrameFault.Malformed, nine.Normalise(Hex("12345678"), false, out _));
    }

    [Fact]
    public void Aac_needs_its_configuration_and_loses_transport_headers()
    {
        var normaliser = FrameNormaliser.Create(Codec.Aac)!;
        Assert.Equal(FrameFault.NoConfiguration, normaliser.Normalise(Hex("2110049f"), false, out _));
        Assert.True(normaliser.TryConfigure(Hex("1190")));
        Assert.Equal((48_000, 2), (normaliser.Format!.ClockRate, normaliser.Format.Channels));
        Assert.Equal(FrameFault.None, normaliser.Normalise(Hex("fff14c80013ffc2110"), false, out var frame));
        Assert.Equal(Hex("2110"), frame.Payload);
        Assert.Equal(FrameFlags.Keyframe, frame.Flags);
        Assert.False(normaliser.TryConfigure([]));
        Assert.NotNull(normaliser.Format);
    }

    [Fact]
    public void Efficient_aac_counts_in_the_rate_that_is_heard()
    {
        var normaliser = FrameNormaliser.Create(Codec.Aac)!;
        var config = Hex("2b098800"); // SBR over 24 kHz, 48 kHz out
        Assert.True(AudioSpecificConfig.TryParse(config, out var parsed) && parsed.HasSbr, "The record is one of HE-AAC.");
        Assert.True(normaliser.TryConfigure(config));
        Assert.Equal(parsed.OutputSampleRate, normaliser.Format!.ClockRate);
    }

    [Fact]
    public void Opus_without_a_header_is_described_by_its_packets()
    {
        var normaliser = FrameNormaliser.Create(Codec.Opus)!;
        Assert.Equal(FrameFault.None, normaliser.Normalise(Hex("fc010203"), false, out var frame));
        Assert.Equal((48_000, 2), (frame.Format.ClockRate, frame.Format.Channels));
    }

    [Fact]
    public void Frames_allocate_nothing_in_the_steady_state()
    {
        var normaliser = Make(Codec.H264, Main);
        var normal = Units(Idr, Slice);
        var busy = Units("09f0", MainSps, Pps, Idr, Slice);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 200; i++) normaliser.Normalise(i % 2 == 0 ? normal : busy, true, out _);
        }));
    }

    private static ReadOnlySpan<byte> Normal(FrameNormaliser normaliser, ReadOnlySpan<byte> coded, out FrameFormat format)
    {
        Assert.Equal(FrameFault.None, normaliser.Normalise(coded, true, out var frame));
        format = frame.Format;
        return frame.Payload;
    }

    private static FrameNormaliser Make(Codec codec, ReadOnlySpan<byte> record)
    {
        var normaliser = FrameNormaliser.Create(codec)!;
        Assert.Equal(!record.IsEmpty, normaliser.TryConfigure(record));
        return normaliser;
    }

    private static byte[] Units(params string[] units) =>
        [.. units.SelectMany(u => { var nal = Hex(u); return (byte[])[0, 0, (byte)(nal.Length >> 8), (byte)nal.Length, .. nal]; })];

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}
