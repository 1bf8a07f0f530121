using System.Buffers.Binary;

namespace Sluice.Testing.Peers;

/// <summary>
/// What every synthetic packet says about itself, so that a viewer can prove that it got each frame whole and unchanged: who made it, which
/// frame, which part of it, when it was captured, and a checksum over all that and the filler behind it.
/// </summary>
/// <param name="Source">Which encoder: unique among the publishers and layers of a simulation.</param>
/// <param name="Frame">The frame's number, from 0.</param>
/// <param name="Part">The packet's place in the frame.</param>
/// <param name="Parts">Packets of the frame.</param>
/// <param name="IsKey">The frame needs no other.</param>
/// <param name="Captured">When the frame was made, in nanoseconds of virtual time.</param>
public readonly record struct FrameStamp(uint Source, uint Frame, ushort Part, ushort Parts, bool IsKey, long Captured)
{
    /// <summary>Bytes of a stamp, its checksum included; filler follows it.</summary>
    public const int Length = 28;

    private const byte Magic = 0xA7;

    /// <summary>Writes the stamp and fills what is behind it with bytes that follow from it.</summary>
    public void Write(Span<byte> destination)
    {
        destination[0] = Magic;
        destination[1] = (byte)(IsKey ? 1 : 0);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Part);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], Parts);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], (ushort)(destination.Length - Length));
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Source);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Frame);
        BinaryPrimitives.WriteInt64BigEndian(destination[16..], Captured);
        var filler = destination[Length..];
        var state = Frame * 2654435761u ^ Part * 40503u ^ Source;
        for (var i = 0; i < filler.Length; i++)
        {
            filler[i] = (byte)state;
            state = state * 1664525 + 1013904223;
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], Checksum(destination));
    }

    /// <summary>Reads a stamp back. False where a single byte of it or of its filler is another.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameStamp stamp)
    {
        stamp = default;
        if (bytes.Length < Length || bytes[0] != Magic) return false;
        if (BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) != bytes.Length - Length) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]) != Checksum(bytes)) return false;
        stamp = new FrameStamp(
            BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
            bytes[1] == 1,
            BinaryPrimitives.ReadInt64BigEndian(bytes[16..]));
        return true;
    }

    // FNV-1a in words where it can be: two hours of packets go through here.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037;
        hash = Mix(hash, bytes[..24]);
        hash = Mix(hash, bytes[Length..]);
        return (uint)(hash ^ hash >> 32);
    }

    private static ulong Mix(ulong hash, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 1099511628211;
            hash ^= hash >> 29;
            bytes = bytes[8..];
        }

        foreach (var value in bytes)
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash ^ hash >> 31;
    }
}
