namespace Sluice.Control.Channels;

/// <summary>Tags of languages (BCP 47, RFC 5646 §2.1): <c>en</c>, <c>de-CH</c>, <c>zh-Hant</c>. Tags for private use alone and those from before 2006 are none here.</summary>
public static class LanguageTag
{
    /// <summary>The longest tag, in characters.</summary>
    public const int MaxLength = 35;

    // What encoders write of old (ISO 639-2, in either of its forms), and the tag of the same language.
    private const string LongNames =
        " ara=ar bul=bg cat=ca ces=cs cze=cs chi=zh zho=zh dan=da deu=de ger=de ell=el gre=el eng=en est=et fas=fa per=fa fin=fi fra=fr fre=fr heb=he hin=hi hrv=hr hun=hu "
        + "ind=id ita=it jpn=ja kor=ko lav=lv lit=lt msa=ms may=ms nld=nl dut=nl nor=no pol=pl por=pt ron=ro rum=ro rus=ru slk=sk slo=sk slv=sl spa=es srp=sr swe=sv "
        + "tha=th tur=tr ukr=uk urd=ur vie=vi ";

    /// <summary>Reads a tag and writes it as it is usually written; false where it is none.</summary>
    public static bool TryRead(string text, out string tag)
    {
        tag = "";
        if (text.Length > MaxLength) return false;
        var parts = text.Split('-');
        if (parts[0].Length is < 2 or 4 or > 8 || !parts[0].All(char.IsAsciiLetter)) return false;
        var at = 1;
        parts[0] = parts[0].ToLowerInvariant();
        for (var more = 0; more < 3 && parts[0].Length <= 3 && at < parts.Length && parts[at].Length == 3 && parts[at].All(char.IsAsciiLetter); more++) Lower(parts, at++);
        if (at < parts.Length && parts[at].Length == 4 && parts[at].All(char.IsAsciiLetter))
        {
            parts[at] = char.ToUpperInvariant(parts[at][0]) + parts[at][1..].ToLowerInvariant();
            at++;
        }

        if (at < parts.Length && (parts[at].Length == 2 ? parts[at].All(char.IsAsciiLetter) : parts[at].Length == 3 && parts[at].All(char.IsAsciiDigit)))
        {
            parts[at] = parts[at].ToUpperInvariant();
            at++;
        }

        while (at < parts.Length && (parts[at].Length is >= 5 and <= 8 || (parts[at].Length == 4 && char.IsAsciiDigit(parts[at][0]))) && IsPlain(parts[at])) Lower(parts, at++);
        if (!TryReadExtensions(parts, at)) return false;
        tag = string.Join('-', parts);
        return true;
    }

    /// <summary>Which of the tags a language is shown under: the same, else one of the same language, else (where there is but one, or none is named) the first; -1 where none.</summary>
    public static int Choose(IReadOnlyList<string> tags, string language)
    {
        if (tags.Count <= 1 || language.Length == 0) return Math.Min(tags.Count - 1, 0);
        for (var i = 0; i < tags.Count; i++)
        {
            if (tags[i].Equals(language, StringComparison.OrdinalIgnoreCase)) return i;
        }

        for (var i = 0; i < tags.Count; i++)
        {
            if (AreSame(tags[i], language)) return i;
        }

        return -1;
    }

    /// <summary>Both name the same language, wherever and however it is spoken and written.</summary>
    public static bool AreSame(string one, string other) => Primary(one) == Primary(other);

    private static string Primary(string tag)
    {
        var end = tag.IndexOf('-');
        var primary = (end < 0 ? tag : tag[..end]).ToLowerInvariant();
        if (primary.Length != 3) return primary;
        var at = LongNames.IndexOf($" {primary}=", StringComparison.Ordinal);
        return at < 0 ? primary : LongNames.Substring(at + 5, 2);
    }

    // What follows: extensions of a letter each, and at last what is private.
    private static bool TryReadExtensions(string[] parts, int at)
    {
        while (at < parts.Length)
        {
            if (parts[at].Length != 1 || !IsPlain(parts[at])) return false;
            Lower(parts, at);
            var least = parts[at++] == "x" ? 1 : 2;
            var isLast = least == 1;
            var first = at;
            while (at < parts.Length && parts[at].Length >= least && parts[at].Length <= 8 && IsPlain(parts[at])) Lower(parts, at++);
            if (at == first || (isLast && at < parts.Length)) return false;
        }

        return true;
    }

    private static bool IsPlain(string part) => part.All(char.IsAsciiLetterOrDigit);

    private static void Lower(string[] parts, int at) => parts[at] = parts[at].ToLowerInvariant();
}
