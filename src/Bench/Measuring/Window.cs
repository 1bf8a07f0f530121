using Sluice.Bench.Load;

namespace Sluice.Bench.Measuring;

/// <summary>One stretch of steady streaming, measured.</summary>
internal sealed record Window
{
    /// <summary>More than this of other processes, in cores, and a window counts as disturbed.</summary>
    public const double QuietCores = 0.15;

    public required double Seconds { get; init; }

    /// <summary>RTP packets that reached the viewers.</summary>
    public required long Packets { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Packets missing by their numbers and not dropped by the generator's own sockets.</summary>
    public required long Lost { get; init; }

    /// <summary>Packets that reached the generator's sockets and found their buffers full.</summary>
    public required long Dropped { get; init; }

    /// <summary>Datagrams that reached the server's port and found its buffers full: what publishers sent, and checks.</summary>
    public required long ServerDrops { get; init; }

    /// <summary>Viewers that got nothing.</summary>
    public required int Silent { get; init; }

    public required ProcessTimes Server { get; init; }

    /// <summary>Processor time of the thread that receives, in seconds.</summary>
    public required double Receiving { get; init; }

    /// <summary>Processor time of the whole generator, in seconds.</summary>
    public required double Generator { get; init; }

    /// <summary>Processor time of neither, in cores.</summary>
    public required double ForeignCores { get; init; }

    public required double BusyCores { get; init; }

    public required Histogram Lateness { get; init; }

    public required Histogram Delay { get; init; }

    /// <summary>The longest a publisher of ours was behind its own pace, in milliseconds.</summary>
    public required double PublisherLag { get; init; }

    public bool IsQuiet => ForeignCores <= QuietCores;

    public double PacketsPerSecond => Packets / Seconds;

    public double ServerCores => Server.Total / Seconds;

    public double ServerMicroseconds => Per(Server.Total);

    public double UserMicroseconds => Per(Server.User);

    public double SystemMicroseconds => Per(Server.System);

    public double ReceivingMicroseconds => Per(Receiving);

    private double Per(double seconds) => Packets == 0 ? double.NaN : seconds * 1e6 / Packets;
}
