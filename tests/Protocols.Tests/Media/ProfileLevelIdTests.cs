using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Protocols.Tests.Media;

public sealed class ProfileLevelIdTests
{
    [Theory]
    [InlineData("42e01f", H264Profile.ConstrainedBaseline, 31)]
    [InlineData("42E01F", H264Profile.ConstrainedBaseline, 31)]
    [InlineData("42c00d", H264Profile.ConstrainedBaseline, 13)]
    [InlineData("42401e", H264Profile.ConstrainedBaseline, 30)]
    [InlineData("4d801f", H264Profile.ConstrainedBaseline, 31)]
    [InlineData("58c01f", H264Profile.ConstrainedBaseline, 31)]
    [InlineData("42001f", H264Profile.Baseline, 31)]
    [InlineData("42a01f", H264Profile.Baseline, 31)]
    [InlineData("58801f", H264Profile.Baseline, 31)]
    [InlineData("4d001f", H264Profile.Main, 31)]
    [InlineData("4d4028", H264Profile.Main, 40)]
    [InlineData("58401f", H264Profile.Extended, 31)]
    [InlineData("640c33", H264Profile.ConstrainedHigh, 51)]
    [InlineData("64081f", H264Profile.ProgressiveHigh, 31)]
    [InlineData("640033", H264Profile.High, 51)]
    [InlineData("640433", H264Profile.High, 51)]
    [InlineData("6e0033", H264Profile.High10, 51)]
    [InlineData("7a0033", H264Profile.High422, 51)]
    [InlineData("F4001F", H264Profile.High444, 31)]
    [InlineData("00001f", H264Profile.Unknown, 31)]
    [InlineData("13001f", H264Profile.Unknown, 31)]
    public void Profile_follows_from_idc_and_constraints(string text, H264Profile profile, int level)
    {
        Assert.True(ProfileLevelId.TryParse(text, out var id));
        Assert.Equal(profile, id.Profile);
        Assert.Equal(level, id.LevelIdc);
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
