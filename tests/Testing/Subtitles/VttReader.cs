using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Testing.Subtitles;

/// <summary>A cue as a player finds it.</summary>
/// <param name="Id">The line above its times.</param>
/// <param name="From">Milliseconds.</param>
/// <param name="To">Milliseconds.</param>
/// <param name="Settings">What stands behind its times.</param>
/// <param name="Text">Its text with markup, lines joined.</param>
public sealed record VttCue(string Id, long From, long To, string Settings, string Text)
{
    /// <summary>What is read; tags are left in, so that a test sees them.</summary>
    public string Plain => Text.Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal);
}

/// <summary>Reads WebVTT as players do (W3C WebVTT §6.1): whatever is wrong is passed over, which is what makes injected cues dangerous.</summary>
public static partial class VttReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="header">The lines below the first one.</param>
    public static List<VttCue> Read(string text, out List<string> header)
    {
        header = [];
        var cues = new List<VttCue>();
        var lines = text.Replace('\0', '\ufffd').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        if (!Signature().IsMatch(lines[0])) throw new InvalidDataException("No WebVTT.");
        var at = 1;
        for (; at < lines.Length && lines[at].Length > 0; at++)
        {
            if (lines[at].Contains("-->", StringComparison.Ordinal)) throw new InvalidDataException("A cue in the header.");
            header.Add(lines[at]);
        }

        while (at < lines.Length)
        {
            if (lines[at].Length == 0)
            {
                at++;
                continue;
            }

            var id = "";
            if (!lines[at].Contains("-->", StringComparison.Ordinal)) id = lines[at++];
            if (at == lines.Length) break;
            var times = Times().Match(lines[at]);
            if (!times.Success)
            {
                // Not a cue: passed over up to the next empty line, or the next that looks like times.
                if (lines[at].Length > 0 && id.Length == 0) at++;
                while (at < lines.Length && lines[at].Length > 0 && !lines[at].Contains("-->", StringComparison.Ordinal)) at++;
                continue;
            }

            at++;
            var content = new List<string>();
            while (at < lines.Length && lines[at].Length > 0 && !lines[at].Contains("-->", StringComparison.Ordinal)) content.Add(lines[at++]);
            cues.Add(new VttCue(id, Milliseconds(times, 1), Milliseconds(times, 5), times.Groups[9].Value, string.Join('\n', content)));
        }

        return cues;
    }

    private static long Milliseconds(Match match, int group)
    {
        long Number(int index) => match.Groups[index].Length == 0 ? 0 : long.Parse(match.Groups[index].Value, CultureInfo.InvariantCulture);
        return ((Number(group) * 60 + Number(group + 1)) * 60 + Number(group + 2)) * 1000 + Number(group + 3);
    }

    [GeneratedRegex(@"^\ufeff?WEBVTT([ \t].*)?$")]
    private static partial Regex Signature();

    [GeneratedRegex(@"^[ \t]*(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]*-->[ \t]*(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})(.*)$")]
    private static partial Regex Times();
}
