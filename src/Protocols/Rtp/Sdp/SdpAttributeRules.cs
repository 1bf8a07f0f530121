namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>
/// The attributes a session cannot do without its being right: a malformed one is refused at its line, so that the sender learns which,
/// instead of failing later without a word. All others are carried through as they are.
/// </summary>
internal static class SdpAttributeRules
{
    /// <summary>What is wrong with an attribute; null where it is well formed or none of ours.</summary>
    public static string? Check(SdpAttributeLine attribute)
    {
        var value = attribute.Value.AsSpan().Trim(' ');
        var wanted = attribute.Name switch
        {
            "mid" => value.Length <= 255 && SdpTokens.IsToken(value) ? null : "a token of at most 255 characters",
            "ice-ufrag" => IsIceText(value, 4) ? null : "4 to 256 letters, digits, '+' or '/'",
            "ice-pwd" => IsIceText(value, 22) ? null : "22 to 256 letters, digits, '+' or '/'",
            "fingerprint" => SdpFingerprint.TryParse(value, out _) ? null : "a hash name and bytes separated by colons",
            "setup" => SdpSetups.TryParse(value, out _) ? null : "actpass, active, passive or holdconn",
            "rtpmap" => SdpRtpMap.TryParse(value, out _) ? null : "a payload type up to 127, then name/clock[/channels]",
            "extmap" => SdpExtensionMap.TryParse(value, out _) ? null : "an id from 1 to 255 (or 4096 to 4351)[/direction], then a URI",
            "group" => SdpGroup.TryParse(value, out _) ? null : "semantics, then mids",
            "rid" => SdpRid.TryParse(value, out _) ? null : "a name of at most 16 letters and digits, then send or recv",
            "simulcast" => SdpSimulcast.TryParse(value, out _) ? null : "send or recv, then at most 16 layers separated by ';'",
            _ => null,
        };
        return wanted is null ? null : $"a={attribute.Name} needs {wanted}, not {SdpTokens.Quote(value)}";
    }

    // RFC 8839 §5.4; more than its alphabet, because clients exist that draw from URL-safe or padded base64.
    private static bool IsIceText(ReadOnlySpan<char> text, int least)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '-' or '_' or '=')) return false;
        }

        return text.Length >= least && text.Length <= 256;
    }
}
