using System.Globalization;
using System.Text;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;

namespace Sluice.Outputs.Recordings;

/// <summary>A part as a playlist shows it.</summary>
/// <param name="Number">The part's number.</param>
/// <param name="StartedAt">The wall-clock time of its beginning.</param>
/// <param name="Fragments">What its index has, at the time of asking.</param>
/// <param name="Movie">Its tracks.</param>
public sealed record PlaylistPart(int Number, DateTimeOffset StartedAt, IReadOnlyList<CmafFragment> Fragments, CmafMovie Movie)
{
    /// <summary>What is only there to begin decoding with: players are told to begin behind it.</summary>
    public TimeSpan Lead { get; init; }
}

/// <summary>Writes the media playlist of a recording (RFC 8216): byte ranges of the files as they lie on the disk.</summary>
public static class RecordingPlaylist
{
    private const double ShortestSegment = 4;

    /// <summary>The playlist.</summary>
    /// <param name="parts">The parts that can be played.</param>
    /// <param name="isComplete">Nothing will follow.</param>
    /// <param name="query">What every address gets behind it: empty, or a question mark and the rest.</param>
    public static string Write(IReadOnlyList<PlaylistPart> parts, bool isComplete, string query)
    {
        var segments = new List<(PlaylistPart Part, List<Segment> Segments)>();
        foreach (var part in parts)
        {
            segments.Add((part, SegmentsOf(part)));
        }

        // What may still grow is not shown: a segment that was listed stays as it is.
        if (!isComplete && segments.Count > 0 && segments[^1].Segments is { Count: > 0 } growing) growing.RemoveAt(growing.Count - 1);
        var longest = segments.SelectMany(s => s.Segments).Select(s => s.Seconds).DefaultIfEmpty(ShortestSegment).Max();
        var text = new StringBuilder();
        text.Append("#EXTM3U\n#EXT-X-VERSION:7\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-TARGETDURATION:{(int)Math.Ceiling(longest)}\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PLAYLIST-TYPE:{(isComplete ? "VOD" : "EVENT")}\n#EXT-X-INDEPENDENT-SEGMENTS\n");
        if (parts is [{ Lead: var lead }, ..] && lead > TimeSpan.Zero) text.Append(CultureInfo.InvariantCulture, $"#EXT-X-START:TIME-OFFSET={lead.TotalSeconds:0.###},PRECISE=YES\n");
        var isFirst = true;
        foreach (var (part, all) in segments)
        {
            if (all.Count == 0) continue;
            if (!isFirst) text.Append("#EXT-X-DISCONTINUITY\n");
            isFirst = false;
            text.Append(CultureInfo.InvariantCulture, $"#EXT-X-MAP:URI=\"{part.Number}/init.mp4{query}\"\n");
            text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PROGRAM-DATE-TIME:{part.StartedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}\n");
            foreach (var segment in all)
            {
                text.Append(CultureInfo.InvariantCulture, $"#EXTINF:{segment.Seconds:0.######},\n#EXT-X-BYTERANGE:{segment.End - segment.Begin}@{segment.Begin}\n");
                text.Append(CultureInfo.InvariantCulture, $"{part.Number}.mp4{query}\n");
            }
        }

        if (isComplete) text.Append("#EXT-X-ENDLIST\n");
        return text.ToString();
    }

    // A segment begins where decoding can, and is as long as fragments up to the next such place after four seconds.
    private static List<Segment> SegmentsOf(PlaylistPart part)
    {
        var segments = new List<Segment>();
        var lead = LeadOf(part.Movie);
        double rate = part.Movie.Tracks[lead].Format.ClockRate;
        foreach (var fragment in part.Fragments)
        {
            if (fragment.Track != lead)
            {
                // Sound alone, while the picture stood still.
                if (segments.Count > 0 && segments[^1] is var still && fragment.Offset >= still.End)
                {
                    var until = Math.Max(still.Until, (fragment.DecodeTime + fragment.Duration) / (double)part.Movie.Tracks[fragment.Track].Format.ClockRate);
                    segments[^1] = still with { End = fragment.End, Seconds = still.Seconds + until - still.Until, Until = until };
                }

                continue;
            }

            var seconds = fragment.Duration / rate;
            if (segments.Count > 0)
            {
                var last = segments[^1];

                // What was left out between two fragments counts to the first.
                var gap = fragment.DecodeTime / rate - last.Until;
                if (!fragment.IsIndependent || last.Seconds + gap < ShortestSegment)
                {
                    segments[^1] = last with { End = fragment.End, Seconds = last.Seconds + gap + seconds, Until = last.Until + gap + seconds };
                    continue;
                }

                segments[^1] = last with { Seconds = last.Seconds + gap };
            }

            segments.Add(new Segment(fragment.Offset, fragment.End, seconds, (fragment.DecodeTime + fragment.Duration) / rate));
        }

        return segments;
    }

    private static int LeadOf(CmafMovie movie)
    {
        for (var i = 0; i < movie.Tracks.Count; i++)
        {
            if (movie.Tracks[i].Format.Kind == MediaKind.Video) return i;
        }

        return 0;
    }

    private readonly record struct Segment(long Begin, long End, double Seconds, double Until);
}
