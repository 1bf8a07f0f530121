namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>Media sections that belong together (RFC 5888 §5); <c>BUNDLE</c> shares one transport (RFC 9143).</summary>
/// <param name="Semantics">What binds them.</param>
/// <param name="Mids">The sections' mids; the first one of a BUNDLE carries the transport.</param>
public sealed record SdpGroup(string Semantics, IReadOnlyList<string> Mids)
{
    /// <summary>True for a BUNDLE.</summary>
    public bool IsBundle => Semantics == "BUNDLE";

    /// <summary>Reads an attribute's value; false where it names no semantics.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpGroup group)
    {
        var tokens = new SdpTokens(value);
        var named = tokens.TryNext(out var semantics);
        var mids = new List<string>();
        while (tokens.TryNext(out var mid)) mids.Add(mid.ToString());
        group = new SdpGroup(semantics.ToString(), mids);
        return named;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString() => Mids.Count == 0 ? Semantics : $"{Semantics} {string.Join(' ', Mids)}";
}
