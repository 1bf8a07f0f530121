namespace Sluice.Bench.Report;

internal static class SvgPlot
{
    public static string Write(BenchReport report) => $"<svg xmlns=\"http://www.w3.org/2000/svg\"><!-- {report.Load.Count} --></svg>";
}
