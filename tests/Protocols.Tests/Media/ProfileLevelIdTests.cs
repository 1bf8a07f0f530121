using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Protocols.Tests.Media;

public sealed class ProfileLevelIdTests
{
    [Theory]
    [InlineData("42e01f", H264Profile.ConstrainedBaseline)]
    [InlineData("42001f", H264Profile.Baseline)]
    [InlineData("4d001f", H264Profile.Main)]
    [InlineData("4d801f", H264Profile.ConstrainedBaseline)]
    [InlineData("58c01f", H264Profile.ConstrainedBaseline)]
    [InlineData("58401f", H264Profile.Extended)]
    [InlineData("64001f", H264Profile.High)]
    [InlineData("640c1f", H264Profile.ConstrainedHigh)]
    [InlineData("64081f", H264Profile.ProgressiveHigh)]
    [InlineData("F4001F", H264Profile.High444)]
    [InlineData("13001f", H264Profile.Unknown)]
    public void Profile_follows_from_idc_and_constraints(string text, H264Profile profile)
    {
        Assert.True(ProfileLevelId.TryParse(text, out var id));
        Assert.Equal(profile, id.Profile);
        Assert.Equal(0x1f, id.LevelIdc);
        Assert.Equal(text.ToLowerInvariant(), id.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("42e01")]
    [InlineData("42e01f0")]
    [InlineData("42e0 f")]
    [InlineData(" 2e01f")]
    [InlineData("0x42e0")]
    [InlineData("+42e01")]
    [InlineData("42g01f")]
    public void Anything_but_six_hexadecimal_digits_is_refused(string text) => Assert.False(ProfileLevelId.TryParse(text, out _));

    [Theory]
    [InlineData("42f00b", true)]
    [InlineData("42e00b", false)]
    [InlineData("64100b", false)]
    [InlineData("640009", true)]
    public void Level_1b_is_told_from_level_1_1(string text, bool is1b)
    {
        Assert.True(ProfileLevelId.TryParse(text, out var id));
        Assert.Equal(is1b, id.IsLevel1b);
    }

    [Fact]
    public void Default_stands_for_not_seen()
    {
        Assert.True(default(ProfileLevelId).IsEmpty);
        Assert.False(new ProfileLevelId(66, 0, 30).IsEmpty);
    }
}
