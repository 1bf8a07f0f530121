using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>What the good viewers had received at one moment.</summary>
internal sealed record LoadCount
{
    public required Instant At { get; init; }

    /// <summary>RTP packets of the good viewers.</summary>
    public required long Received { get; init; }

    /// <summary>What should have come by their numbers.</summary>
    public required long Expected { get; init; }

    public required long Bytes { get; init; }

    /// <summary>RTP packets of all viewers, bad ones too.</summary>
    public required long ReceivedByAll { get; init; }

    /// <summary>Viewers with keys.</summary>
    public required int Up { get; init; }

    /// <summary>Viewers that failed.</summary>
    public required int Dead { get; init; }

    /// <summary>Packets of each good viewer, in order.</summary>
    public required long[] PerViewer { get; init; }

    /// <summary>Processor time of the receiving thread, in nanoseconds.</summary>
    public required long CpuNanoseconds { get; init; }

    /// <summary>Lateness since the last reset.</summary>
    public required Histogram Lateness { get; init; }

    /// <summary>Forwarding delay since the last reset, where probes are among the viewers.</summary>
    public required Histogram Delay { get; init; }
}
