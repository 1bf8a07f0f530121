using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Wire;

namespace Sluice.Testing.Peers;

/// <summary>One RTP stream of a synthetic publisher, and what it has sent of late.</summary>
public sealed class TestEncoding
{
    private const int History = 2048;
    private readonly Sent[] _sent = new Sent[History];

    private struct Sent
    {
        public byte[]? Bytes;
        public int Length;
        public int HeaderLength;
        public long Sequence;
    }

    internal TestEncoding(MediaKind kind, Codec codec, string mid, string rid, uint source, uint ssrc, uint rtxSsrc, PublisherPlan plan)
    {
        Kind = kind;
        Codec = codec;
        Mid = mid;
        Rid = rid;
        Source = source;
        Ssrc = new Ssrc(ssrc);
        RtxSsrc = new Ssrc(rtxSsrc);
        ClockRate = kind == MediaKind.Video ? 90_000 : 48_000;
        PayloadType = kind == MediaKind.Video ? plan.VideoPayloadType : plan.AudioPayloadType;
        NextSequence = plan.FirstSequence;
        FirstTimestamp = plan.FirstTimestamp;
        PictureId = plan.FirstPictureId;
    }

    /// <summary>Sound or picture.</summary>
    public MediaKind Kind { get; }

    /// <summary>The codec.</summary>
    public Codec Codec { get; }

    /// <summary>The m-line's id.</summary>
    public string Mid { get; }

    /// <summary>The layer's name; empty without simulcast.</summary>
    public string Rid { get; }

    /// <summary>What its stamps say who made them.</summary>
    public uint Source { get; }

    /// <summary>Its SSRC.</summary>
    public Ssrc Ssrc { get; internal set; }

    /// <summary>The SSRC of its retransmissions.</summary>
    public Ssrc RtxSsrc { get; }

    /// <summary>Ticks in a second.</summary>
    public int ClockRate { get; }

    /// <summary>Its payload type; retransmissions have the next one.</summary>
    public byte PayloadType { get; }

    /// <summary>The next packet's number, not wrapped.</summary>
    public long NextSequence { get; internal set; }

    /// <summary>The timestamp of its first frame.</summary>
    public uint FirstTimestamp { get; }

    /// <summary>Frames made.</summary>
    public uint Frames { get; internal set; }

    /// <summary>Numbers of the keyframes made.</summary>
    public List<uint> Keyframes { get; } = [];

    /// <summary>Packets sent, retransmissions not counted.</summary>
    public long Packets { get; private set; }

    /// <summary>Payload bytes sent.</summary>
    public long Octets { get; private set; }

    /// <summary>Key pictures asked for.</summary>
    public int KeyframeRequests { get; internal set; }

    /// <summary>When each was asked for.</summary>
    public List<Instant> KeyframeRequestTimes { get; } = [];

    /// <summary>Packets asked for again.</summary>
    public int Nacked { get; internal set; }

    /// <summary>Retransmissions made.</summary>
    public long Retransmitted { get; internal set; }

    internal bool WantsKeyframe { get; set; } = true;

    internal ushort PictureId { get; set; }

    internal byte Tl0 { get; set; }

    internal long RtxSequence { get; set; } = 65_530;

    internal Instant NextFrame { get; set; }

    internal uint TimestampOf(long frame, double ticksPerFrame) => (uint)(FirstTimestamp + (long)Math.Round(frame * ticksPerFrame));

    internal void Remember(ReadOnlySpan<byte> packet, int headerLength, long sequence)
    {
        ref var slot = ref _sent[sequence % History];
        slot.Bytes ??= new byte[1500];
        packet.CopyTo(slot.Bytes);
        slot.Length = packet.Length;
        slot.HeaderLength = headerLength;
        slot.Sequence = sequence;
        Packets++;
        Octets += packet.Length - headerLength;
    }

    internal bool TryRecall(ushort sequence, out ReadOnlySpan<byte> packet, out int headerLength, out long extended)
    {
        extended = SerialNumber.Extend(NextSequence, sequence);
        packet = default;
        headerLength = 0;
        if (extended < 0) return false;
        ref var slot = ref _sent[extended % History];
        if (slot.Bytes is null || slot.Sequence != extended) return false;
        packet = slot.Bytes.AsSpan(0, slot.Length);
        headerLength = slot.HeaderLength;
        return true;
    }
}
