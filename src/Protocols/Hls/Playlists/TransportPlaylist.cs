namespace Sluice.Protocols.Hls.Playlists;

/// <summary>A segment as MPEG-TS in a playlist.</summary>
/// <param name="Sequence">Its media sequence number.</param>
/// <param name="Discontinuities">Its discontinuity sequence number.</param>
/// <param name="CapturedAt">The wall-clock time of its first frame, UTC.</param>
/// <param name="Duration">How long it lasts, in microseconds.</param>
public readonly record struct TransportEntry(long Sequence, int Discontinuities, DateTime CapturedAt, long Duration);

/// <summary>Writes media playlists for players that know neither parts nor fragmented MP4 (RFC 8216, version 3).</summary>
public static class TransportPlaylist
{
    /// <summary>Writes a playlist.</summary>
    /// <param name="names">How the segments are called.</param>
    /// <param name="targetDuration">What was promised, in seconds.</param>
    /// <param name="entries">The segments, the oldest first, without gaps.</param>
    /// <param name="isEnded">Nothing will be added.</param>
    /// <param name="segmentsPerKey">Segments are encrypted, so many with one key; 0 where they are not.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(MediaNames names, int targetDuration, IReadOnlyList<TransportEntry> entries, bool isEnded, int segmentsPerKey = 0)
    {
        var text = new PlaylistText();
        text.Add("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:"u8).Add(targetDuration);
        text.Add("\n#EXT-X-MEDIA-SEQUENCE:"u8).Add(entries.Count > 0 ? entries[0].Sequence : 0);
        text.Add("\n#EXT-X-DISCONTINUITY-SEQUENCE:"u8).Add(entries.Count > 0 ? entries[0].Discontinuities : 0).Add("\n"u8);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            for (var n = i > 0 ? entries[i - 1].Discontinuities : entry.Discontinuities; n < entry.Discontinuities; n++) text.Add("#EXT-X-DISCONTINUITY\n"u8);
            if (segmentsPerKey > 0 && (i == 0 || entry.Sequence % segmentsPerKey == 0)) names.AddKey(text, entry.Sequence / segmentsPerKey);
            text.Add("#EXT-X-PROGRAM-DATE-TIME:"u8).AddDate(entry.CapturedAt).Add("\n#EXTINF:"u8).AddSeconds(entry.Duration).Add(",\n"u8);
            names.AddTransport(text, entry.Sequence);
            text.Add("\n"u8);
        }

        if (isEnded) text.Add("#EXT-X-ENDLIST\n"u8);
        return text.Written.ToArray();
    }
}
