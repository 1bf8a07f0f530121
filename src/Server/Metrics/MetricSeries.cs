using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Sluice.Server.Metrics;

/// <summary>The values of one instrument under one set of labels.</summary>
internal sealed class MetricSeries
{
    // Seconds: from a millisecond to ten, which is where requests and joins lie.
    private static readonly double[] Bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private readonly Lock _lock = new();
    private readonly long[]? _buckets;
    private double _value;
    private long _count;

    public MetricSeries(string labels, bool isHistogram)
    {
        Labels = labels;
        _buckets = isHistogram ? new long[Bounds.Length] : null;
    }

    /// <summary>The labels as Prometheus writes them, without braces; empty where there are none.</summary>
    public string Labels { get; }

    /// <summary>Adds to a counter, or records one observation of a histogram.</summary>
    public void Add(double value)
    {
        lock (_lock)
        {
            _value += value;
            _count++;
            for (var i = 0; _buckets is not null && i < Bounds.Length; i++)
            {
                if (value <= Bounds[i])
                    _buckets[i]++;
            }
        }
    }

    /// <summary>Replaces the value: what observable instruments report is already a sum.</summary>
    public void Set(double value)
    {
        lock (_lock)
            _value = value;
    }

    public void Write(StringBuilder text, string name)
    {
        lock (_lock)
        {
            if (_buckets is null)
            {
                PrometheusText.Sample(text, name, Labels, _value);
                return;
            }
            for (var i = 0; i < Bounds.Length; i++)
                PrometheusText.Sample(text, name + "_bucket", With(Bounds[i].ToString(CultureInfo.InvariantCulture)), _buckets[i]);
            PrometheusText.Sample(text, name + "_bucket", With("+Inf"), _count);
            PrometheusText.Sample(text, name + "_sum", Labels, _value);
            PrometheusText.Sample(text, name + "_count", Labels, _count);
        }
    }

    private string With(string bound) => Labels.Length == 0 ? $"le=\"{bound}\"" : $"{Labels},le=\"{bound}\"";

    public static bool IsHistogram(Instrument instrument) =>
        instrument.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Histogram<>);
}
