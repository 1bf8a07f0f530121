using System.Globalization;
using System.Text;

namespace Sluice.Protocols.Hls.Subtitles;

/// <summary>Writes segments of WebVTT (W3C WebVTT §4.1; RFC 8216bis §3.1.4). A cue's text is data: whatever it holds, nothing of it is markup, a setting, or another cue.</summary>
public static class WebVtt
{
    // MPEG-2's clock: 33 bits of ninety ticks a millisecond.
    private const long Wrap = 1L << 33;
    private const int TicksPerMillisecond = 90;

    /// <summary>Writes a segment, or a part of one.</summary>
    /// <param name="start">When it begins, in microseconds of the time line that the pictures have; not negative.</param>
    /// <param name="cues">Cues with times of the same line.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(long start, ReadOnlySpan<SubtitleCue> cues)
    {
        var text = new StringBuilder("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:");
        var (ticks, local) = MapAt(start / 1000);
        text.Append(CultureInfo.InvariantCulture, $"{ticks},LOCAL:");
        AddTime(text, local);
        text.Append("\n\n");
        foreach (ref readonly var cue in cues)
        {
            var from = Math.Max(0, cue.From) / 1000;
            text.Append(CultureInfo.InvariantCulture, $"{cue.Id}\n");
            AddTime(text, from);
            text.Append(" --> ");
            AddTime(text, Math.Max(from + 1, cue.To / 1000));
            text.Append('\n');
            AddText(text, cue.Text);
            text.Append("\n\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>There is something in a text that can be read.</summary>
    public static bool IsReadable(string text)
    {
        var lines = new StringBuilder();
        AddText(lines, text);
        return lines.Length > 0;
    }

    // Times of cues are those of the media, and so they stay while its clock of 33 bits begins anew every day and two hours: only what they are mapped to does (RFC 8216bis §3.1.4).
    private static (long Ticks, long Local) MapAt(long milliseconds)
    {
        var turns = milliseconds * TicksPerMillisecond / Wrap;
        var local = (turns * Wrap + TicksPerMillisecond - 1) / TicksPerMillisecond;
        return (local * TicksPerMillisecond - turns * Wrap, local);
    }

    private static void AddTime(StringBuilder text, long milliseconds) => text.Append(
        CultureInfo.InvariantCulture, $"{milliseconds / 3_600_000:00}:{milliseconds / 60_000 % 60:00}:{milliseconds / 1000 % 60:00}.{milliseconds % 1000:000}");

    // An empty line would end the cue; one of blanks looks empty and is left out with it.
    private static void AddText(StringBuilder text, string cue)
    {
        var begin = text.Length;
        foreach (var line in cue.AsSpan().EnumerateLines())
        {
            var trimmed = line.Trim();
            if (trimmed.IsEmpty) continue;
            var before = text.Length;
            if (before > begin) text.Append('\n');
            var content = text.Length;
            foreach (var rune in trimmed.EnumerateRunes())
            {
                switch (rune.Value)
                {
                    case '&':
                        text.Append("&amp;");
                        break;
                    case '<':
                        text.Append("&lt;");
                        break;
                    case '>':
                        text.Append("&gt;");
                        break;
                    case '\t':
                        text.Append(' ');
                        break;
                    default:
                        if (!Rune.IsControl(rune)) text.Append(rune.ToString());
                        break;
                }
            }

            // Controls alone.
            if (text.Length == content) text.Length = before;
        }
    }
}
