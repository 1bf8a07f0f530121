using BenchmarkDotNet.Attributes;
using Sluice.Bench.Micro.Stands;
using Sluice.Outputs.Whep;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;
using Sluice.Testing.Offers;

namespace Sluice.Bench.Micro.Stages;

/// <summary>From a track's log to protected packets in the send buffer; the kernel's part is not in it. One operation is one packet.</summary>
public class FanOutBenchmarks
{
    private const int Viewers = 100;
    private const int Frame = MediaPackets.PacketsPerFrame;

    private Audience _audience = null!;

    /// <summary>What viewers have agreed to.</summary>
    [Params(SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmSha1_80)]
    public SrtpProfile Profile { get; set; }

    [GlobalSetup]
    public void Setup() => _audience = new Audience(Viewers, Profile);

    [GlobalCleanup]
    public void CleanUp() => _audience.Dispose();

    /// <summary>A picture of nine packets to a hundred viewers.</summary>
    [Benchmark(OperationsPerInvoke = Viewers * Frame), PerPacket]
    public int FrameToHundred()
    {
        _audience.Tracks.AppendFrame();
        return _audience.Send();
    }

    /// <summary>A packet of sound to a hundred viewers.</summary>
    [Benchmark(OperationsPerInvoke = Viewers), PerPacket]
    public int SoundToHundred()
    {
        _audience.Tracks.AppendSound();
        return _audience.Send();
    }
}

/// <summary>What one viewer costs beside the others. One operation is one packet.</summary>
public class ViewerBenchmarks
{
    private const int Lines = 64;
    private const int Lost = 4;
    private const int Frame = MediaPackets.PacketsPerFrame;
    private const uint VideoSsrc = 0x1234_5678;

    private readonly byte[] _nack = new byte[64];
    private readonly ushort[] _missing = new ushort[Lost];
    private Audience _audience = null!;
    private OutgoingTrack[] _lines = null!;
    private Peer _peer = null!;
    private byte[] _buffer = null!;

    [Params(SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmSha1_80)]
    public SrtpProfile Profile { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _audience = new Audience(1, Profile);
        _peer = _audience.Viewers[0].Peer;
        _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
        var local = Signalling.LocalTransport();
        StreamTrackDescription[] live = [new(_audience.Tracks.Video.Format!), new(_audience.Tracks.Audio.Format!)];
        if (Negotiator.AnswerViewer(RealOffers.Read(Signalling.ViewerOffer), local, live, out var session, out _) is { } refusal) throw new InvalidOperationException(refusal.Reason);
        var media = session.Media.First(static m => m.Kind == MediaKind.Video);
        _lines = [.. Enumerable.Range(0, Lines).Select(i => new OutgoingTrack(media, 0, VideoSsrc + (uint)i, VideoSsrc + 0x1000 + (uint)i, (uint)i))];
        _audience.Tracks.AppendFrame();
        foreach (var line in _lines)
        {
            line.Choose(_audience.Tracks.Now, _audience.Tracks.Video);
            while (line.WriteRun(_peer, _buffer, _buffer.Length, null, out _) > 0)
            {
                // Up to the newest packet.
            }
        }

        // Past the packets that carry a mid.
        for (var i = 0; i < 20; i++)
        {
            if (WriteRun() != Lines * Frame) throw new InvalidOperationException("A run is not a whole picture.");
        }
    }

    [GlobalCleanup]
    public void CleanUp() => _audience.Dispose();

    /// <summary>A picture of nine packets as one run. The same keys for all: nothing but the packets' own work.</summary>
    [Benchmark(OperationsPerInvoke = Lines * Frame), PerPacket]
    public int WriteRun()
    {
        _audience.Tracks.AppendFrame();
        var packets = 0;
        foreach (var line in _lines)
        {
            var length = line.WriteRun(_peer, _buffer, _buffer.Length, null, out var segment);
            if (length > 0) packets += length / segment;
        }

        return packets;
    }

    /// <summary>A picture to one viewer, which misses four packets of it and gets them again.</summary>
    [Benchmark(OperationsPerInvoke = Frame + Lost), PerPacket]
    public int FrameAndRetransmissions()
    {
        _audience.Tracks.AppendFrame();
        var packets = _audience.Send();
        if (!RtpPacketView.TryParseHeader(_audience.Buffer, out var first)) return -1;
        for (var i = 0; i < Lost; i++)
        {
            _missing[i] = (ushort)(first.SequenceNumber + i * 2);
        }

        var length = GenericNack.Write(_nack, new Ssrc(1), first.Ssrc, _missing, out _);
        _audience.Viewers[0].HandleRtcp(_audience.Tracks.Now, _nack.AsSpan(0, length));
        return packets + _audience.Send();
    }
}
