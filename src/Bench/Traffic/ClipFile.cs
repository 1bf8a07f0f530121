using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Bench.Traffic;

/// <summary>
/// Recorded RTP (.wlr): for each packet its time in microseconds (32 bits, little-endian), its kind (0 picture, 1 sound), a zero, its length (16 bits)
/// and its bytes. Only the shape is taken: the content is made up when it is replayed.
/// </summary>
internal static class ClipFile
{
    private const int HeaderLength = 8;
    private const int SingleNalPrefix = 4;
    private const int FragmentPrefix = 2;
    private const int AggregatePrefix = 14;
    private const int AudioPrefix = 2;
    private const int FragmentA = 28;
    private const int AggregateA = 24;

    /// <summary>Reads a recording of H.264 and Opus; false where a record is cut short or holds no RTP packet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, string name, [NotNullWhen(true)] out TrafficShape? shape)
    {
        shape = null;
        var packets = new List<ShapePacket>();
        Span<uint> first = stackalloc uint[2];
        Span<bool> begun = stackalloc bool[2];
        while (file.Length > 0)
        {
            if (file.Length < HeaderLength) return false;
            var time = BinaryPrimitives.ReadUInt32LittleEndian(file);
            var isAudio = file[4] == 1;
            var length = BinaryPrimitives.ReadUInt16LittleEndian(file[6..]);
            if (file[4] > 1 || time > int.MaxValue || file.Length < HeaderLength + length) return false;
            if (!RtpPacketView.TryParse(file.Slice(HeaderLength, length), out var packet)) return false;
            file = file[(HeaderLength + length)..];
            var kind = isAudio ? 1 : 0;
            if (!begun[kind])
            {
                begun[kind] = true;
                first[kind] = packet.Timestamp;
            }

            var payload = packet.Payload;
            if (payload.Length == 0) continue;
            if (payload.Length > TrafficShape.MaxPayload) return false;
            packets.Add(new ShapePacket((int)time, isAudio, packet.Marker, packet.Timestamp - first[kind], payload.Length, PrefixOf(payload, isAudio)));
        }

        if (packets.Count == 0) return false;
        var round = RoundOf(packets);
        packets.RemoveAll(packet => packet.Microseconds >= round);
        if (packets.Count == 0) return false;
        shape = new TrafficShape(name, [.. packets], round);
        return true;
    }

    private static byte[] PrefixOf(ReadOnlySpan<byte> payload, bool isAudio)
    {
        var length = isAudio ? AudioPrefix : (payload[0] & 0x1f) switch
        {
            FragmentA => FragmentPrefix,
            AggregateA => AggregatePrefix,
            _ => SingleNalPrefix,
        };
        return payload[..Math.Min(length, payload.Length)].ToArray();
    }

    // In media time: from the picture's first timestamp to its last, and one picture more; of sound alone, likewise.
    private static int RoundOf(List<ShapePacket> packets)
    {
        var isAudio = packets.TrueForAll(static p => p.IsAudio);
        var clock = isAudio ? TrafficShape.AudioClock : TrafficShape.VideoClock;
        uint last = 0;
        var step = (uint)clock / 30;
        foreach (var packet in packets)
        {
            if (packet.IsAudio != isAudio || packet.Timestamp == last) continue;
            step = packet.Timestamp - last;
            last = packet.Timestamp;
        }

        return (int)Math.Min(int.MaxValue, (long)(last + step) * 1_000_000 / clock);
    }
}
