namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>A restricted stream by name: one simulcast layer (RFC 8851 §4).</summary>
/// <param name="Id">Its name: letters, digits, dash and underscore.</param>
/// <param name="IsSend">True where the one who says it sends the layer.</param>
/// <param name="Restrictions">As written, such as <c>pt=97;max-width=1280</c>; mostly empty.</param>
public sealed record SdpRid(string Id, bool IsSend, string Restrictions = "")
{
    /// <summary>Characters of the longest name taken; a header extension of one byte's length holds sixteen.</summary>
    public const int MaxIdLength = 16;

    /// <summary>Reads an attribute's value.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpRid rid)
    {
        rid = new SdpRid("", false);
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var id) || !IsId(id)) return false;
        if (!tokens.TryNext(out var way)) return false;
        var isSend = way.SequenceEqual("send");
        if (!isSend && !way.SequenceEqual("recv")) return false;
        rid = new SdpRid(id.ToString(), isSend, tokens.Rest.ToString());
        return true;
    }

    /// <summary>True where a text may name a layer.</summary>
    public static bool IsId(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
        }

        return text.Length is > 0 and <= MaxIdLength;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString()
    {
        var way = IsSend ? "send" : "recv";
        return Restrictions.Length == 0 ? $"{Id} {way}" : $"{Id} {way} {Restrictions}";
    }
}
