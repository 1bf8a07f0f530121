using System.Security.Cryptography;

namespace Sluice.Control.Channels;

/// <summary>The secret part of a stream key: letters and digits only, since slashes and plus signs break the URLs of encoders.</summary>
public static class StreamSecret
{
    /// <summary>The length of a new secret: 40 characters of 62, 238 bits.</summary>
    public const int Length = 40;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A new secret from the system's random source, every character equally likely.</summary>
    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>True where the text has the shape of a secret.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > 128)
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c))
                return false;
        }
        return true;
    }
}
