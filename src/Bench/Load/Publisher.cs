using System.Buffers.Binary;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>
/// One WHIP publisher after its POST: replays a shape in rounds, with content that looks random, and sends sender reports. It repairs nothing: on
/// loopback nothing is lost but what a full buffer loses, and that shall be seen.
/// </summary>
internal sealed class Publisher
{
    private const int HeaderLength = 12;
    private const uint FirstTimestamp = 12_345;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly byte[] Noise = MakeNoise();

    private readonly TrafficShape _shape;
    private readonly WallClock _clock;
    private readonly Source _video = new(TrafficShape.VideoClock, PeerOffer.VideoPayloadType, 1000);
    private readonly Source _audio = new(TrafficShape.AudioClock, PeerOffer.AudioPayloadType, 2000);
    private Instant _start;
    private Instant _nextReport = Instant.Never;
    private TimeSpan _delayed;
    private long _round;
    private int _next;

    public Publisher(PeerLink link, TrafficShape shape, WallClock clock)
    {
        Link = link;
        _shape = shape;
        _clock = clock;
    }

    public PeerLink Link { get; }

    public uint VideoSsrc => _shape.HasVideo ? _video.Ssrc : 0;

    public uint AudioSsrc => _shape.HasAudio ? _audio.Ssrc : 0;

    public long Sent { get; private set; }

    /// <summary>When the next packet is to be sent; never before <see cref="Start"/>.</summary>
    public Instant NextPacket { get; private set; } = Instant.Never;

    /// <summary>Begins to send.</summary>
    public void Start(Instant at)
    {
        _start = at;
        _nextReport = at + ReportInterval;
        NextPacket = at + Offset(0);
    }

    /// <summary>
    /// After a pause goes on at a place of the shape, with a whole picture where there are some. Media time has passed like any time, numbers go on.
    /// </summary>
    /// <param name="place">From the beginning of the shape.</param>
    /// <param name="at">When its first packet is to be sent; rounded up to where it is whole ticks of both clocks.</param>
    public void GoOn(TimeSpan place, Instant at)
    {
        var next = _shape.BeginningAt(place);
        if (next < _next) _round++; // numbers and times only rise
        _next = next;
        var by = TimeSpan.FromMilliseconds(Math.Ceiling((at - (_start + Offset(_next))).TotalMilliseconds));
        _start += by;
        _delayed += by;
        NextPacket = _start + Offset(_next);
    }

    /// <summary>Queues the next packet of the shape in the link's socket.</summary>
    public void SendNext(Instant now)
    {
        ref readonly var packet = ref _shape.Packets[_next];
        var source = packet.IsAudio ? _audio : _video;
        var buffer = Link.Socket.Next;
        var timestamp = FirstTimestamp + packet.Timestamp + (uint)(_round * (_shape.RoundMicroseconds * (long)source.Clock / 1_000_000)) + Delayed(source);
        var sequence = source.Sequence++;
        RtpHeaderWriter.Begin(buffer, new PayloadType(source.PayloadType), packet.Marker, (ushort)sequence, timestamp, new Ssrc(source.Ssrc));
        var payload = buffer.Slice(HeaderLength, packet.Length);
        Noise.AsSpan((int)(sequence & 0xff), packet.Length).CopyTo(payload);
        packet.Prefix.Span.CopyTo(payload);
        if (packet.Length >= ViewerLoop.StampOffset + 2 * sizeof(long)) Stamp(payload[ViewerLoop.StampOffset..]);
        Link.Send(Link.Sender!.ProtectRtp(buffer, HeaderLength, payload, (uint)(sequence >> 16)));
        source.Packets++;
        source.Octets += packet.Length;
        Sent++;
        if (++_next == _shape.Packets.Length)
        {
            _next = 0;
            _round++;
        }

        NextPacket = _start + Offset(_next);
        if (_nextReport <= now) Report(now);
    }

    private TimeSpan Offset(int packet) => TimeSpan.FromMicroseconds(_round * _shape.RoundMicroseconds + _shape.Packets[packet].Microseconds);

    private uint Delayed(Source source) => (uint)(_delayed.Ticks / TimeSpan.TicksPerMillisecond * source.Clock / 1000);

    // The wall clock, since the kernel stamps arrivals by it; the complement tells a stamp from noise.
    private static void Stamp(Span<byte> payload)
    {
        var now = LoadSocket.WallNanoseconds;
        BinaryPrimitives.WriteInt64BigEndian(payload, now);
        BinaryPrimitives.WriteInt64BigEndian(payload[sizeof(long)..], ~now);
    }

    private void Report(Instant now)
    {
        _nextReport = now + ReportInterval;
        ReportOn(_video, now);
        ReportOn(_audio, now);
    }

    private void ReportOn(Source source, Instant now)
    {
        if (source.Packets == 0) return;
        var timestamp = FirstTimestamp + (uint)(long)((now - _start).TotalSeconds * source.Clock) + Delayed(source);
        Link.SendRtcp(SenderReport.Write(Link.Socket.Next, new Ssrc(source.Ssrc), _clock.ToNtp(now), timestamp, (uint)source.Packets, (uint)source.Octets));
    }

    private static byte[] MakeNoise()
    {
        var noise = new byte[256 + TrafficShape.MaxPayload];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private sealed class Source(int clock, byte payloadType, long firstSequence)
    {
        public uint Ssrc { get; } = (uint)Random.Shared.Next(1, int.MaxValue);

        public int Clock => clock;

        public byte PayloadType => payloadType;

        public long Sequence { get; set; } = firstSequence;

        public long Packets { get; set; }

        public long Octets { get; set; }
    }
}
