using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// A receiver report (RFC 3550 §6.4.2): how the streams of a sender arrived.
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|    RC   |   PT=RR=201   |             length            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     SSRC of packet sender                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     RC report blocks                          |
/// </code>
/// </summary>
public readonly ref struct ReceiverReport
{
    private const int FixedLength = 4;

    /// <summary>Who reports.</summary>
    public Ssrc Sender { get; private init; }

    /// <summary>What it received.</summary>
    public ReportBlockList Reports { get; private init; }

    /// <summary>Reads a packet of the reader; false for another type or a body too short for its counts.</summary>
    public static bool TryParse(in RtcpPacketView packet, out ReceiverReport report)
    {
        report = default;
        var blocks = packet.Count * ReportBlock.Length;
        if (packet.Type != RtcpPacketType.ReceiverReport || packet.Body.Length < FixedLength + blocks) return false;
        report = new ReceiverReport
        {
            Sender = packet.SsrcAt(0),
            Reports = new ReportBlockList(packet.Body.Slice(FixedLength, blocks)),
        };
        return true;
    }

    /// <summary>Bytes of a report with so many blocks.</summary>
    public static int LengthOf(int blocks) => RtcpPacketView.HeaderLength + FixedLength + blocks * ReportBlock.Length;

    /// <summary>Writes a report with at most 31 blocks and gives its length.</summary>
    public static int Write(Span<byte> destination, Ssrc sender, ReadOnlySpan<ReportBlock> blocks)
    {
        ReportBlock.WriteAll(destination[LengthOf(0)..], blocks);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], sender.Value);
        return RtcpPacketView.WriteHeader(destination, RtcpPacketType.ReceiverReport, blocks.Length, LengthOf(blocks.Length));
    }
}
