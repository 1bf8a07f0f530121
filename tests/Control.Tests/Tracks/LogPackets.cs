using System.Buffers.Binary;
using Sluice.Control.Tracks;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tests.Tracks;

/// <summary>Records whose bytes follow from their sequence number, so that a reader can tell a torn one.</summary>
internal static class LogPackets
{
    public static bool Append(PacketLog log, long sequence, int length = 1000, bool isKeyframe = false, long? timestamp = null, Instant at = default,
        int extensions = 0)
    {
        Span<byte> payload = stackalloc byte[length];
        Fill(payload, sequence);
        Span<byte> block = stackalloc byte[extensions];
        Fill(block, ~sequence);
        var header = new PacketHeader
        {
            Sequence = sequence,
            Timestamp = timestamp ?? sequence * 3000,
            ArrivedAt = at,
            Flags = isKeyframe ? PacketFlags.StartsKeyframe : PacketFlags.None,
            TemporalId = (byte)sequence,
        };
        return log.Append(ref header, block, payload);
    }

    /// <summary>True where every byte is what <see cref="Append"/> wrote for the header's sequence number.</summary>
    public static bool IsWhole(in PacketView view) =>
        Follows(view.Payload, view.Header.Sequence) && Follows(view.Extensions, ~view.Header.Sequence) && view.Header.TemporalId == (byte)view.Header.Sequence;

    private static void Fill(Span<byte> bytes, long seed)
    {
        var state = (ulong)seed * 0x9e37_79b9_7f4a_7c15 + 1;
        var at = 0;
        for (; at + 8 <= bytes.Length; at += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], state);
            state = state * 6364136223846793005 + 1442695040888963407;
        }

        for (; at < bytes.Length; at++)
        {
            bytes[at] = (byte)(state >> 32);
        }
    }

    private static bool Follows(ReadOnlySpan<byte> bytes, long seed)
    {
        Span<byte> expected = stackalloc byte[bytes.Length];
        Fill(expected, seed);
        return bytes.SequenceEqual(expected);
    }
}
