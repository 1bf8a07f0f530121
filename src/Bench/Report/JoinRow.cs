using Sluice.Bench.Runs;

namespace Sluice.Bench.Report;

/// <summary>How a crowd joined.</summary>
internal sealed record JoinRow
{
    public required int Viewers { get; init; }

    /// <summary>From the first POST to the last answer.</summary>
    public required double Seconds { get; init; }

    public required int Failed { get; init; }

    /// <summary>Server CPU a join, without the forwarding meanwhile; NaN where that is not known.</summary>
    public required double CpuMilliseconds { get; init; }

    /// <summary>CPU of the generator a join, receiving meanwhile included.</summary>
    public required double GeneratorMilliseconds { get; init; }

    /// <summary>The part of it that is the viewers' side of ICE and DTLS, and receiving.</summary>
    public required double LoopMilliseconds { get; init; }

    /// <summary>Datagrams dropped at the server's port, whose receive buffers were full.</summary>
    public required long ServerDrops { get; init; }

    /// <summary>From POST to the answer.</summary>
    public required Times Answer { get; init; }

    /// <summary>From POST to the end of the DTLS handshake.</summary>
    public required Times Connected { get; init; }

    /// <summary>From POST to the first packet.</summary>
    public required Times Packet { get; init; }

    /// <summary>From POST to the end of the first picture.</summary>
    public required Times Frame { get; init; }

    public static JoinRow From(Joining joining, double microsecondsPerPacket) => new()
    {
        Viewers = joining.Viewers.Count, Seconds = joining.Asked.TotalSeconds, Failed = joining.Failed, CpuMilliseconds = joining.CpuMilliseconds(microsecondsPerPacket),
        GeneratorMilliseconds = joining.GeneratorMilliseconds, LoopMilliseconds = joining.LoopMilliseconds, ServerDrops = joining.ServerDrops, Answer = Times.Of(joining.Answers), Connected = Times.Of(joining.Connections),
        Packet = Times.Of(joining.FirstPackets), Frame = Times.Of(joining.FirstFrames),
    };
}
