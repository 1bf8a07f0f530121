using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Testing;
using static Sluice.Protocols.Tests.Ice.IceChecks;

namespace Sluice.Protocols.Tests.Ice;

public sealed class IceCredentialsTests
{
    [Fact]
    public void Generated_credentials_are_well_formed_and_differ()
    {
        var random = new SeededRandom(1);
        var seen = new HashSet<string>();
        Span<byte> entropy = stackalloc byte[IceCredentials.EntropyLength];
        for (var i = 0; i < 1000; i++)
        {
            random.Fill(entropy);
            var credentials = IceCredentials.Generate(entropy);
            Assert.True(credentials.IsWellFormed);
            Assert.True(seen.Add(credentials.Ufrag) && seen.Add(credentials.Pwd));
        }
    }

    [Fact]
    public void Every_byte_of_entropy_gives_a_letter_or_digit_and_all_62_come_up()
    {
        var letters = new HashSet<char>();
        var entropy = new byte[IceCredentials.EntropyLength];
        for (var value = 0; value < 256; value++)
        {
            entropy.AsSpan().Fill((byte)value);
            letters.UnionWith(IceCredentials.Generate(entropy).Pwd);
        }

        Assert.Equal(62, letters.Count);
        Assert.All(letters, letter => Assert.True(char.IsAsciiLetterOrDigit(letter)));
    }

    [Fact]
    public void Too_little_entropy_throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IceCredentials.Generate(new byte[IceCredentials.EntropyLength - 1]));

    [Theory]
    [InlineData("abc", "abcdefghijklmnopqrstuv", false)]
    [InlineData("abcd", "abcdefghijklmnopqrstu", false)]
    [InlineData("abcd", "abcdefghijklmnopqrstuv", true)]
    [InlineData("a+/9", "abcdefghijklmnopqrstu+", true)]
    [InlineData("ab:d", "abcdefghijklmnopqrstuv", false)]
    [InlineData("ab d", "abcdefghijklmnopqrstuv", false)]
    [InlineData("abcd", "abcdefghijklmnopqrst\r\n", false)]
    [InlineData("äbcd", "abcdefghijklmnopqrstuv", false)]
    [InlineData("", "", false)]
    public void Only_ice_chars_of_the_right_number_are_well_formed(string ufrag, string pwd, bool isWellFormed) =>
        Assert.Equal(isWellFormed, new IceCredentials(ufrag, pwd).IsWellFormed);

    [Fact]
    public void Endless_credentials_are_not_well_formed()
    {
        Assert.True(new IceCredentials(new string('a', 256), new string('b', 256)).IsWellFormed);
        Assert.False(new IceCredentials(new string('a', 257), new string('b', 30)).IsWellFormed);
        Assert.False(new IceCredentials("abcd", new string('b', 257)).IsWellFormed);
    }

    [Fact]
    public void Printing_credentials_does_not_show_the_password()
    {
        Assert.Contains(Local.Ufrag, Local.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Local.Pwd, Local.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_local_fragment_of_a_check_is_found_without_proof()
    {
        Assert.True(IceUsername.TryGetLocalUfrag(Make(password: "whoever signed this check"), out var ufrag));
        Assert.Equal("servfrag"u8, ufrag);
    }

    public static TheoryData<byte[]> WithoutFragment => new()
    {
        Make(username: "nocolon"),
        Make(username: ":peerfrag"),
        Make(username: ""),
        Make(kind: StunClass.Success),
        Make(kind: StunClass.Indication),
        Make(method: (StunMethod)3),
        Make()[..40],
        Array.Empty<byte>(),
    };

    [Theory]
    [MemberData(nameof(WithoutFragment))]
    public void A_datagram_that_names_nobody_has_no_local_fragment(byte[] datagram) =>
        Assert.False(IceUsername.TryGetLocalUfrag(datagram, out _));
}
