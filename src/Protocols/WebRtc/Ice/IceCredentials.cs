using System.Text;

namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>
/// The username fragment and password of one side for one ICE session (RFC 8445 §5.3). Printing one never shows the password.
/// </summary>
/// <param name="Ufrag">4 to 256 characters of <c>ALPHA / DIGIT / "+" / "/"</c>.</param>
/// <param name="Pwd">22 to 256 of the same characters: at least 128 bits of randomness.</param>
public sealed record IceCredentials(string Ufrag, string Pwd)
{
    /// <summary>Bytes of randomness that <see cref="Generate"/> takes.</summary>
    public const int EntropyLength = UfragLength + PwdLength;

    private const int UfragLength = 8;
    private const int PwdLength = 24;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>True where lengths and characters are within RFC 8839 §5.4: check what a peer's SDP says before using it.</summary>
    public bool IsWellFormed => IsIceString(Ufrag, 4) && IsIceString(Pwd, 22);

    /// <summary>
    /// Makes credentials from <see cref="EntropyLength"/> random bytes: a fragment of 8 and a password of 24 letters and digits (47 and
    /// 142 bits). A server fills the bytes from a cryptographic source, a test from a seed.
    /// </summary>
    public static IceCredentials Generate(ReadOnlySpan<byte> entropy)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(entropy.Length, EntropyLength);
        return new IceCredentials(Letters(entropy[..UfragLength]), Letters(entropy[UfragLength..EntropyLength]));
    }

    private static string Letters(ReadOnlySpan<byte> entropy)
    {
        Span<char> letters = stackalloc char[entropy.Length];
        for (var i = 0; i < letters.Length; i++)
        {
            letters[i] = Alphabet[entropy[i] * Alphabet.Length >> 8];
        }

        return new string(letters);
    }

    private static bool IsIceString(string text, int minimum)
    {
        if (text is null || text.Length < minimum || text.Length > 256) return false;

        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('+' or '/')) return false;
        }

        return true;
    }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(nameof(Ufrag)).Append(" = ").Append(Ufrag);
        return true;
    }
}
