using Sluice.Control.Channels;

namespace Sluice.Control.Tests.Channels;

public sealed class LanguageTagTests
{
    [Theory]
    [InlineData("en", "en")]
    [InlineData("EN-us", "en-US")]
    [InlineData("zh-hANT-tw", "zh-Hant-TW")]
    [InlineData("es-419", "es-419")]
    [InlineData("zh-CMN-hans-CN", "zh-cmn-Hans-CN")]
    [InlineData("sl-ROZAJ-biske-1994", "sl-rozaj-biske-1994")]
    [InlineData("de-CH-1901", "de-CH-1901")]
    [InlineData("de-Latn-DE-u-CO-phonebk", "de-Latn-DE-u-co-phonebk")]
    [InlineData("en-x-twain", "en-x-twain")]
    [InlineData("haw", "haw")]
    public void A_tag_is_written_as_it_usually_is(string text, string written)
    {
        Assert.True(LanguageTag.TryRead(text, out var tag));
        Assert.Equal(written, tag);
        Assert.True(LanguageTag.TryRead(tag, out var again));
        Assert.Equal(tag, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("e")]
    [InlineData("engl")]
    [InlineData("e1")]
    [InlineData("en-")]
    [InlineData("-en")]
    [InlineData("en--US")]
    [InlineData("en_US")]
    [InlineData("en US")]
    [InlineData("en-US-DE")]
    [InlineData("en-u")]
    [InlineData("en-x")]
    [InlineData("en-u-a")]
    [InlineData("en-é")]
    [InlineData("en\"")]
    [InlineData("en\n")]
    [InlineData("x-private")]
    [InlineData("../en")]
    [InlineData("en-123456789")]
    [InlineData("de-Latn-DE-1901-1996-u-co-phonebk-x-abcdefg")]
    public void What_is_no_tag_is_refused(string text) => Assert.False(LanguageTag.TryRead(text, out _));

    [Theory]
    [InlineData("", 0)]
    [InlineData("pt-BR", 2)]
    [InlineData("PT-br", 2)]
    [InlineData("pt", 1)]
    [InlineData("pt-AO", 1)]
    [InlineData("por", 1)]
    [InlineData("eng", 0)]
    [InlineData("en-GB", 0)]
    [InlineData("xyz", -1)]
    [InlineData("not a language", -1)]
    public void A_language_is_shown_under_its_like(string language, int chosen) => Assert.Equal(chosen, LanguageTag.Choose(["en", "pt-PT", "pt-BR"], language));

    [Fact]
    public void Where_there_is_one_language_it_is_meant()
    {
        Assert.Equal(0, LanguageTag.Choose(["de"], "eng"));
        Assert.Equal(-1, LanguageTag.Choose([], "eng"));
    }
}
