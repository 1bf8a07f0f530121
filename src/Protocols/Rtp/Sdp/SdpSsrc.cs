using System.Globalization;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>Something said about one RTP source (RFC 5576 §4.1).</summary>
/// <param name="Ssrc">The source.</param>
/// <param name="Name">What is said: <c>cname</c>, <c>msid</c>; empty where the source is only announced.</param>
/// <param name="Value">Its value; empty where it has none.</param>
public sealed record SdpSsrc(uint Ssrc, string Name, string Value)
{
    /// <summary>Reads an attribute's value.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpSsrc ssrc)
    {
        var tokens = new SdpTokens(value);
        var good = tokens.TryNext(out var id) & SdpTokens.TryNumber(id, out var number);
        var rest = tokens.Rest;
        var colon = rest.IndexOf(':');
        ssrc = colon < 0
            ? new SdpSsrc(number, rest.ToString(), "")
            : new SdpSsrc(number, rest[..colon].ToString(), rest[(colon + 1)..].ToString());
        return good;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString() => Value.Length == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Ssrc} {Name}").TrimEnd()
        : string.Create(CultureInfo.InvariantCulture, $"{Ssrc} {Name}:{Value}");
}
