using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Protocols.Tests.Media;

public sealed class H264ProfileTests
{
    [Fact]
    public void Profiles_nest_as_annex_a_says()
    {
        const int Profiles = (int)H264Profile.High444;
        // Rows are decoders, columns streams, both in the order of the enumeration from constrained baseline on.
        string[] table =
        [
            "1100000000",
            "1100000000",
            "1110000000",
            "1101000000",
            "1100100000",
            "1100110000",
            "1110111000",
            "1110111100",
            "1110111110",
            "1110111111",
        ];
        for (var decoder = (H264Profile)1; (int)decoder <= Profiles; decoder++)
        {
            for (var stream = (H264Profile)1; (int)stream <= Profiles; stream++)
            {
                Assert.True(table[(int)decoder - 1][(int)stream - 1] == '1' == decoder.Decodes(stream), $"{decoder} and {stream}");
            }

            Assert.False(decoder.Decodes(H264Profile.Unknown));
            Assert.False(H264Profile.Unknown.Decodes(decoder));
        }
    }
}
