using System.Buffers;

namespace Sluice.Server.Hls;

/// <summary>
/// The session a player names (CTA-5004, Common Media Client Data, key <c>sid</c>): in the header <c>CMCD-Session</c>, or in the query. Only names that are short and plain
/// count; anything else is as if there were none.
/// </summary>
internal static class CmcdSession
{
    public const string Header = "CMCD-Session";
    public const int Longest = 64;
    private static readonly SearchValues<char> _plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>The name; empty where there is none.</summary>
    /// <param name="header">The header's value.</param>
    /// <param name="query">The query as it came, escaped.</param>
    public static ReadOnlySpan<char> Find(ReadOnlySpan<char> header, ReadOnlySpan<char> query) =>
        header.IsEmpty ? Between(query, "CMCD=", "sid%3D%22", "%22") : Between(header, "", "sid=\"", "\"");

    private static ReadOnlySpan<char> Between(ReadOnlySpan<char> text, string after, string begin, string end)
    {
        var from = text.IndexOf(after, StringComparison.Ordinal);
        if (from < 0) return default;
        text = text[(from + after.Length)..];
        from = text.IndexOf(begin, StringComparison.Ordinal);
        if (from < 0) return default;

        // Another key may end in the same letters.
        if (from > 0 && _plain.Contains(text[from - 1]) && !text[..from].EndsWith("%2C", StringComparison.Ordinal)) return default;
        text = text[(from + begin.Length)..];
        var length = text.IndexOf(end, StringComparison.Ordinal);
        return length is > 0 and <= Longest && !text[..length].ContainsAnyExcept(_plain) ? text[..length] : default;
    }
}
