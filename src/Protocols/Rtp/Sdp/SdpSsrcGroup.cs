using System.Globalization;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>
/// RTP sources that belong together (RFC 5576 §4.2): <c>FID</c> pairs a source with its retransmissions, <c>SIM</c> lists simulcast layers.
/// </summary>
/// <param name="Semantics">What binds them.</param>
/// <param name="Ssrcs">The sources in the order given.</param>
public sealed record SdpSsrcGroup(string Semantics, IReadOnlyList<uint> Ssrcs)
{
    /// <summary>Reads an attribute's value.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpSsrcGroup group)
    {
        var tokens = new SdpTokens(value);
        var good = tokens.TryNext(out var semantics);
        var ssrcs = new List<uint>();
        while (tokens.TryNext(out var token))
        {
            good &= SdpTokens.TryNumber(token, out var ssrc);
            ssrcs.Add(ssrc);
        }

        group = new SdpSsrcGroup(semantics.ToString(), ssrcs);
        return good && ssrcs.Count > 0;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString() =>
        $"{Semantics} {string.Join(' ', Ssrcs.Select(static ssrc => ssrc.ToString(CultureInfo.InvariantCulture)))}";
}
