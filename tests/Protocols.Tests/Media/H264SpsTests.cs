using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Protocols.Tests.Media;

/// <summary>The sets come from x264, one for each way its output differs.</summary>
public sealed class H264SpsTests
{
    private const string Baseline640 = "6742c01eda0280bfe5c044000003000400000300f03c58ba80";
    private const string HighWithBFrames640 = "6764001eacd940a02ff970110000030001000003003c0f162d96";
    private const string Interlaced1080 = "674d4028eca03c0227ef0e1000000300100000030321f162d960";
    private const string BaselineWithHrd1080 = "6742c028da01e0089f97011000003e90000ea60626000f424001e84a4c20078c1950";
    private const string High444 = "67f4000d919681519e3e2f0110000003001000000303c0f142aa";
    private const string High10WithScalingLists = "676e000da6cb40a8cf11360220000003002000000781e28554";
    private const string High422 = "677a001ebcb405217f113e0220000003002000000781e2c5d4";

    public static TheoryData<string> All =>
        [Baseline640, HighWithBFrames640, Interlaced1080, BaselineWithHrd1080, High444, High10WithScalingLists, High422];

    [Theory]
    [InlineData(Baseline640, 640, 360)]
    [InlineData(HighWithBFrames640, 640, 360)]
    [InlineData(Interlaced1080, 1920, 1080)]
    [InlineData(BaselineWithHrd1080, 1920, 1080)]
    [InlineData(High444, 322, 182)]
    [InlineData(High10WithScalingLists, 322, 182)]
    [InlineData(High422, 642, 362)]
    public void Size_is_the_cropped_one(string hex, int width, int height) => Assert.Equal(new Resolution(width, height), Parse(hex).Resolution);

    [Theory]
    [InlineData(Baseline640, 30, 1)]
    [InlineData(HighWithBFrames640, 30, 1)]
    [InlineData(Interlaced1080, 25, 1)]
    [InlineData(BaselineWithHrd1080, 30000, 1001)]
    public void Frame_rate_is_half_the_tick_rate(string hex, int numerator, int denominator) =>
        Assert.Equal((double)numerator / denominator, Parse(hex).FrameRate.PerSecond, 9);

    [Theory]
    [InlineData(Baseline640, H264Profile.ConstrainedBaseline, "42c01e")]
    [InlineData(HighWithBFrames640, H264Profile.High, "64001e")]
    [InlineData(Interlaced1080, H264Profile.Main, "4d4028")]
    [InlineData(High444, H264Profile.High444, "f4000d")]
    [InlineData(High10WithScalingLists, H264Profile.High10, "6e000d")]
    [InlineData(High422, H264Profile.High422, "7a001e")]
    public void Profile_and_level_are_the_first_three_bytes(string hex, H264Profile profile, string text)
    {
        var id = Parse(hex).ProfileLevelId;
        Assert.Equal(profile, id.Profile);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData(Baseline640, 0, false)]
    [InlineData(HighWithBFrames640, 2, true)]
    [InlineData(Interlaced1080, 2, true)]
    [InlineData(BaselineWithHrd1080, 0, false)]
    public void Reordering_comes_from_the_bitstream_restriction(string hex, int frames, bool mayReorder)
    {
        var sps = Parse(hex);
        Assert.Equal(frames, sps.MaxReorderFrames);
        Assert.Equal(mayReorder, sps.MayReorder);
    }

    [Fact]
    public void Field_coding_and_sample_aspect_are_read()
    {
        var sps = Parse(Interlaced1080);
        Assert.False(sps.IsProgressive);
        Assert.Equal((4, 3), (sps.SampleAspectWidth, sps.SampleAspectHeight));
        Assert.True(Parse(Baseline640).IsProgressive);
    }

    [Theory]
    [InlineData(66, 0, 0, false)]
    [InlineData(77, 0, 0, true)]
    [InlineData(77, 0, 2, false)]
    [InlineData(77, 0x80, 0, false)]
    [InlineData(100, 0, 0, true)]
    [InlineData(100, 0x0c, 0, false)]
    [InlineData(100, 0x10, 0, false)]
    public void Without_a_restriction_profile_and_order_count_decide_whether_frames_may_reorder(byte profile, byte flags, uint type, bool may)
    {
        Assert.True(H264Sps.TryParse(Make(profile, flags, orderCountType: type), out var sps));
        Assert.Equal(-1, sps.MaxReorderFrames);
        Assert.Equal(may, sps.MayReorder);
        Assert.True(sps.FrameRate.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_set_cut_short_is_refused_or_loses_the_rest_of_its_vui_only(string hex)
    {
        var nal = Convert.FromHexString(hex);
        var whole = Parse(hex);
        var refused = 0;
        for (var length = 0; length < nal.Length; length++)
        {
            if (!H264Sps.TryParse(nal.AsSpan(0, length), out var sps))
            {
                Assert.Equal(refused, length); // once long enough it stays readable
                refused++;
                continue;
            }

            Assert.Equal(whole.Resolution, sps.Resolution);
            Assert.Contains(sps.FrameRate, new[] { whole.FrameRate, default });
            Assert.Contains(sps.MaxReorderFrames, new[] { whole.MaxReorderFrames, -1 });
        }

        Assert.True(refused >= 8);
    }

    [Theory]
    [InlineData(1023u, 1023u, true)]   // 16384 x 16384
    [InlineData(1024u, 10u, false)]
    [InlineData(10u, 1024u, false)]
    [InlineData(4095u, 4095u, false)]  // 64K x 64K
    [InlineData(0x7fff_fffeu, 0x7fff_fffeu, false)]
    public void Absurd_sizes_are_refused(uint columns, uint rows, bool accepted) =>
        Assert.Equal(accepted, H264Sps.TryParse(Make(66, 0, columns, rows), out _));

    [Theory]
    [InlineData(0u, 7u, true)]
    [InlineData(0u, 8u, false)]        // nothing left
    [InlineData(8u, 0u, false)]
    [InlineData(0x7fff_fffeu, 0x7fff_fffeu, false)]
    public void Cropping_must_leave_something(uint left, uint right, bool accepted) =>
        Assert.Equal(accepted, H264Sps.TryParse(Make(66, 0, 0, 0, crop: [left, right, 0, 0]), out _));

    [Theory]
    [InlineData("")]
    [InlineData("67")]
    [InlineData("6842c01eda0280bfe5c0")]     // a picture parameter set's type
    [InlineData("e742c01eda0280bfe5c044000003000400000300f03c58ba80")] // the forbidden bit
    [InlineData("6700c01eda0280bfe5c0")]     // profile 0
    [InlineData("6742c01e00000000000000000000000000000000000000000000")] // a code of endless zeros
    [InlineData("67640c1e00000000000000000000000000")]
    public void What_is_no_set_is_refused(string hex) => Assert.False(H264Sps.TryParse(Convert.FromHexString(hex), out _));

    [Fact]
    public void An_order_count_cycle_longer_than_allowed_is_refused()
    {
        var nal = new BitWriter().Bits(66, 8).Bits(0, 8).Bits(30, 8).Golomb(0).Golomb(0).Golomb(1).Bits(0, 1).Golomb(0).Golomb(0).Golomb(256)
            .Zeros(4000).ToNal(0x67);
        Assert.False(H264Sps.TryParse(nal, out _));
    }

    [Fact]
    public void Chroma_formats_and_bit_depths_that_do_not_exist_are_refused()
    {
        Assert.False(H264Sps.TryParse(Make(100, 0, chroma: 4), out _));
        Assert.False(H264Sps.TryParse(Make(100, 0, depth: 7), out _));
        Assert.True(H264Sps.TryParse(Make(100, 0, chroma: 3, depth: 6), out _));
    }

    [Fact]
    public void Random_bits_after_the_header_never_throw_and_never_give_an_absurd_size()
    {
        var random = new Random(264);
        var nal = new byte[64];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(nal);
            nal[0] = 0x67;
            nal[1] = (byte)(i % 2 == 0 ? 100 : 66);
            if (!H264Sps.TryParse(nal, out var sps)) continue;
            Assert.InRange(sps.Resolution.Width, 1, Resolution.MaxSide);
            Assert.InRange(sps.Resolution.Height, 1, Resolution.MaxSide);
            Assert.InRange(sps.MaxReorderFrames, -1, 16);
        }
    }

    [Fact]
    public void The_first_set_of_a_byte_stream_is_found_behind_other_units()
    {
        var stream = Convert.FromHexString("0000000109f0" + "000001" + Baseline640 + "00000168ce3c80");
        var reader = new AnnexBReader(stream);
        Assert.True(reader.TryRead(out var delimiter));
        Assert.Equal(H264NalType.AccessUnitDelimiter, new H264NalHeader(delimiter[0]).Type);
        Assert.True(reader.TryRead(out var nal));
        Assert.True(H264Sps.TryParse(nal, out var sps));
        Assert.Equal(640, sps.Resolution.Width);
    }

    private static H264Sps Parse(string hex)
    {
        Assert.True(H264Sps.TryParse(Convert.FromHexString(hex), out var sps));
        return sps;
    }

    private static byte[] Make(
        byte profile, byte flags, uint columns = 0, uint rows = 0, uint orderCountType = 0, uint chroma = 1, uint depth = 0, uint[]? crop = null)
    {
        var bits = new BitWriter().Bits(profile, 8).Bits(flags, 8).Bits(30, 8).Golomb(0);
        if (profile == 100)
        {
            bits.Golomb(chroma);
            if (chroma == 3) bits.Bits(0, 1);
            bits.Golomb(depth).Golomb(depth).Bits(0, 2);
        }

        bits.Golomb(0).Golomb(orderCountType);
        if (orderCountType == 0) bits.Golomb(0);
        bits.Golomb(1).Bits(0, 1).Golomb(columns).Golomb(rows).Bits(1, 1).Bits(0, 1).Bits(crop is null ? 0u : 1, 1);
        foreach (var edge in crop ?? [])
        {
            bits.Golomb(edge);
        }

        return bits.Bits(0, 1).Bits(1, 1).ToNal(0x67);
    }
}
