using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Vp8;
using Sluice.Protocols.Media.Codecs.Vp9;

namespace Sluice.Protocols.Tests.Media;

/// <summary>The frame fronts come from libvpx.</summary>
public sealed class VpxFrameHeaderTests
{
    private const string Vp8Key = "f0c6009d012a800268010047";
    private const string Vp9Key = "824983420027f0167608";
    private const string Vp9Key444 = "a2498342000282016ac107";
    private const string Vp9Key10Bit = "92498342000a0805ab031c";
    private const string Vp9KeyRgb = "e014100b5608";

    [Fact]
    public void A_vp8_keyframe_tells_its_size()
    {
        Assert.True(Vp8FrameHeader.TryParse(Convert.FromHexString(Vp8Key), out var header));
        Assert.Equal(new Vp8FrameHeader(true, 0, true, 0x00c6f0 >> 5, new Resolution(640, 360)), header);
    }

    [Fact]
    public void A_vp8_inter_frame_has_no_size()
    {
        Assert.True(Vp8FrameHeader.TryParse([0x71, 0x21, 0x00], out var header));
        Assert.False(header.IsKeyframe);
        Assert.True(header.IsShown);
        Assert.True(header.Resolution.IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData("71")]
    [InlineData("7121")]
    [InlineData("f0c6009d012a80026801", true)]
    [InlineData("f0c6009d012a800268")]         // one byte short
    [InlineData("f0c6009d012b80026801")]       // another start code
    [InlineData("f0c6009d012a00006801")]       // no width
    [InlineData("f0c6009d012a00c06801")]       // no width but scaling bits
    [InlineData("f0c6009d012a80020000")]       // no height
    [InlineData("f8c6009d012a80026801")]       // version 4
    [InlineData("f0c6009d012affffffff", true)] // 16383 square with scaling
    public void A_damaged_vp8_front_is_refused(string hex, bool accepted = false) =>
        Assert.Equal(accepted, Vp8FrameHeader.TryParse(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData(Vp9Key, 0, 8, 640, 360)]
    [InlineData(Vp9Key444, 1, 8, 322, 182)]
    [InlineData(Vp9Key10Bit, 2, 10, 322, 182)]
    [InlineData("a2498342" + Vp9KeyRgb, 1, 8, 322, 182)]
    public void A_vp9_keyframe_tells_profile_depth_and_size(string hex, int profile, int depth, int width, int height)
    {
        Assert.True(Vp9FrameHeader.TryParse(Convert.FromHexString(hex), out var header));
        Assert.True(header.IsKeyframe);
        Assert.Equal((profile, depth), (header.Profile, header.BitDepth));
        Assert.Equal(new Resolution(width, height), header.Resolution);
    }

    [Theory]
    [InlineData("86004092", 0)]
    [InlineData("a6004092", 1)]
    [InlineData("96004092", 2)]
    public void A_vp9_inter_frame_has_no_size(string hex, int profile)
    {
        Assert.True(Vp9FrameHeader.TryParse(Convert.FromHexString(hex), out var header));
        Assert.False(header.IsKeyframe);
        Assert.Equal(profile, header.Profile);
        Assert.True(header.Resolution.IsEmpty);
    }

    [Fact]
    public void A_vp9_frame_that_shows_another_is_no_keyframe()
    {
        Assert.True(Vp9FrameHeader.TryParse([0x88 | 3], out var header));
        Assert.True(header.ShowsExisting);
        Assert.False(header.IsKeyframe);
    }

    [Theory]
    [InlineData(Vp9Key)]
    [InlineData(Vp9Key444)]
    [InlineData(Vp9Key10Bit)]
    public void A_vp9_keyframe_cut_short_is_refused(string hex)
    {
        var frame = Convert.FromHexString(hex);
        for (var length = 0; length < 9; length++)
        {
            Assert.False(Vp9FrameHeader.TryParse(frame.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [InlineData("424983420027f0167608")]   // frame marker 1
    [InlineData("c24983420027f0167608")]   // frame marker 3
    [InlineData("824983430027f0167608")]   // another sync code
    [InlineData("82498342e027f016760811")] // RGB in profile 0
    [InlineData("b8498342002000500050")]   // profile 3 with its reserved bit
    [InlineData("824983420ffff0fff000")]   // 65536 square
    public void A_damaged_vp9_front_is_refused(string hex) => Assert.False(Vp9FrameHeader.TryParse(Convert.FromHexString(hex), out _));
}
