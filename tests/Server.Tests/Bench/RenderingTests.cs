using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Sluice.Bench.Report;

namespace Sluice.Server.Tests.Bench;

public sealed class RenderingTests
{
    [Fact]
    public void The_text_has_a_line_for_every_row_and_every_bar()
    {
        var bars = Bars.Judge(Reports.Good);
        var lines = TextReport.Write(Reports.Good, bars).Split(Environment.NewLine);

        Assert.Equal(Reports.Good.Floor.Count, lines.Count(static line => line.StartsWith("floor ", StringComparison.Ordinal)));
        Assert.All(bars, bar => Assert.Contains(lines, line => line.Contains(bar.What, StringComparison.Ordinal) && line.StartsWith(TextReport.Words(bar.Verdict), StringComparison.Ordinal)));
        Assert.Contains(lines, static line => line.StartsWith("fanout           CM_SHA1_80     1    400", StringComparison.Ordinal));
    }

    [Fact]
    public void Columns_stand_below_their_names()
    {
        var line = TextReport.Line(Reports.Row("fanout", SrtpNames.Gcm, 400, 2.13) with { Kilobytes = double.NaN });

        Assert.Equal(Bounds(TextReport.LoadHeader), Bounds(line));
        Assert.Contains("2.13", line, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_says_what_the_rows_say()
    {
        var report = Reports.Good with { Load = [Reports.Row("fanout", SrtpNames.Gcm, 400, 2.125) with { JoinMilliseconds = double.NaN }] };
        using var json = JsonDocument.Parse(JsonReport.Write(report, Bars.Judge(report)));

        var row = json.RootElement.GetProperty("load")[0];
        Assert.Equal(2.125, row.GetProperty("microseconds").GetDouble());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("joinMilliseconds").ValueKind);
        Assert.Equal("met", json.RootElement.GetProperty("bars")[0].GetProperty("verdict").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("machine").GetProperty("cores").GetInt32());
        Assert.Equal(900, json.RootElement.GetProperty("joins")[0].GetProperty("frame").GetProperty("max").GetDouble());
    }

    [Fact]
    public void A_floors_row_passes_from_one_process_to_another()
    {
        var row = Reports.Floor("clip", SrtpNames.CounterMode, 200, 1.875);

        Assert.Equal(row, FloorRow.FromJson(row.ToJson()));
        Assert.Null(FloorRow.FromJson("{\"Shape\":"));
        Assert.Null(FloorRow.FromJson("{\"Shape\":\"clip\"}"));
    }

    [Fact]
    public void The_plot_is_well_formed_and_names_every_line()
    {
        var svg = XDocument.Parse(SvgPlot.Write(Reports.Good));
        var ns = svg.Root!.Name.Namespace;
        var words = svg.Descendants(ns + "text").Select(static text => text.Value).ToList();

        Assert.Equal("svg", svg.Root.Name.LocalName);
        Assert.All(
            new[] { "Sluice, GCM 2.1", "Sluice, CM_SHA1_80 2.7", "low, GCM 3", "audio, GCM 5", "floor, GCM 1.5", "floor, clip, GCM 1.9", "400", "50", "viewers" },
            word => Assert.Contains(word, words));
        // Four loads twice, cost and loss, and two floors.
        Assert.Equal(4 * 2 + 2, svg.Descendants(ns + "polyline").Count());
    }

    [Fact]
    public void Names_in_the_plot_do_not_cover_each_other()
    {
        var report = Reports.Good with { Load = [.. Enumerable.Range(0, 3).Select(static i => Reports.Row(i == 0 ? "fanout" : i == 1 ? "low" : "audio", SrtpNames.Gcm, 400, 2.1))] };
        var svg = XDocument.Parse(SvgPlot.Write(report));
        var names = svg.Descendants(svg.Root!.Name.Namespace + "text").Where(static text => text.Attribute("style") is not null)
            .Select(static text => double.Parse(text.Attribute("y")!.Value, CultureInfo.InvariantCulture)).ToList();

        Assert.All(names.Take(5).Zip(names.Skip(1).Take(4)), static pair => Assert.True(pair.Second - pair.First >= 14));
    }

    [Fact]
    public void A_plot_of_nothing_is_still_a_plot() => Assert.NotNull(XDocument.Parse(SvgPlot.Write(Reports.Empty)).Root);

    private static List<int> Bounds(string line) => [.. line.Select(static (c, i) => (c, i)).Where(static pair => pair.c == '|').Select(static pair => pair.i)];
}
