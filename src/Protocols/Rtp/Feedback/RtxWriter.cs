using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>Turns a packet into its retransmission on a stream of its own (RFC 4588 §4); see <see cref="RtxUnwrapper"/>.</summary>
public static class RtxWriter
{
    /// <summary>Bytes a retransmission has more than the original without its padding.</summary>
    public const int Overhead = RtxUnwrapper.OriginalSequenceLength;

    /// <summary>
    /// Writes the retransmission of a packet: same header, extensions, timestamp and marker, then the original sequence number and the
    /// payload without padding. Gives its length.
    /// </summary>
    /// <param name="destination">Must not overlap the original.</param>
    /// <param name="original">The packet to repeat, as it was sent to this receiver.</param>
    /// <param name="payloadType">The payload type of the retransmission.</param>
    /// <param name="ssrc">The stream of the retransmissions.</param>
    /// <param name="sequence">The next sequence number of that stream.</param>
    public static int Write(Span<byte> destination, in RtpPacketView original, PayloadType payloadType, Ssrc ssrc, ushort sequence)
    {
        var header = original.HeaderLength;
        var length = header + Overhead + original.Payload.Length;
        original.Payload.CopyTo(destination[(header + Overhead)..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[header..], original.SequenceNumber);
        original.Bytes[..header].CopyTo(destination);
        destination[0] &= 0xdf;
        destination[1] = (byte)((original.Marker ? 0x80 : 0) | payloadType.Value & 0x7f);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], ssrc.Value);
        return length;
    }
}
