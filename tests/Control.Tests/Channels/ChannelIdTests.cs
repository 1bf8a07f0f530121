using Sluice.Control.Channels;

namespace Sluice.Control.Tests.Channels;

public sealed class ChannelIdTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("night_owls")]
    [InlineData("0")]
    [InlineData("streams")]
    public void Letters_digits_and_underscores_make_an_id(string id) => Assert.True(ChannelId.IsValid(id));

    [Theory]
    [InlineData("")]
    [InlineData("Night")]
    [InlineData("night-owls")]
    [InlineData("night owls")]
    [InlineData("../etc")]
    [InlineData("a/b")]
    [InlineData("é")]
    [InlineData("a\0")]
    [InlineData("１")]
    [InlineData("stream")]
    [InlineData("endpoint")]
    [InlineData("watch")]
    public void Everything_else_and_reserved_words_do_not(string id) => Assert.False(ChannelId.IsValid(id));

    [Fact]
    public void Sixty_four_characters_are_the_most()
    {
        Assert.True(ChannelId.IsValid(new string('a', 64)));
        Assert.False(ChannelId.IsValid(new string('a', 65)));
    }

    [Theory]
    [InlineData("Night owls", "night_owls")]
    [InlineData("  Café -- Zürich!  ", "cafe_zurich")]
    [InlineData("A.B.C", "a_b_c")]
    [InlineData("夜", "")]
    [InlineData("\ud800", "")]
    public void A_name_becomes_an_id(string name, string id) => Assert.Equal(id, ChannelId.FromName(name));

    [Fact]
    public void A_made_id_is_valid_or_empty_whatever_the_name()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var name = new string([.. Enumerable.Range(0, random.Next(120)).Select(_ => (char)random.Next(0x20, 0x2fff))]);
            var id = ChannelId.FromName(name);
            Assert.True(id.Length == 0 || ChannelId.IsValid(id), $"\"{name}\" gave \"{id}\"");
        }
    }
}
