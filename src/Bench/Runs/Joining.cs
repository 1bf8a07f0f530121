using Sluice.Bench.Load;
using Sluice.Bench.Measuring;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Runs;

/// <summary>How a group of viewers joined.</summary>
/// <param name="Viewers">Those that tried.</param>
/// <param name="Asked">From the first POST until the last one was answered.</param>
/// <param name="Took">From the first POST until the last had its first picture, or had failed.</param>
/// <param name="Used">Processor time meanwhile.</param>
/// <param name="Receiving">Processor time of the thread of the viewers meanwhile, in seconds: their side of ICE and DTLS, and receiving.</param>
/// <param name="Packets">Packets delivered meanwhile, to all viewers.</param>
/// <param name="ServerDrops">Datagrams the kernel dropped at the server's port, whose buffers were full.</param>
internal sealed record Joining(List<Viewer> Viewers, TimeSpan Asked, TimeSpan Took, Usage Used, double Receiving, long Packets, long ServerDrops)
{
    public int Failed => Viewers.Count(static v => v.FirstFrameAt == Instant.Never);

    /// <summary>What went wrong first; empty where nothing did.</summary>
    public string Problem => Viewers.Find(static v => v.FirstFrameAt == Instant.Never) is { } viewer
        ? viewer.Link.Problem.Length > 0 ? viewer.Link.Problem : "connected, but no picture came"
        : "";

    /// <summary>Server CPU of one join in milliseconds, less what forwarding meanwhile costs at so much a packet.</summary>
    public double CpuMilliseconds(double microsecondsPerPacket) =>
        Viewers.Count == 0 ? double.NaN : Math.Max(0, Used.Server.Total * 1e3 - Packets * microsecondsPerPacket / 1e3) / Viewers.Count;

    /// <summary>CPU of the whole generator a join, receiving meanwhile included, in milliseconds.</summary>
    public double GeneratorMilliseconds => Viewers.Count == 0 ? double.NaN : Used.Own * 1e3 / Viewers.Count;

    /// <summary>The part of it that is the viewers' side of ICE and DTLS, and receiving.</summary>
    public double LoopMilliseconds => Viewers.Count == 0 ? double.NaN : Receiving * 1e3 / Viewers.Count;

    /// <summary>From POST to its answer, sorted, in milliseconds.</summary>
    public double[] Answers => Sorted(static v => v.AnsweredAt);

    /// <summary>From POST to keys, sorted, in milliseconds.</summary>
    public double[] Connections => Sorted(static v => v.ConnectedAt);

    /// <summary>From POST to the first packet, sorted, in milliseconds.</summary>
    public double[] FirstPackets => Sorted(static v => v.FirstPacketAt);

    /// <summary>From POST to the end of the first picture, sorted, in milliseconds.</summary>
    public double[] FirstFrames => Sorted(static v => v.FirstFrameAt);

    /// <summary>The value below which a share lies; NaN of nothing.</summary>
    public static double Percentile(double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];

    private double[] Sorted(Func<Viewer, Instant> moment)
    {
        var times = Viewers.Where(v => moment(v) != Instant.Never).Select(v => (moment(v) - v.PostedAt).TotalMilliseconds).ToArray();
        Array.Sort(times);
        return times;
    }
}
