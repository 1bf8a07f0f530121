using Sluice.Control.Channels;

namespace Sluice.Control.Tests.Channels;

public sealed class StreamKeyTests
{
    [Fact]
    public void A_key_splits_at_its_first_dash()
    {
        Assert.True(StreamKey.TryParse("night_owls-Abc123", out var key));
        Assert.Equal("night_owls", key.ChannelId);
        Assert.Equal("Abc123", key.Secret);
    }

    [Fact]
    public void A_bare_secret_names_no_channel()
    {
        Assert.True(StreamKey.TryParse("Abc123", out var key));
        Assert.Null(key.ChannelId);
        Assert.Equal("Abc123", key.Secret);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-secret")]
    [InlineData("channel-")]
    [InlineData("a-b-c")]
    [InlineData("Upper-secret")]
    [InlineData("a-se cret")]
    [InlineData("a-se/cret")]
    [InlineData("a-secret\n")]
    [InlineData("stream-secret")]
    public void What_no_channel_gave_out_is_refused(string text) => Assert.False(StreamKey.TryParse(text, out _));

    [Theory]
    [InlineData("night_owls-Abc123", "night_owls")]
    [InlineData("a-b-c", "a")]
    [InlineData("Abc123", "")]
    [InlineData("Upper-secret", "")]
    [InlineData("-secret", "")]
    [InlineData("", "")]
    public void A_bad_key_still_says_which_channel_it_was_meant_for(string text, string channel) => Assert.Equal(channel, StreamKey.ChannelOf(text));

    [Fact]
    public void A_very_long_key_is_refused_unread() => Assert.False(StreamKey.TryParse(new string('a', 257), out _));

    [Fact]
    public void The_text_of_a_key_object_holds_no_secret()
    {
        Assert.True(StreamKey.TryParse("live-TopSecret", out var key));
        Assert.DoesNotContain("TopSecret", key.ToString(), StringComparison.Ordinal);
        var made = new NewChannel(new Channel("live", 1, "Live", "", default, ChannelSettings.Default), "TopSecret");
        Assert.DoesNotContain("TopSecret", made.ToString(), StringComparison.Ordinal);
        var token = new NewWatchToken(WatchTokenOutcome.Made, new WatchToken("id", "", default, SecretHash.Of("TopSecret")), "TopSecret");
        Assert.DoesNotContain("TopSecret", token.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void New_secrets_are_long_alphanumeric_and_never_alike()
    {
        var made = Enumerable.Range(0, 1000).Select(_ => StreamSecret.New()).ToList();
        Assert.Equal(1000, made.Distinct().Count());
        Assert.All(made, secret =>
        {
            Assert.True(secret.Length >= 32);
            Assert.All(secret, c => Assert.True(char.IsAsciiLetterOrDigit(c)));
        });
        // Every character of the alphabet turns up: none is favoured so much that others go missing.
        Assert.Equal(62, made.SelectMany(s => s).Distinct().Count());
    }

    [Fact]
    public void A_hash_opens_for_its_secret_only()
    {
        var hash = SecretHash.Of("correct");
        Assert.True(hash.Matches("correct"));
        Assert.False(hash.Matches("correcT"));
        Assert.False(hash.Matches(""));
        Assert.False(hash.Matches("correct "));
        Assert.NotEqual(SecretHash.Of("correct").Hash, hash.Hash);
    }
}
