namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>The digest of a DTLS certificate (RFC 8122 §5).</summary>
/// <param name="Algorithm">The hash in lower case: <c>sha-256</c>.</param>
/// <param name="Value">The digest in upper-case hexadecimal with colons between bytes.</param>
public sealed record SdpFingerprint(string Algorithm, string Value)
{
    private const int MaxDigestBytes = 64;

    /// <summary>A SHA-256 fingerprint of its 32 digest bytes.</summary>
    public static SdpFingerprint Sha256(ReadOnlySpan<byte> digest) => new("sha-256", WithColons(digest));

    /// <summary>The bytes of the digest.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[(Value.Length + 1) / 3];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(char.IsAsciiHexDigit(Value[i * 3]) ? Convert.ToInt32(Value.Substring(i * 3, 2), 16) : 0);
        }

        return bytes;
    }

    /// <summary>Reads an attribute's value; false where it is no hash name and colon-separated bytes.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpFingerprint fingerprint)
    {
        fingerprint = new SdpFingerprint("", "");
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var algorithm) || !SdpTokens.IsToken(algorithm)) return false;
        if (!tokens.TryNext(out var digest) || !tokens.IsEmpty) return false;
        if ((digest.Length + 1) % 3 != 0 || digest.Length > MaxDigestBytes * 3) return false;
        for (var i = 0; i < digest.Length; i++)
        {
            if (i % 3 == 2 ? digest[i] != ':' : !char.IsAsciiHexDigit(digest[i])) return false;
        }

        fingerprint = new SdpFingerprint(algorithm.ToString().ToLowerInvariant(), digest.ToString().ToUpperInvariant());
        return true;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString() => $"{Algorithm} {Value}";

    private static string WithColons(ReadOnlySpan<byte> digest)
    {
        var text = new char[Math.Max(0, digest.Length * 3 - 1)];
        for (var i = 0; i < digest.Length; i++)
        {
            text[i * 3] = "0123456789ABCDEF"[digest[i] >> 4];
            text[i * 3 + 1] = "0123456789ABCDEF"[digest[i] & 15];
            if (i > 0) text[i * 3 - 1] = ':';
        }

        return new string(text);
    }
}
