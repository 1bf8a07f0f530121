using Sluice.Protocols.Media;

namespace Sluice.Protocols.Tests.Media;

public sealed class CodecFactsTests
{
    [Fact]
    public void Every_name_leads_back_to_its_codec_in_any_case()
    {
        foreach (var codec in Enum.GetValues<Codec>())
        {
            var name = CodecFacts.NameOf(codec);
            Assert.Equal(codec, CodecFacts.FromName(name));
            Assert.Equal(codec, CodecFacts.FromName(name.ToUpperInvariant()));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("H26")]
    [InlineData("H2644")]
    [InlineData("rtx")]
    public void Other_names_are_unknown(string name) => Assert.Equal(Codec.Unknown, CodecFacts.FromName(name));

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(16384, 16384, true)]
    [InlineData(16385, 1, false)]
    [InlineData(1, 0, false)]
    [InlineData(-1, 1, false)]
    [InlineData(1, long.MaxValue, false)]
    public void Sizes_are_bounded(long width, long height, bool accepted)
    {
        Assert.Equal(accepted, Resolution.TryCreate(width, height, out var resolution));
        Assert.Equal(!accepted, resolution.IsEmpty);
    }
}
