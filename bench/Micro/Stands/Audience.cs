using Sluice.Outputs.Whep;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Micro.Stands;

/// <summary>Connected viewers of a live stream, all on one shard, and the driver's part of sending to them.</summary>
internal sealed class Audience : IDisposable
{
    // As much as a driver gives: the longest run a UDP_SEGMENT send may have.
    private const int Run = 65_487;
    private const int Room = 1 << 20;

    // More than the packets that carry a mid, and until the logs reuse their pages: what is measured is the steady state.
    private const int WarmUpFrames = 500;

    private readonly BenchNode _node;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(Room, pinned: true);

    public Audience(int viewers, SrtpProfile profile)
    {
        _node = new BenchNode(profile);
        _node.ConnectViewers(viewers);

        // Connecting has taken some of the network's time; the stream's own goes on from there.
        Tracks = new LiveTracks(_node.Now);
        _node.Live.Start(Tracks.ToStream(BenchNode.Channel));
        Viewers = [.. _node.Live.Viewers().Cast<WhepViewer>()];
        if (Viewers.Count != viewers) throw new InvalidOperationException($"{Viewers.Count} of {viewers} viewers are connected.");
        for (var i = 0; i < WarmUpFrames; i++)
        {
            Tracks.AppendFrame();
            Send();
            Tracks.AppendSound();
            Send();
        }

        Expect(viewers * MediaPackets.PacketsPerFrame, Tracks.AppendFrame);
        Expect(viewers, Tracks.AppendSound);
    }

    public LiveTracks Tracks { get; }

    public IReadOnlyList<WhepViewer> Viewers { get; }

    /// <summary>The protected bytes of the last run sent.</summary>
    public ReadOnlySpan<byte> Buffer => _buffer;

    /// <summary>Takes everything the shard's fan-out has; gives the number of packets.</summary>
    public int Send()
    {
        var now = Tracks.Now;
        var packets = 0;
        var used = 0;
        var fanOut = _node.Shard.FanOut;
        _node.Live.WakeReaders(); // as a publisher's shard does at the end of a batch
        fanOut.Prepare(now);
        while (fanOut.TryTakeTransmit(now, _buffer.AsSpan(used, Run), out var transmit))
        {
            // As the driver does: a batch of runs one behind the other, finished together.
            packets += (transmit.Length + transmit.SegmentSize - 1) / transmit.SegmentSize;
            used += transmit.Length;
            if (used + Run <= Room) continue;
            fanOut.CompleteTransmits();
            used = 0;
        }

        fanOut.CompleteTransmits();
        return packets;
    }

    public void Dispose() => _node.Dispose();

    // A benchmark of viewers that get nothing would be a fast one.
    private void Expect(int packets, Action append)
    {
        append();
        var sent = Send();
        if (sent != packets) throw new InvalidOperationException($"{sent} packets went out, not {packets}.");
    }
}
