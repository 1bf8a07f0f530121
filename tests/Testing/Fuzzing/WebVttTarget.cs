using System.Globalization;
using System.Text;
using Sluice.Protocols.Hls.Subtitles;
using Sluice.Testing.Subtitles;

namespace Sluice.Testing.Fuzzing;

/// <summary>Whatever a cue says, a player finds this one cue, with its times, no setting and no markup, and the next one behind it.</summary>
public static class WebVttTarget
{
    /// <summary>Runs one text.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length > 4000) return;
        var text = Encoding.UTF8.GetString(input);
        var start = 600_000_000L + input.Length * 40_000_000_000L;
        var file = Encoding.UTF8.GetString(WebVtt.Write(start, [new SubtitleCue(7, start + 1_500_000, start + 4_000_000, text), new SubtitleCue(8, start + 2_000_000, start + 4_000_000, "behind")]));
        var cues = VttReader.Read(file, out var header);
        FuzzAssert.That(header.Count == 1 && header[0].StartsWith("X-TIMESTAMP-MAP=MPEGTS:", StringComparison.Ordinal), "a map and nothing else in the header");
        FuzzAssert.That(cues.Count == 2, "as many cues as were given");
        var cue = cues[0];
        FuzzAssert.That(cue.Id == "7" && cue.From == start / 1000 + 1500 && cue.To == start / 1000 + 4000 && cue.Settings.Length == 0, "its own number and times, and no settings");
        FuzzAssert.That(cues[1] is { Id: "8", Plain: "behind" }, "the next cue is as it was given");
        FuzzAssert.That(!cue.Text.Contains('<') && !cue.Text.Contains('>'), "no markup");
        FuzzAssert.That(WebVtt.IsReadable(text) == (cue.Text.Length > 0), "what can be read is there");
        FuzzAssert.That(Letters(cue.Plain).SequenceEqual(Letters(text)), "letters and digits are all there, in order, escapes undone");
    }

    private static IEnumerable<string> Letters(string text) => text.EnumerateRunes().Where(r => Rune.IsLetterOrDigit(r) || r.Value is '&' or '<' or '>' or ';')
        .Select(r => r.Value.ToString(CultureInfo.InvariantCulture));
}
