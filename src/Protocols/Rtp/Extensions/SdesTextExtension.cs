namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>The common rule of the SDES items carried as header extensions (RFC 7941 §4.1): text without a terminator.</summary>
internal static class SdesTextExtension
{
    /// <summary>
    /// Accepts printable ASCII without space, at most so long: a wider set than RFC 8852 §3 and the token of RFC 8866 §9. Zero bytes
    /// at the end, which some senders pad with, are cut.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> data, int longest, out ReadOnlySpan<byte> text)
    {
        text = data.TrimEnd((byte)0);
        if (text.IsEmpty || text.Length > longest || text.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e))
        {
            text = default;
            return false;
        }

        return true;
    }

    /// <summary>Writes the text and gives its length.</summary>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
