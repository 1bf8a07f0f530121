using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// A sender report (RFC 3550 §6.4.1): what was sent, and which RTP timestamp belongs to which wall-clock time.
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|    RC   |   PT=SR=200   |             length            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         SSRC of sender                        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                  NTP timestamp (64 bits)                      |
/// |                                                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         RTP timestamp                         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     sender's packet count                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                      sender's octet count                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     RC report blocks                          |
/// </code>
/// </summary>
public readonly ref struct SenderReport
{
    private const int FixedLength = 24;

    /// <summary>The stream the report is about.</summary>
    public Ssrc Sender { get; private init; }

    /// <summary>The sender's wall-clock time; zero where it has none.</summary>
    public NtpTime Ntp { get; private init; }

    /// <summary>The RTP timestamp of the same moment.</summary>
    public uint RtpTimestamp { get; private init; }

    /// <summary>Packets sent so far, wrapping.</summary>
    public uint PacketCount { get; private init; }

    /// <summary>Payload bytes sent so far, wrapping.</summary>
    public uint OctetCount { get; private init; }

    /// <summary>What the sender received.</summary>
    public ReportBlockList Reports { get; private init; }

    /// <summary>Reads a packet of the reader; false for another type or a body too short for its counts.</summary>
    public static bool TryParse(in RtcpPacketView packet, out SenderReport report)
    {
        report = default;
        var body = packet.Body;
        var blocks = packet.Count * ReportBlock.Length;
        if (packet.Type != RtcpPacketType.SenderReport || body.Length < FixedLength + blocks) return false;
        report = new SenderReport
        {
            Sender = packet.SsrcAt(0),
            Ntp = new NtpTime(BinaryPrimitives.ReadUInt64BigEndian(body[4..])),
            RtpTimestamp = BinaryPrimitives.ReadUInt32BigEndian(body[12..]),
            PacketCount = BinaryPrimitives.ReadUInt32BigEndian(body[16..]),
            OctetCount = BinaryPrimitives.ReadUInt32BigEndian(body[20..]),
            Reports = new ReportBlockList(body.Slice(FixedLength, blocks)),
        };
        return true;
    }

    /// <summary>Bytes of a report with so many blocks.</summary>
    public static int LengthOf(int blocks) => RtcpPacketView.HeaderLength + FixedLength + blocks * ReportBlock.Length;

    /// <summary>Writes a report with at most 31 blocks and gives its length.</summary>
    public static int Write(
        Span<byte> destination,
        Ssrc sender,
        NtpTime ntp,
        uint rtpTimestamp,
        uint packetCount,
        uint octetCount,
        ReadOnlySpan<ReportBlock> blocks = default)
    {
        ReportBlock.WriteAll(destination[LengthOf(0)..], blocks);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], octetCount);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], packetCount);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], rtpTimestamp);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], ntp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], sender.Value);
        return RtcpPacketView.WriteHeader(destination, RtcpPacketType.SenderReport, blocks.Length, LengthOf(blocks.Length));
    }
}
