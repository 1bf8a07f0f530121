using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Sluice.Bench.Micro.Stands;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Inputs.Whip;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;
using Sluice.Testing.Offers;

namespace Sluice.Bench.Micro.Stages;

/// <summary>A publisher's packets on their way into a track's log: order, loss, clock, key pictures, the copy.</summary>
public class PublisherBenchmarks
{
    // Time stands nearly still between packets: what happens twice a second is a benchmark of its own.
    private const long PacketInterval = 1000;
    private const int Header = RtpPacketView.FixedHeaderLength;

    private readonly byte[][] _frame = MediaPackets.H264Frame(isKey: false);
    private readonly byte[] _packet = new byte[1500];
    private readonly byte[] _sound = new byte[Header + MediaPackets.AudioPayload];
    private IncomingTrack _video = null!;
    private IncomingTrack _audio = null!;
    private byte _videoType;
    private byte _audioType;
    private Instant _now = Instant.FromMilliseconds(1000);
    private uint _videoPackets;
    private uint _audioPackets;

    [GlobalSetup]
    public void Setup()
    {
        if (Negotiator.AnswerPublisher(RealOffers.Read("chromium-156/sendonly-h264"), Signalling.LocalTransport(), out var session, out _) is { } refusal) throw new InvalidOperationException(refusal.Reason);
        var clock = new PublisherClock(new WallClock(Instant.Zero, NtpTime.FromUtc(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc))));
        var slab = new Slab(64 * 1024, 64);
        (_video, _videoType) = Make(session, MediaKind.Video, Codec.H264, clock, slab);
        (_audio, _audioType) = Make(session, MediaKind.Audio, Codec.Opus, clock, slab);
        MediaPackets.Opus().CopyTo(_sound, Header);

        // Until the logs have all the memory they may have.
        for (var i = 0; i < 4000; i++)
        {
            if (VideoPacket() + SoundPacket() != 2) throw new InvalidOperationException("A packet is refused.");
        }
    }

    /// <summary>A packet of a picture.</summary>
    [Benchmark, PerPacket]
    public int VideoPacket() => HandleVideo(PacketInterval);

    /// <summary>A packet of sound.</summary>
    [Benchmark, PerPacket]
    public int SoundPacket()
    {
        _now = new Instant(_now.Nanoseconds + PacketInterval);
        var packet = _audioPackets++;
        Write(_sound, _audioType, false, packet, packet * MediaPackets.TicksPerAudioPacket);
        return Handle(_audio, _sound) ? 1 : 0;
    }

    /// <summary>The packet that comes after half a second, with which the track is placed on the clock anew.</summary>
    [Benchmark]
    public int PacketAfterHalfASecond() => HandleVideo(500_000_000);

    private int HandleVideo(long after)
    {
        _now = new Instant(_now.Nanoseconds + after);
        var packet = _videoPackets++;
        var part = (int)(packet % MediaPackets.PacketsPerFrame);
        var payload = _frame[part];
        payload.CopyTo(_packet, Header);
        Write(_packet, _videoType, part == MediaPackets.PacketsPerFrame - 1, packet, packet / MediaPackets.PacketsPerFrame * MediaPackets.TicksPerFrame);
        return Handle(_video, _packet.AsSpan(0, Header + payload.Length)) ? 1 : 0;
    }

    private bool Handle(IncomingTrack track, ReadOnlySpan<byte> packet) =>
        RtpPacketView.TryParse(packet, out var view)
        && track.HandlePacket(_now, view, view.SequenceNumber, view.PayloadType.Value, view.Payload, default, isRetransmission: false);

    private static void Write(Span<byte> packet, byte payloadType, bool marker, uint sequence, uint timestamp)
    {
        packet[0] = 0x80;
        packet[1] = (byte)((marker ? 0x80 : 0) | payloadType);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], 77);
    }

    private static (IncomingTrack Track, byte PayloadType) Make(NegotiatedSession session, MediaKind kind, Codec codec, PublisherClock clock, Slab slab)
    {
        var media = session.Media.First(m => m.Kind == kind);
        var payload = media.Payloads.First(p => p.Format.Codec == codec);
        var track = new Track(new TrackId(kind, 0, ""), slab, new PacketLogLimits(1024, 8, TimeSpan.FromSeconds(2)));
        return (new IncomingTrack(new LiveChannel("bench"), track, new IncomingFormats(media), clock, payload.Format.ClockRate, kind == MediaKind.Video), payload.PayloadType);
    }
}

/// <summary>A publisher's datagrams, from the shard's door to the log.</summary>
public class PublisherDatagramBenchmarks
{
    private const long PacketInterval = 1000;
    private const int Header = RtpPacketView.FixedHeaderLength;

    private readonly byte[][] _frame = MediaPackets.H264Frame(isKey: false);
    private readonly byte[] _datagram = new byte[1500];
    private readonly byte[] _answers = GC.AllocateUninitializedArray<byte>(65_487, pinned: true);
    private BenchNode _node = null!;
    private Testing.Peers.TestPublisher _publisher = null!;
    private NetworkPath _path;
    private Instant _now;
    private uint _packets;

    [GlobalSetup]
    public void Setup()
    {
        _node = new BenchNode();
        _publisher = _node.ConnectPublisher(out _path);
        _now = _node.Now;
        var track = _node.Live.Stream!.Find(MediaKind.Video, 0)!;

        // Until the log has all the memory it may have.
        for (var i = 0; i < 20_000; i++)
        {
            ProtectedPacket();
        }

        if (track.Packets.Head != _packets) throw new InvalidOperationException($"{track.Packets.Head} of {_packets} packets are in the log.");
    }

    [GlobalCleanup]
    public void CleanUp() => _node.Dispose();

    /// <summary>A packet of 1200 bytes, the publisher's own protecting (AES-GCM) included; then all there is to send is taken.</summary>
    [Benchmark, PerPacket]
    public int ProtectedPacket()
    {
        _now = new Instant(_now.Nanoseconds + PacketInterval);
        var packet = _packets++;
        var part = (int)(packet % MediaPackets.PacketsPerFrame);
        RtpHeaderWriter.Begin(_datagram, new PayloadType(_publisher.Video.PayloadType), part == MediaPackets.PacketsPerFrame - 1, (ushort)packet,
            packet / MediaPackets.PacketsPerFrame * MediaPackets.TicksPerFrame, _publisher.Video.Ssrc).Complete();
        var length = _publisher.Sender!.ProtectRtp(_datagram, Header, _frame[part], packet >> 16);
        _node.Shard.HandleDatagram(_now, _path, _datagram.AsSpan(0, length));
        var sent = 0;
        while (_node.Shard.TryTakeTransmit(_now, _answers, out var transmit))
        {
            sent += transmit.Length;
        }

        return sent;
    }
}
