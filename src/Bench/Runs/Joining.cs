using Sluice.Bench.Load;
using Sluice.Bench.Measuring;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Runs;

/// <summary>How a group of viewers joined.</summary>
/// <param name="Viewers">Those that tried.</param>
/// <param name="Asked">From the first POST until the last one was answered.</param>
/// <param name="Took">From the first POST until the last had its first picture, or had failed.</param>
/// <param name="Server">The server's processor time meanwhile.</param>
/// <param name="Packets">Packets delivered meanwhile, to all viewers.</param>
internal sealed record Joining(List<Viewer> Viewers, TimeSpan Asked, TimeSpan Took, ProcessTimes Server, long Packets)
{
    public int Failed => Viewers.Count(static v => v.FirstFrameAt == Instant.Never);

    /// <summary>What went wrong first; empty where nothing did.</summary>
    public string Problem => Viewers.Find(static v => v.FirstFrameAt == Instant.Never) is { } viewer
        ? viewer.Link.Problem.Length > 0 ? viewer.Link.Problem : "connected, but no picture came"
        : "";

    /// <summary>Server CPU of one join in milliseconds, less what forwarding meanwhile costs at so much a packet.</summary>
    public double CpuMilliseconds(double microsecondsPerPacket) =>
        Viewers.Count == 0 ? double.NaN : Math.Max(0, Server.Total * 1e3 - Packets * microsecondsPerPacket / 1e3) / Viewers.Count;

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
