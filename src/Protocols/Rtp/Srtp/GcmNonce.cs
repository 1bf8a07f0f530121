using System.Buffers.Binary;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>A 96-bit nonce as two numbers.</summary>
/// <param name="Upper">Its first eight bytes, big-endian.</param>
/// <param name="Lower">Its last four.</param>
internal readonly record struct GcmNonce(ulong Upper, uint Lower)
{
    public const int Length = 12;

    public GcmNonce(ReadOnlySpan<byte> bytes)
        : this(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]))
    {
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, Upper);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Lower);
    }
}
