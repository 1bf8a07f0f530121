using System.Globalization;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>A forward reader over the words of one line; runs of blanks count as one.</summary>
internal ref struct SdpTokens(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text.Trim(' ');

    /// <summary>What has not been read yet, without surrounding blanks.</summary>
    public readonly ReadOnlySpan<char> Rest => _rest;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public bool TryNext(out ReadOnlySpan<char> token)
    {
        var space = _rest.IndexOf(' ');
        token = space < 0 ? _rest : _rest[..space];
        _rest = space < 0 ? default : _rest[space..].TrimStart(' ');
        return !token.IsEmpty;
    }

    public static bool TryNumber(ReadOnlySpan<char> text, out uint value) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static bool TryByte(ReadOnlySpan<char> text, out byte value) =>
        byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static bool TryPayloadType(ReadOnlySpan<char> text, out byte value) => TryByte(text, out value) && value < 128;

    public static bool TryPort(ReadOnlySpan<char> text, out ushort value) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>A piece of the peer's text that is safe in an error: short and printable.</summary>
    public static string Quote(ReadOnlySpan<char> text)
    {
        const int Most = 40;
        var piece = text.Length > Most ? text[..Most] : text;
        return string.Create(piece.Length + 2 + (text.Length > Most ? 3 : 0), piece, static (to, from) =>
        {
            to.Fill('.');
            to[0] = '\'';
            to[^1] = '\'';
            for (var i = 0; i < from.Length; i++)
            {
                to[i + 1] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
            }
        });
    }

    /// <summary>RFC 8866 §9 token characters.</summary>
    public static bool IsToken(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c is <= ' ' or > '~' or '"' or '(' or ')' or ',' or '/' or ':' or ';' or '<' or '=' or '>' or '?' or '@' or '[' or '\\' or ']')
            {
                return false;
            }
        }

        return !text.IsEmpty;
    }
}
