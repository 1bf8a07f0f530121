using System.Globalization;

namespace Sluice.Protocols.Hls.Playlists;

/// <summary>What a playlist request asks for (RFC 8216bis §6.2.5).</summary>
/// <param name="Sequence">Answer once this segment is in the playlist; -1 answers at once.</param>
/// <param name="Part">Or once this part of it is; -1 waits for the whole segment.</param>
/// <param name="Skips">The client has a playlist and takes an update of it.</param>
public readonly record struct DeliveryDirectives(long Sequence, int Part, bool Skips)
{
    /// <summary>Nothing is asked for.</summary>
    public static DeliveryDirectives None => new(-1, -1, false);

    /// <summary>
    /// Reads a query string, with or without its question mark; other parameters are passed over. False where a directive is not one: the answer is 400.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> query, out DeliveryDirectives directives)
    {
        directives = None;
        if (query.StartsWith("?")) query = query[1..];
        var sequence = -1L;
        var part = -1;
        var skips = false;
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            if (!pair.StartsWith("_HLS_", StringComparison.Ordinal)) continue;
            var equals = pair.IndexOf('=');
            if (equals < 0) return false;
            var value = pair[(equals + 1)..];
            switch (pair[..equals])
            {
                case "_HLS_msn":
                    if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out sequence)) return false;
                    break;
                case "_HLS_part":
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out part)) return false;
                    break;
                case "_HLS_skip":
                    skips = value is "YES" or "v2";
                    if (!skips) return false;
                    break;
            }
        }

        if (part >= 0 && sequence < 0) return false;
        directives = new DeliveryDirectives(sequence, part, skips);
        return true;
    }
}
