namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// The simulcast layer whose packets an RTX stream repairs (RFC 8852 §3.2).
/// The element is the rid's ASCII text without a terminator.
/// </summary>
public static class RepairedRidExtension
{
    /// <summary>The name in <c>a=extmap</c>.</summary>
    public const string Uri = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";

    /// <summary>The longest text accepted, in bytes: what the one-byte form can carry is 16, signalling may use more.</summary>
    public const int LongestText = 32;

    /// <summary>Takes the text as a slice of the element; false where it is empty, too long or not printable ASCII.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> text) =>
        SdesTextExtension.TryParse(data, LongestText, out text);

    /// <summary>Writes the text and gives its length.</summary>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> text) => SdesTextExtension.Write(destination, text);
}
