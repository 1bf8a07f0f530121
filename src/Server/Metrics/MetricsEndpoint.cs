using System.Diagnostics;
using System.Text;
using Sluice.Protocols.Media;
using Sluice.Server.Api;
using Sluice.Server.Hls;
using Sluice.Server.Http;
using Sluice.Server.Live;
using Sluice.Server.Startup;
using Sluice.Workers.Transcoding;

namespace Sluice.Server.Metrics;

/// <summary>The figures for Prometheus. Anyone sees sums; the figures of single channels, whose names may be private, need the operator's token.</summary>
internal static class MetricsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/metrics", Show)
        .AnswersText(200, "text/plain").TakesBearer(isRequired: false).WithTags("Health").WithSummary("Figures for Prometheus; with the operator's token also by channel");

    private static IResult Show(HttpContext context, MetricsCollector collector, ILiveStreams live, TranscodingWorkshop workshop, HlsExpress express,
        ConnectionLimit connections, RecordingFigures recordings, OperatorGate gate)
    {
        var isDetailed = context.Request.Headers.Authorization.Count > 0;
        if (isDetailed && gate.Check(context) is { } refused)
            return refused;
        var text = new StringBuilder(16 * 1024);
        PrometheusText.Head(text, "sluice_build", "gauge", "The version that runs.");
        PrometheusText.Sample(text, "sluice_build", PrometheusText.Label("version", SluiceVersion.Text), 1);
        WriteProcess(text);
        WriteStreams(text, live.All(), isDetailed);
        WriteTranscoding(text, workshop);
        PrometheusText.Counter(text, "sluice_hls_short_answers_total", "Answers to players that went past the web server, which counts the others.", express.Answers);
        PrometheusText.Gauge(text, "sluice_hls_waiting", "Players that wait for a part, of those.", express.Waiting);
        PrometheusText.Counter(
            text, "sluice_http_connections_turned_away_total", "Connections that were closed at once because their address had as many as one may have.", connections.TurnedAway);
        recordings.Write(text);
        collector.Write(text);
        return Results.Text(text.ToString(), PrometheusText.MediaType);
    }

    private static void WriteProcess(StringBuilder text)
    {
        using var process = Process.GetCurrentProcess();
        PrometheusText.Counter(text, "process_cpu_seconds_total", "Processor time used.", process.TotalProcessorTime.TotalSeconds);
        PrometheusText.Gauge(text, "process_resident_memory_bytes", "Memory in use.", Environment.WorkingSet);
        PrometheusText.Gauge(
            text, "process_start_time_seconds", "When the process started, in Unix time.", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        PrometheusText.Gauge(text, "process_threads", "Threads of the process.", process.Threads.Count);
        PrometheusText.Gauge(text, "dotnet_gc_heap_bytes", "Managed memory after the last collection.", GC.GetGCMemoryInfo().HeapSizeBytes);
        PrometheusText.Head(text, "dotnet_gc_collections_total", "counter", "Garbage collections by generation.");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            PrometheusText.Sample(text, "dotnet_gc_collections_total", $"generation=\"{generation}\"", GC.CollectionCount(generation));
        PrometheusText.Counter(text, "dotnet_gc_pause_seconds_total", "Time the program stood still for collections.", GC.GetTotalPauseDuration().TotalSeconds);
    }

    private static void WriteTranscoding(StringBuilder text, TranscodingWorkshop workshop)
    {
        PrometheusText.Head(text, "sluice_transcodings", "gauge", "Renditions that are made now.");
        PrometheusText.Sample(text, "sluice_transcodings", PrometheusText.Label("kind", "audio"), workshop.Children(MediaKind.Audio));
        PrometheusText.Sample(text, "sluice_transcodings", PrometheusText.Label("kind", "video"), workshop.Children(MediaKind.Video));
        PrometheusText.Counter(text, "sluice_transcoding_restarts_total", "Child processes of renditions that died.", workshop.Restarts);
    }

    private static void WriteStreams(StringBuilder text, IReadOnlyList<StreamFigures> streams, bool isDetailed)
    {
        PrometheusText.Gauge(text, "sluice_streams", "Live streams.", streams.Count);
        PrometheusText.Gauge(text, "sluice_viewers", "Viewers of all streams.", streams.Sum(s => s.Viewers));
        if (!isDetailed || streams.Count == 0)
            return;
        PerStream(text, streams, "sluice_stream_viewers", "gauge", "Viewers of the stream.", s => s.Viewers);
        PerStream(text, streams, "sluice_stream_bitrate_bits_per_second", "gauge", "What the publisher sends.", s => s.Publisher.Bitrate);
        PerStream(text, streams, "sluice_stream_packets_received_total", "counter", "Packets from the publisher.", s => s.Publisher.PacketsReceived);
        PerStream(text, streams, "sluice_stream_packets_lost_total", "counter", "Packets that never came.", s => s.Publisher.PacketsLost);
        PerStream(text, streams, "sluice_stream_packets_nacked_total", "counter", "Packets asked for again.", s => s.Publisher.PacketsNacked);
        PerStream(text, streams, "sluice_stream_round_trip_milliseconds", "gauge", "Round trip to the publisher.", s => s.Publisher.RoundTripMilliseconds);
        PerStream(text, streams, "sluice_stream_jitter_milliseconds", "gauge", "Jitter from the publisher.", s => s.Publisher.JitterMilliseconds);
    }

    private static void PerStream(
        StringBuilder text, IReadOnlyList<StreamFigures> streams, string name, string type, string help, Func<StreamFigures, double> figure)
    {
        PrometheusText.Head(text, name, type, help);
        foreach (var stream in streams)
            PrometheusText.Sample(text, name, PrometheusText.Label("channel", stream.Channel), figure(stream));
    }
}
