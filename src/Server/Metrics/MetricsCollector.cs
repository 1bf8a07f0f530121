using System.Diagnostics.Metrics;
using System.Text;

namespace Sluice.Server.Metrics;

/// <summary>
/// Keeps what this node's meters report, and the framework's figures of requests and connections. The number of series is bounded; what
/// comes past the bound is counted and dropped, since labels that grow without end would be memory that grows without end.
/// </summary>
internal sealed class MetricsCollector : IDisposable
{
    private const int MaxSeries = 4096;
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<Instrument, Dictionary<string, MetricSeries>> _series = [];
    private int _count;
    private long _dropped;

    public MetricsCollector(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Meters of another host in this process (there are several in tests) have another scope.
            var isOurs = instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meters);
            var isWanted = instrument.Meter.Name.StartsWith("Sluice", StringComparison.Ordinal)
                || instrument.Meter.Name is "Microsoft.AspNetCore.Hosting" or "Microsoft.AspNetCore.Server.Kestrel";
            if (isOurs && isWanted)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public void Write(StringBuilder text)
    {
        _listener.RecordObservableInstruments();
        lock (_lock)
        {
            foreach (var (instrument, series) in _series.OrderBy(pair => pair.Key.Name, StringComparer.Ordinal))
            {
                var name = PrometheusText.Name(instrument);
                var type = MetricSeries.IsHistogram(instrument) ? "histogram" : PrometheusText.IsCounter(instrument) ? "counter" : "gauge";
                PrometheusText.Head(text, name, type, instrument.Description ?? instrument.Name);
                foreach (var one in series.Values)
                    one.Write(text, name);
            }
        }
        PrometheusText.Counter(text, "sluice_metrics_dropped_total", "Measurements dropped because there were too many series.", Interlocked.Read(ref _dropped));
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        MetricSeries? series;
        lock (_lock)
        {
            if (!_series.TryGetValue(instrument, out var all))
                _series[instrument] = all = new Dictionary<string, MetricSeries>(StringComparer.Ordinal);
            if (!all.TryGetValue(labels, out series))
            {
                if (_count >= MaxSeries)
                {
                    Interlocked.Increment(ref _dropped);
                    return;
                }
                _count++;
                all[labels] = series = new MetricSeries(labels, MetricSeries.IsHistogram(instrument));
            }
        }
        if (instrument.IsObservable)
            series.Set(value);
        else
            series.Add(value);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
            return "";
        var labels = new List<string>(tags.Length);
        foreach (var (name, value) in tags)
            labels.Add(PrometheusText.Label(PrometheusText.Clean(name), value?.ToString() ?? ""));
        labels.Sort(StringComparer.Ordinal);
        return string.Join(',', labels);
    }
}
