using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H265;

namespace Sluice.Protocols.Tests.Media;

/// <summary>The sets come from x265, one for each way its output differs.</summary>
public sealed class H265SpsTests
{
    private const string Main640 = "42010101600000030090000003000003003fa00502016965959a4932bc05a020000003002000000303c1";

    private const string Main10TwoSubLayers1080 =
        "4201020220000003009000000300000300780000a003c0801107cad965662b325261780b4040000003004000000782";

    private const string Main42210 = "4201010408000003009d0800000300003cb00a880c1c445b6595952930bc05a020000003002000000303c1";
    private const string Main444 = "4201010408000003009e0800000300003c90015101838f8bcb7494985e02d010000003001000000301e080";
    private const string HighTier2160 = "420101216000000300900000030000030099a001e020021c596e92930bc05a020000030002000003007810";

    public static TheoryData<string> All => [Main640, Main10TwoSubLayers1080, Main42210, Main444, HighTier2160];

    [Theory]
    [InlineData(Main640, 640, 360)]
    [InlineData(Main10TwoSubLayers1080, 1920, 1080)]
    [InlineData(Main42210, 322, 182)]
    [InlineData(Main444, 322, 182)]
    [InlineData(HighTier2160, 3840, 2160)]
    public void Size_is_that_of_the_conformance_window(string hex, int width, int height) =>
        Assert.Equal(new Resolution(width, height), Parse(hex).Resolution);

    [Theory]
    [InlineData(Main640, 1, false, 63, 1, 8)]
    [InlineData(Main10TwoSubLayers1080, 2, false, 120, 1, 10)]
    [InlineData(Main42210, 4, false, 60, 2, 10)]
    [InlineData(Main444, 4, false, 60, 3, 8)]
    [InlineData(HighTier2160, 1, true, 153, 1, 8)]
    public void Profile_tier_level_and_samples_are_read(string hex, int profile, bool highTier, int level, int chroma, int depth)
    {
        var sps = Parse(hex);
        Assert.Equal((profile, highTier, level), (sps.ProfileIdc, sps.IsHighTier, sps.LevelIdc));
        Assert.Equal((chroma, depth), (sps.ChromaFormat, sps.BitDepth));
        Assert.NotEqual(0u, sps.CompatibilityFlags >> (31 - profile) & 1);
    }

    [Theory]
    [InlineData(Main640, 2)]
    [InlineData(Main10TwoSubLayers1080, 2)]
    [InlineData(Main444, 0)]
    [InlineData(HighTier2160, 0)]
    public void Reordering_is_that_of_the_highest_sub_layer(string hex, int frames) => Assert.Equal(frames, Parse(hex).MaxReorderFrames);

    [Theory]
    [MemberData(nameof(All))]
    public void A_set_cut_short_is_refused_until_all_that_is_read_is_there(string hex)
    {
        var nal = Convert.FromHexString(hex);
        var whole = Parse(hex);
        var refused = 0;
        for (var length = 0; length < nal.Length; length++)
        {
            if (H265Sps.TryParse(nal.AsSpan(0, length), out var sps))
            {
                Assert.Equal(whole, sps);
            }
            else
            {
                Assert.Equal(refused++, length);
            }
        }

        Assert.True(refused > 18);
    }

    [Theory]
    [InlineData(16384u, 16384u, true)]
    [InlineData(16385u, 100u, false)]
    [InlineData(100u, 65535u, false)]
    [InlineData(0u, 100u, false)]
    [InlineData(0xffff_fffeu, 0xffff_fffeu, false)]
    public void Absurd_sizes_are_refused(uint width, uint height, bool accepted) =>
        Assert.Equal(accepted, H265Sps.TryParse(Make(width, height), out _));

    [Fact]
    public void A_window_that_leaves_nothing_is_refused()
    {
        Assert.True(H265Sps.TryParse(Make(64, 64, [15, 16, 0, 0]), out var sps));
        Assert.Equal(new Resolution(2, 64), sps.Resolution);
        Assert.False(H265Sps.TryParse(Make(64, 64, [16, 16, 0, 0]), out _));
        Assert.False(H265Sps.TryParse(Make(64, 64, [0, 0, 0xffff_fffe, 0xffff_fffe]), out _));
    }

    [Fact]
    public void Numbers_outside_their_range_are_refused()
    {
        Assert.False(H265Sps.TryParse(Make(64, 64, chroma: 4), out _));
        Assert.False(H265Sps.TryParse(Make(64, 64, depth: 9), out _));
        Assert.False(H265Sps.TryParse(Make(64, 64, reorder: 17), out _));
        Assert.False(H265Sps.TryParse(Make(64, 64, subLayers: 7), out _)); // 7 stands for eight sub-layers
        Assert.True(H265Sps.TryParse(Make(64, 64, subLayers: 6), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("4201")]
    [InlineData("4001010160000003009000000300000300")] // a video parameter set's type
    [InlineData("c2010101600000030090000003000003003fa00502016965959a4932bc05a020000003002000000303c1")] // the forbidden bit
    public void What_is_no_set_is_refused(string hex) => Assert.False(H265Sps.TryParse(Convert.FromHexString(hex), out _));

    [Fact]
    public void Random_bits_never_throw_and_never_give_an_absurd_size()
    {
        var random = new Random(265);
        var nal = new byte[64];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(nal);
            nal[0] = 0x42;
            nal[2] &= 0xf1;
            if (H265Sps.TryParse(nal, out var sps)) Assert.True(Resolution.TryCreate(sps.Resolution.Width, sps.Resolution.Height, out _));
        }
    }

    [Fact]
    public void Random_access_types_are_16_to_23()
    {
        for (var type = 0; type < 64; type++)
        {
            var header = new H265NalHeader((ushort)(type << 9 | 1));
            Assert.Equal(type is >= 16 and <= 23, header.IsRandomAccess);
            Assert.Equal(type < 32, header.IsSlice);
            Assert.Equal(type is 0 or 2 or 4 or 6 or 8 or 10 or 12 or 14, header.IsNonReference);
        }
    }

    private static H265Sps Parse(string hex)
    {
        Assert.True(H265Sps.TryParse(Convert.FromHexString(hex), out var sps));
        return sps;
    }

    private static byte[] Make(
        uint width, uint height, uint[]? window = null, uint chroma = 1, uint depth = 0, uint reorder = 0, uint subLayers = 0)
    {
        var bits = new BitWriter().Bits(0, 4).Bits(subLayers, 3).Bits(1, 1).Bits(1, 8).Bits(0x6000_0000, 32).Zeros(48).Bits(93, 8);
        if (subLayers > 0) bits.Zeros(16);
        bits.Golomb(0).Golomb(chroma).Golomb(width).Golomb(height).Bits(window is null ? 0u : 1, 1);
        foreach (var edge in window ?? [])
        {
            bits.Golomb(edge);
        }

        bits.Golomb(depth).Golomb(depth).Golomb(4).Bits(0, 1).Golomb(4).Golomb(reorder).Golomb(0).Bits(1, 1);
        return bits.ToNal(0x42, 0x01);
    }
}
