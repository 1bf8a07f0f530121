using System.Buffers.Binary;

namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// The transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2): one counter over all streams of a
/// transport, so that the receiver can report the arrival of each packet. Version 2 may append a feedback request, which is read over.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  transport-wide sequence no.  |v2: T|  packets to report      |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </summary>
/// <param name="Sequence">The number, wrapping at 2^16.</param>
public readonly record struct TransportSequenceExtension(ushort Sequence)
{
    /// <summary>The name in <c>a=extmap</c>.</summary>
    public const string Uri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    /// <summary>The name of version 2 in <c>a=extmap</c>.</summary>
    public const string UriV2 = "http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02";

    /// <summary>Bytes of the element as written.</summary>
    public const int Length = 2;

    /// <summary>Reads the element of either version; false unless it has two or four bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out TransportSequenceExtension value)
    {
        if (data.Length is not (2 or 4))
        {
            value = default;
            return false;
        }

        value = new(BinaryPrimitives.ReadUInt16BigEndian(data));
        return true;
    }

    /// <summary>Writes the element.</summary>
    public int Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, Sequence);
        return Length;
    }
}
