using Sluice.Protocols.Media.Codecs.Id3;

namespace Sluice.Protocols.Tests.Media;

public sealed class Id3TagTests
{
    [Fact]
    public void A_text_has_its_description_before_it() =>
        Assert.Equal("49443304000000000010" + "54585858" + "00000006" + "0000" + "03" + "6100" + "62C3A9",
            Convert.ToHexString(Id3Tag.Text("a", "bé")));

    [Fact]
    public void Bytes_have_an_owner() =>
        Assert.Equal("4944330400000000000E" + "50524956" + "00000004" + "0000" + "6F00" + "FF00", Convert.ToHexString(Id3Tag.Private("o", [0xff, 0])));

    [Fact]
    public void Sizes_have_seven_bits_a_byte()
    {
        var tag = Id3Tag.Private("", new byte[299]);
        Assert.Equal([0, 0, 2, 0x36], tag[6..10]);
        Assert.Equal([0, 0, 2, 0x2c], tag[14..18]);
        Assert.Equal(320, tag.Length);
    }

    [Fact]
    public void A_zero_ends_a_description_and_an_owner()
    {
        Assert.Equal(Id3Tag.Text("a", "x"), Id3Tag.Text("a\0b", "x"));
        Assert.Equal(Id3Tag.Private("a", [1]), Id3Tag.Private("a\0b", [1]));
    }
}
