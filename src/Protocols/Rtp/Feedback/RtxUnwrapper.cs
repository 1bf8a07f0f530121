using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>
/// Turns a retransmission back into the packet it repeats (RFC 4588 §4).
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         RTP header                            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |            OSN                |   original RTP payload        |
/// </code>
/// </summary>
public static class RtxUnwrapper
{
    /// <summary>Bytes of the original sequence number before the payload.</summary>
    public const int OriginalSequenceLength = 2;

    /// <summary>
    /// Reads the original sequence number and payload. False for a packet of padding only, which publishers send to probe bandwidth and
    /// which repeats nothing.
    /// </summary>
    public static bool TryParse(in RtpPacketView retransmission, out ushort originalSequence, out ReadOnlySpan<byte> payload)
    {
        payload = retransmission.Payload;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(payload, out originalSequence)) return false;
        payload = payload[OriginalSequenceLength..];
        return true;
    }

    /// <summary>
    /// Rebuilds the original packet in the bytes of the retransmission: the header moves two bytes towards the payload, and padding is
    /// cut. Extension elements stay as the retransmission carried them.
    /// </summary>
    /// <param name="packet">The decrypted retransmission; overwritten where this gives true.</param>
    /// <param name="payloadType">The original's payload type, from <c>apt</c>.</param>
    /// <param name="ssrc">The original's stream.</param>
    /// <param name="original">The rebuilt packet, a slice of <paramref name="packet"/>.</param>
    public static bool TryUnwrap(Span<byte> packet, PayloadType payloadType, Ssrc ssrc, out Span<byte> original)
    {
        original = default;
        if (!RtpPacketView.TryParse(packet, out var view) || !TryParse(view, out var sequence, out _)) return false;
        var header = packet[..view.HeaderLength];
        var length = packet.Length - view.PaddingLength;
        header.CopyTo(packet[OriginalSequenceLength..]);
        original = packet[OriginalSequenceLength..length];
        original[0] &= 0xdf;
        original[1] = (byte)(original[1] & 0x80 | payloadType.Value & 0x7f);
        BinaryPrimitives.WriteUInt16BigEndian(original[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(original[8..], ssrc.Value);
        return true;
    }
}
