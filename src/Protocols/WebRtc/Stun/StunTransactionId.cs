using System.Buffers.Binary;

namespace Sluice.Protocols.WebRtc.Stun;

/// <summary>The 96 bits that tie an answer to its request (RFC 8489 §5): unguessable, new for every transaction.</summary>
/// <param name="High">The first four bytes, big-endian.</param>
/// <param name="Low">The last eight bytes, big-endian.</param>
public readonly record struct StunTransactionId(uint High, ulong Low)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 12;

    /// <summary>Reads twelve bytes; throws where there are fewer.</summary>
    public static StunTransactionId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[4..]));

    /// <summary>Writes twelve bytes; throws where there is less room.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[4..], Low);
    }
}
