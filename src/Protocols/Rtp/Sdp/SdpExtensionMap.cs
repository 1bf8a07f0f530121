using System.Globalization;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>A header extension and the id it travels under (RFC 8285 §5).</summary>
/// <param name="Id">1 to 255, or 4096 to 4351 where an offer leaves the choice to the answer.</param>
/// <param name="Direction">Which way it is used; null where the section's direction holds.</param>
/// <param name="Uri">Its name.</param>
/// <param name="Options">What follows the name; mostly empty.</param>
public sealed record SdpExtensionMap(int Id, SdpDirection? Direction, string Uri, string Options = "")
{
    /// <summary>Reads an attribute's value.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpExtensionMap map)
    {
        map = new SdpExtensionMap(0, null, "");
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var id)) return false;
        SdpDirection? direction = null;
        var slash = id.IndexOf('/');
        if (slash >= 0)
        {
            if (!SdpDirections.TryParse(id[(slash + 1)..], out var given)) return false;
            direction = given;
            id = id[..slash];
        }

        if (!SdpTokens.TryNumber(id, out var number) || number is 0 or (> 255 and < 4096) or > 4351) return false;
        if (!tokens.TryNext(out var uri)) return false;
        map = new SdpExtensionMap((int)number, direction, uri.ToString(), tokens.Rest.ToString());
        return true;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString()
    {
        var direction = Direction is { } given ? "/" + SdpDirections.NameOf(given) : "";
        var options = Options.Length == 0 ? "" : " " + Options;
        return string.Create(CultureInfo.InvariantCulture, $"{Id}{direction} {Uri}{options}");
    }
}
