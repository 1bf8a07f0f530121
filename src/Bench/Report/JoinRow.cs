using Sluice.Bench.Runs;

namespace Sluice.Bench.Report;

/// <summary>How a crowd joined.</summary>
internal sealed record JoinRow
{
    public required int Viewers { get; init; }

    /// <summary>The time over which their POSTs were spread.</summary>
    public required double Seconds { get; init; }

    public required int Failed { get; init; }

    /// <summary>Server CPU a join, without the forwarding meanwhile; NaN where that is not known.</summary>
    public required double CpuMilliseconds { get; init; }

    /// <summary>From POST to the first packet, in milliseconds.</summary>
    public required double PacketMedian { get; init; }

    public required double PacketP99 { get; init; }

    public required double PacketMax { get; init; }

    /// <summary>From POST to the end of the first picture, in milliseconds.</summary>
    public required double FrameMedian { get; init; }

    public required double FrameP99 { get; init; }

    public required double FrameMax { get; init; }

    public static JoinRow From(Joining joining, double microsecondsPerPacket)
    {
        var packets = joining.FirstPackets;
        var frames = joining.FirstFrames;
        return new JoinRow
        {
            Viewers = joining.Viewers.Count, Seconds = joining.Asked.TotalSeconds, Failed = joining.Failed, CpuMilliseconds = joining.CpuMilliseconds(microsecondsPerPacket),
            PacketMedian = Joining.Percentile(packets, 0.5), PacketP99 = Joining.Percentile(packets, 0.99), PacketMax = Joining.Percentile(packets, 1),
            FrameMedian = Joining.Percentile(frames, 0.5), FrameP99 = Joining.Percentile(frames, 0.99), FrameMax = Joining.Percentile(frames, 1),
        };
    }
}
