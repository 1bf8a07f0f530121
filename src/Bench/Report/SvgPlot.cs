using System.Globalization;
using System.Text;

namespace Sluice.Bench.Report;

/// <summary>
/// The report as one picture: CPU per packet above, loss below, both against the number of viewers. Colours hold on light and on dark ground;
/// every line carries its name.
/// </summary>
internal static class SvgPlot
{
    private const int Width = 810;
    private const int Height = 520;
    private const int Left = 64;
    private const int Right = 590; // names of lines stand behind it
    private const int CostTop = 56;
    private const int CostBottom = 330;
    private const int LossTop = 384;
    private const int LossBottom = 462;
    private const double LabelHeight = 15;

    private static readonly string[] Colours = ["#2f81c9", "#d9662b", "#3d9a57", "#a05cc4", "#b58a1b", "#c94f7c"];

    /// <summary>Draws the rows of the scenarios that grow with N, and the floor.</summary>
    public static string Write(BenchReport report)
    {
        var lines = LinesOf(report);
        var most = Math.Max(1, lines.Count == 0 ? 1 : lines.Max(static l => l.Points.Max(static p => p.Viewers)));
        var costTop = Nice(lines.SelectMany(static l => l.Points).Select(static p => p.Cost).DefaultIfEmpty(1).Max() * 1.1);
        var lossTop = Nice(Math.Max(1, lines.SelectMany(static l => l.Points).Select(static p => p.Loss).Where(double.IsFinite).DefaultIfEmpty(0).Max()));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">\n");
        text.Append("<title>CPU per delivered packet and loss against the number of viewers</title>\n");
        text.Append("<style>text{fill:#57606a}.grid{stroke:#8c959f;stroke-opacity:.35}.axis{stroke:#8c959f}.h{font-size:14px;font-weight:600}");
        text.Append("@media(prefers-color-scheme:dark){text{fill:#b1bac4}}</style>\n");
        Heading(text, CostTop - 22, "Server CPU per delivered packet, µs");
        Heading(text, LossTop - 14, "Packets lost, %");
        Grid(text, CostTop, CostBottom, costTop, 5);
        Grid(text, LossTop, LossBottom, lossTop, 2);
        foreach (var viewers in lines.SelectMany(static l => l.Points).Select(static p => p.Viewers).Distinct())
        {
            Text(text, X(viewers, most), LossBottom + 18, "middle", Number(viewers));
            text.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{X(viewers, most):0.#}\" y1=\"{LossBottom}\" x2=\"{X(viewers, most):0.#}\" y2=\"{LossBottom + 4}\"/>\n");
        }

        Text(text, (Left + Right) / 2.0, LossBottom + 38, "middle", "viewers");
        Draw(text, lines, most, costTop, CostTop, CostBottom, static p => p.Cost);
        Draw(text, lines.FindAll(static l => l.HasLoss), most, lossTop, LossTop, LossBottom, static p => p.Loss);
        return text.Append("</svg>\n").ToString();
    }

    private static List<Line> LinesOf(BenchReport report)
    {
        var lines = new List<Line>();
        foreach (var group in report.Load.Where(static r => r.Scenario is "fanout" or "low" or "audio" && double.IsFinite(r.Microseconds)).GroupBy(static r => (r.Scenario, r.Srtp)))
        {
            var name = group.Key.Scenario == "fanout" ? $"Sluice, {group.Key.Srtp}" : $"{group.Key.Scenario}, {group.Key.Srtp}";
            lines.Add(new Line(name, Colours[lines.Count % Colours.Length], IsFloor: false, [.. group.OrderBy(static r => r.Viewers).Select(static r => new Point(r.Viewers, r.Microseconds, r.LossPercent))]));
        }

        foreach (var group in report.Floor.GroupBy(static r => (r.Shape, r.Srtp)))
        {
            var shape = group.Key.Shape == Bars.IdealShape ? "" : $", {group.Key.Shape}";
            var name = $"floor{shape}, {group.Key.Srtp}";
            lines.Add(new Line(name, "#8c959f", IsFloor: true, [.. group.OrderBy(static r => r.Viewers).Select(static r => new Point(r.Viewers, r.Microseconds, double.NaN))]));
        }

        return lines;
    }

    private static void Draw(StringBuilder text, List<Line> lines, int most, double top, int y0, int y1, Func<Point, double> figure)
    {
        var ends = new List<(double Y, Line Line)>();
        foreach (var line in lines)
        {
            var path = string.Join(' ', line.Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Viewers, most):0.#},{Y(figure(p), top, y0, y1):0.#}")));
            text.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{line.Colour}\" stroke-width=\"2\"{(line.IsFloor ? " stroke-dasharray=\"5 4\"" : "")}/>\n");
            foreach (var point in line.Points)
                text.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(point.Viewers, most):0.#}\" cy=\"{Y(figure(point), top, y0, y1):0.#}\" r=\"2.5\" fill=\"{line.Colour}\"/>\n");
            ends.Add((Y(figure(line.Points[^1]), top, y0, y1), line));
        }

        // Names stand where their lines end, moved apart where those come close.
        ends.Sort(static (a, b) => a.Y.CompareTo(b.Y));
        var least = double.NegativeInfinity;
        foreach (var (end, line) in ends)
        {
            var y = Math.Max(end, least);
            least = y + LabelHeight;
            var value = figure(line.Points[^1]);
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Right + 12}\" y=\"{y + 4:0.#}\" style=\"fill:{line.Colour}\">{line.Name} {value.ToString("0.##", CultureInfo.InvariantCulture)}</text>\n");
        }
    }

    private static void Grid(StringBuilder text, int y0, int y1, double top, int steps)
    {
        for (var i = 0; i <= steps; i++)
        {
            var y = y1 - (y1 - y0) * (double)i / steps;
            text.Append(CultureInfo.InvariantCulture, $"<line class=\"{(i == 0 ? "axis" : "grid")}\" x1=\"{Left}\" y1=\"{y:0.#}\" x2=\"{Right}\" y2=\"{y:0.#}\"/>\n");
            Text(text, Left - 8, y + 4, "end", Number(top * i / steps));
        }
    }

    private static void Heading(StringBuilder text, int y, string words) =>
        text.Append(CultureInfo.InvariantCulture, $"<text class=\"h\" x=\"{Left - 40}\" y=\"{y}\">{words}</text>\n");

    private static void Text(StringBuilder text, double x, double y, string anchor, string words) =>
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{words}</text>\n");

    private static double X(int viewers, int most) => Left + (Right - Left) * (double)viewers / most;

    private static double Y(double value, double top, int y0, int y1) => y1 - (y1 - y0) * Math.Clamp(value / top, 0, 1);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The next number of the kind 1, 1.5, 2, 3, 5, 7.5 times a power of ten.</summary>
    private static double Nice(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var step in (ReadOnlySpan<double>)[1, 1.5, 2, 3, 5, 7.5, 10])
        {
            if (value <= step * power) return step * power;
        }

        return 10 * power;
    }

    private readonly record struct Point(int Viewers, double Cost, double Loss);

    private sealed record Line(string Name, string Colour, bool IsFloor, IReadOnlyList<Point> Points)
    {
        public bool HasLoss => !IsFloor;
    }
}
