using System.Globalization;

namespace Sluice.Protocols.Tests.Hls;

/// <summary>A media playlist as a strict client reads it: whatever breaks a rule of RFC 8216bis fails the test that reads it.</summary>
internal sealed class ReadPlaylist
{
    public int TargetDuration { get; private set; }

    public decimal PartTarget { get; private set; }

    public decimal CanSkipUntil { get; private set; }

    public decimal PartHoldBack { get; private set; }

    public long Sequence { get; private set; }

    public int Discontinuities { get; private set; }

    public int Skipped { get; private set; }

    public bool IsEnded { get; private set; }

    public bool IsEvent { get; private set; }

    public bool SaysIndependent { get; private set; }

    public string? Hint { get; private set; }

    public List<string> Reports { get; } = [];

    public List<Segment> Segments { get; } = [];

    public sealed record Part(string Uri, decimal Duration, bool IsIndependent);

    /// <summary>One segment; one that is not whole yet has no URI.</summary>
    public sealed record Segment(string? Uri, decimal Duration, string Map, DateTime At, int Discontinuities, IReadOnlyList<Part> Parts)
    {
        public string Text => $"{Uri} {Duration} {Map} {At:O} {Discontinuities}";
    }

    public IEnumerable<Segment> Complete => Segments.Where(s => s.Uri is not null);

    public static ReadPlaylist Of(ReadOnlySpan<byte> bytes)
    {
        var read = new ReadPlaylist();
        read.Read(System.Text.Encoding.UTF8.GetString(bytes));
        read.Judge();
        return read;
    }

    private void Read(string text)
    {
        Assert.StartsWith("#EXTM3U\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var map = "";
        var at = default(DateTime);
        var parts = new List<Part>();
        decimal? duration = null;
        var discontinuities = 0;
        var isPending = false;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.False(IsEnded, "nothing follows the end");
            var (tag, value) = line.IndexOf(':') is var colon and > 0 && line[0] == '#' ? (line[..colon], line[(colon + 1)..]) : (line, "");
            switch (tag)
            {
                case "#EXT-X-TARGETDURATION": TargetDuration = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "#EXT-X-SERVER-CONTROL":
                    Assert.Equal("YES", Attribute(value, "CAN-BLOCK-RELOAD"));
                    CanSkipUntil = Number(Attribute(value, "CAN-SKIP-UNTIL")!);
                    PartHoldBack = Number(Attribute(value, "PART-HOLD-BACK")!);
                    Assert.True(Number(Attribute(value, "HOLD-BACK")!) >= 3 * TargetDuration);
                    break;
                case "#EXT-X-PART-INF": PartTarget = Number(Attribute(value, "PART-TARGET")!); break;
                case "#EXT-X-MEDIA-SEQUENCE": Sequence = long.Parse(value, CultureInfo.InvariantCulture); break;
                case "#EXT-X-DISCONTINUITY-SEQUENCE": discontinuities = Discontinuities = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "#EXT-X-PLAYLIST-TYPE": IsEvent = value == "EVENT"; break;
                case "#EXT-X-INDEPENDENT-SEGMENTS": SaysIndependent = true; break;
                case "#EXT-X-SKIP": Skipped = int.Parse(Attribute(value, "SKIPPED-SEGMENTS")!, CultureInfo.InvariantCulture); break;
                case "#EXT-X-DISCONTINUITY": discontinuities++; break;
                case "#EXT-X-MAP": map = Attribute(value, "URI")!; break;
                case "#EXT-X-PROGRAM-DATE-TIME":
                    at = DateTime.Parse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
                    isPending = true;
                    break;
                case "#EXT-X-PART": parts.Add(new Part(Attribute(value, "URI")!, Number(Attribute(value, "DURATION")!), Attribute(value, "INDEPENDENT") == "YES")); break;
                case "#EXTINF": duration = Number(value.TrimEnd(',')); break;
                case "#EXT-X-PRELOAD-HINT": Hint = Attribute(value, "URI"); break;
                case "#EXT-X-RENDITION-REPORT": Reports.Add(value); break;
                case "#EXT-X-ENDLIST": IsEnded = true; break;
                case "#EXTM3U" or "#EXT-X-VERSION": break;
                default:
                    Assert.False(line.StartsWith('#'), $"unknown: {line}");
                    Assert.NotNull(duration);
                    Segments.Add(new Segment(line, duration.Value, map, at, discontinuities, [.. parts]));
                    parts.Clear();
                    duration = null;
                    isPending = false;
                    break;
            }
        }

        if (isPending) Segments.Add(new Segment(null, parts.Sum(p => p.Duration), map, at, discontinuities, [.. parts]));
    }

    private void Judge()
    {
        Assert.InRange(PartHoldBack, 2 * PartTarget, 3 * TargetDuration);
        Assert.Equal(6 * TargetDuration, CanSkipUntil);
        foreach (var segment in Segments)
        {
            Assert.NotEqual("", segment.Map);
            Assert.True(Math.Round(segment.Duration, MidpointRounding.AwayFromZero) <= TargetDuration, $"{segment.Uri} lasts {segment.Duration} of {TargetDuration}");
            Assert.All(segment.Parts, part => Assert.InRange(part.Duration, 0.001m, PartTarget));
            if (segment.Parts.Count > 0) Assert.Equal(segment.Duration, segment.Parts.Sum(p => p.Duration));
        }
    }

    /// <summary>
    /// What a client that has this playlist makes of an update (RFC 8216bis §6.3.7). The update's discontinuities count on from the last segment that was left out.
    /// </summary>
    public IReadOnlyList<string> Apply(ReadPlaylist update)
    {
        var known = Complete.Select((s, i) => (Number: Sequence + i, s)).ToDictionary(p => p.Number, p => p.s);
        var result = new List<string>();
        for (var i = 0; i < update.Skipped; i++) result.Add(known[update.Sequence + i].Text);
        var more = update.Skipped > 0 ? known[update.Sequence + update.Skipped - 1].Discontinuities - update.Discontinuities : 0;
        result.AddRange(update.Complete.Select(s => (s with { Discontinuities = s.Discontinuities + more }).Text));
        return result;
    }

    private static decimal Number(string text) => decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static string? Attribute(string list, string name)
    {
        foreach (var one in list.Split(','))
        {
            var equals = one.IndexOf('=');
            if (one[..equals] == name) return one[(equals + 1)..].Trim('"');
        }

        return null;
    }
}
