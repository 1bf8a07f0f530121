using BenchmarkDotNet.Attributes;
using Sluice.Bench.Micro.Stands;

namespace Sluice.Bench.Micro.Stages;

/// <summary>The track's log: one writer, cursors.</summary>
public class PacketLogBenchmarks
{
    private const int Window = 256;

    private LiveTracks _tracks = null!;
    private long _cursor;

    [GlobalSetup]
    public void Setup()
    {
        _tracks = new LiveTracks(Protocols.Wire.Instant.FromMilliseconds(1000));

        // Ten seconds: pages are reused from then on.
        for (var i = 0; i < 300; i++)
        {
            _tracks.AppendFrame();
        }

        for (var i = 0; i < Window; i++)
        {
            if (Read() != MediaPackets.VideoPayload || Find() != MediaPackets.VideoPayload) throw new InvalidOperationException("The log has lost a packet.");
        }
    }

    /// <summary>A packet of 1200 bytes, one of nine.</summary>
    [Benchmark(OperationsPerInvoke = MediaPackets.PacketsPerFrame), PerPacket]
    public void Append() => _tracks.AppendFrame();

    /// <summary>A cursor's step: found, looked at, still valid.</summary>
    [Benchmark, PerPacket]
    public int Read()
    {
        var log = _tracks.Video.Packets;
        _cursor = (_cursor + 1) % Window;
        return log.TryRead(log.Head - Window + _cursor, out var view) && view.IsStillValid ? view.Payload.Length : -1;
    }

    /// <summary>By sequence number, as for a retransmission.</summary>
    [Benchmark, PerPacket]
    public int Find()
    {
        var log = _tracks.Video.Packets;
        _cursor = (_cursor + 1) % Window;
        return log.TryFind(0x10000 + log.Head - Window + _cursor, out var view) && view.IsStillValid ? view.Payload.Length : -1;
    }
}
