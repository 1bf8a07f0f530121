using Sluice.Bench.Runs;

namespace Sluice.Bench.Report;

/// <summary>How long something took, in milliseconds.</summary>
internal readonly record struct Times(double Median, double P99, double Max)
{
    public static Times Of(double[] sorted) => new(Joining.Percentile(sorted, 0.5), Joining.Percentile(sorted, 0.99), Joining.Percentile(sorted, 1));

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Median:0}/{P99:0}/{Max:0}");
}
