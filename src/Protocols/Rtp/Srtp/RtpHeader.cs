using System.Buffers.Binary;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>The little that SRTP must know of the RTP header (RFC 3550 §5.1).</summary>
internal static class RtpHeader
{
    public const int MinLength = 12;
    private const int ExtensionBit = 0x10;

    /// <summary>The length of fixed header, CSRCs and extension, or -1 where the packet does not hold them.</summary>
    public static int LengthOf(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < MinLength || packet[0] >> 6 != 2) return -1;
        var length = MinLength + 4 * (packet[0] & 0x0f);
        if ((packet[0] & ExtensionBit) != 0)
        {
            if (packet.Length < length + 4) return -1;
            length += 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]);
        }

        return length <= packet.Length ? length : -1;
    }
}
