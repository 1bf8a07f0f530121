using System.Text;

namespace Sluice.Control.Channels;

/// <summary>
/// What a channel's public id may be. It holds no dash, so a stream key splits at its first dash, and needs no escaping in a URL, a file
/// name or a stream name of any protocol.
/// </summary>
public static class ChannelId
{
    /// <summary>The longest id, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>What is allowed, as a sentence for error messages.</summary>
    public const string Allowed =
        "1 to 64 characters of a-z, 0-9 and _ (no dash, no capitals), and none of: endpoint, resource, session, stream, watch";

    // Unicode's own decomposition needs ICU, which a server without cultures does not carry.
    private const string Accented = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ";
    private const string Unaccented = "aaaaaaceeeeiiiinoooooouuuuyy";

    // These are path segments of the aliases of WHIP and WHEP; a channel of that name would share their URLs.
    private static readonly string[] Reserved = ["endpoint", "resource", "session", "stream", "watch"];

    /// <summary>True where the text may be a channel's id.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength)
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_')
                return false;
        }
        foreach (var reserved in Reserved)
        {
            if (text.SequenceEqual(reserved))
                return false;
        }
        return true;
    }

    /// <summary>An id made from a name: western accents dropped, everything else outside the alphabet becomes one underscore. May be empty.</summary>
    public static string FromName(string name)
    {
        var made = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            var plain = Plain(c);
            if (char.IsAsciiLetterLower(plain) || char.IsAsciiDigit(plain))
                made.Append(plain);
            else if (made.Length > 0 && made[^1] != '_')
                made.Append('_');
        }
        // Room is left for a suffix that tells two channels of one name apart.
        var length = Math.Min(made.Length, MaxLength - 8);
        while (length > 0 && made[length - 1] == '_')
            length--;
        return made.ToString(0, length);
    }

    private static char Plain(char c)
    {
        var lower = char.ToLowerInvariant(c);
        var at = Accented.IndexOf(lower, StringComparison.Ordinal);
        return at < 0 ? lower : Unaccented[at];
    }
}
