using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Protocols.Tests.Signalling;

public sealed class H264ProfileLevelIdTests
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
    [InlineData("640033", H264Profile.High, 51)]
    [InlineData("640433", H264Profile.High, 51)]
    [InlineData("6e0033", H264Profile.High10, 51)]
    [InlineData("7a0033", H264Profile.High422, 51)]
    [InlineData("f4001f", H264Profile.High444, 31)]
    [InlineData("00001f", H264Profile.Unknown, 31)]
    public void The_profile_comes_from_the_number_and_the_constraint_bits(string text, H264Profile profile, int level)
    {
        Assert.True(H264ProfileLevelId.TryParse(text, out var id));
        Assert.Equal(new H264ProfileLevelId(profile, (byte)level), id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("42e0")]
    [InlineData("42e01f0")]
    [InlineData("42e01g")]
    [InlineData("0x42e0")]
    [InlineData(" 42e01")]
    public void Other_texts_are_no_profile(string text) => Assert.False(H264ProfileLevelId.TryParse(text, out _));

    [Fact]
    public void Profiles_nest_as_annex_a_says()
    {
        const int Profiles = (int)H264Profile.High444;
        // Rows are decoders, columns streams, both in the order of the enumeration from constrained baseline on.
        string[] table =
        [
            "110000000",
            "110000000",
            "111000000",
            "110100000",
            "110010000",
            "111011000",
            "111011100",
            "111011110",
            "111011111",
        ];
        for (var decoder = 1; decoder <= Profiles; decoder++)
        {
            for (var stream = 1; stream <= Profiles; stream++)
            {
                Assert.True(
                    table[decoder - 1][stream - 1] == '1' == H264ProfileLevelId.Decodes((H264Profile)decoder, (H264Profile)stream),
                    $"{(H264Profile)decoder} and {(H264Profile)stream}");
            }

            Assert.False(H264ProfileLevelId.Decodes((H264Profile)decoder, H264Profile.Unknown));
            Assert.False(H264ProfileLevelId.Decodes(H264Profile.Unknown, (H264Profile)decoder));
        }
    }
}
