using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// One RTCP packet of a compound datagram, its length checked and its padding cut (RFC 3550 §6.4).
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P| count/FMT|      PT       |     length in words less one  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                             body                              |
/// </code>
/// </summary>
public readonly ref struct RtcpPacketView
{
    /// <summary>Bytes of the header every RTCP packet has.</summary>
    public const int HeaderLength = 4;

    internal RtcpPacketView(RtcpPacketType type, int count, ReadOnlySpan<byte> body)
    {
        Type = type;
        Count = count;
        Body = body;
    }

    /// <summary>The packet type; may be a number <see cref="RtcpPacketType"/> does not name.</summary>
    public RtcpPacketType Type { get; }

    /// <summary>The five bits beside the version: a count of blocks, or the format of a feedback packet.</summary>
    public int Count { get; }

    /// <summary>The bytes behind the four header bytes, without padding.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>True for a feedback packet of this type and format with both SSRCs present.</summary>
    internal bool IsFeedback(RtcpPacketType type, int format) => Type == type && Count == format && Body.Length >= 8;

    /// <summary>The first SSRC of the body, at offset 0: the sender of the packet.</summary>
    internal Ssrc SsrcAt(int offset) => new(BinaryPrimitives.ReadUInt32BigEndian(Body[offset..]));

    /// <summary>Writes the four header bytes of a packet without padding and gives the whole length back.</summary>
    internal static int WriteHeader(Span<byte> destination, RtcpPacketType type, int count, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(length / 4 - 1));
        destination[1] = (byte)type;
        destination[0] = (byte)(0x80 | count);
        return length;
    }

    /// <summary>Writes the header and both SSRCs of a feedback packet (RFC 4585 §6.1) and gives the whole length back.</summary>
    internal static int WriteFeedbackHeader(Span<byte> destination, RtcpPacketType type, int format, Ssrc sender, Ssrc media, int length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], media.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], sender.Value);
        return WriteHeader(destination, type, format, length);
    }
}
