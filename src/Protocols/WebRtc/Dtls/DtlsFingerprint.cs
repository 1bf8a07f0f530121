using System.Security.Cryptography;

namespace Sluice.Protocols.WebRtc.Dtls;

/// <summary>
/// A certificate's hash as SDP announces it (RFC 8122 §5). SHA-1 and MD5 are refused: a forged certificate of the same hash can be made.
/// Immutable.
/// </summary>
public sealed class DtlsFingerprint
{
    private readonly byte[] _hash;

    private DtlsFingerprint(string algorithm, byte[] hash)
    {
        Algorithm = algorithm;
        _hash = hash;
    }

    /// <summary><c>sha-256</c>, <c>sha-384</c> or <c>sha-512</c>.</summary>
    public string Algorithm { get; }

    /// <summary>The hash: 32, 48 or 64 bytes.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>The SHA-256 fingerprint of a certificate in DER.</summary>
    public static DtlsFingerprint OfCertificate(ReadOnlySpan<byte> certificate) => new("sha-256", SHA256.HashData(certificate));

    /// <summary>Copies a hash; false where the algorithm is not accepted or the length does not fit it.</summary>
    /// <param name="algorithm">The hash function's name in SDP; case does not matter.</param>
    /// <param name="hash">The hash bytes.</param>
    /// <param name="fingerprint">The fingerprint, or null.</param>
    public static bool TryCreate(ReadOnlySpan<char> algorithm, ReadOnlySpan<byte> hash, out DtlsFingerprint? fingerprint)
    {
        var known = NameOf(algorithm);
        fingerprint = known is not null && hash.Length == LengthOf(known) ? new DtlsFingerprint(known, hash.ToArray()) : null;
        return fingerprint is not null;
    }

    /// <summary>Reads the value of <c>a=fingerprint</c>: a name, blanks, and pairs of hex digits between colons.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DtlsFingerprint? fingerprint)
    {
        fingerprint = null;
        text = text.Trim(' ');
        var blank = text.IndexOf(' ');
        if (blank < 0) return false;
        var digits = text[(blank + 1)..].TrimStart(' ');
        Span<byte> hash = stackalloc byte[64];
        if (digits.Length % 3 != 2 || digits.Length / 3 >= hash.Length) return false;
        var count = (digits.Length + 1) / 3;
        for (var i = 0; i < count; i++)
        {
            if (i > 0 && digits[3 * i - 1] != ':') return false;
            var upper = HexValue(digits[3 * i]);
            var lower = HexValue(digits[3 * i + 1]);
            if ((upper | lower) < 0) return false;
            hash[i] = (byte)(upper << 4 | lower);
        }

        return TryCreate(text[..blank], hash[..count], out fingerprint);
    }

    /// <summary>True where the certificate (DER) has this hash.</summary>
    public bool Matches(ReadOnlySpan<byte> certificate)
    {
        Span<byte> hash = stackalloc byte[64];
        hash = hash[.._hash.Length];
        switch (Algorithm)
        {
            case "sha-256": SHA256.HashData(certificate, hash); break;
            case "sha-384": SHA384.HashData(certificate, hash); break;
            default: SHA512.HashData(certificate, hash); break;
        }

        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    /// <summary>The value of <c>a=fingerprint</c>, in upper case as RFC 8122 §5 wants it.</summary>
    public override string ToString() => $"{Algorithm} {Pairs()}";

    private string Pairs() => string.Create(3 * _hash.Length - 1, _hash, static (text, hash) =>
    {
        for (var i = 0; i < hash.Length; i++)
        {
            if (i > 0) text[3 * i - 1] = ':';
            hash[i].TryFormat(text[(3 * i)..], out _, "X2");
        }
    });

    private static string? NameOf(ReadOnlySpan<char> algorithm)
    {
        foreach (var name in (ReadOnlySpan<string>)["sha-256", "sha-384", "sha-512"])
        {
            if (algorithm.Equals(name, StringComparison.OrdinalIgnoreCase)) return name;
        }

        return null;
    }

    private static int LengthOf(string algorithm) => algorithm switch { "sha-256" => 32, "sha-384" => 48, _ => 64 };

    private static int HexValue(char c) => char.IsAsciiHexDigit(c) ? c > '9' ? (c | 0x20) - 'a' + 10 : c - '0' : -1;
}
