using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace Sluice.Bench.Traffic;

/// <summary>
/// A shape as bytes: a tag, then compressed columns of variable-length numbers (times, kinds, timestamps, lengths, prefixes), since like numbers
/// beside each other compress best.
/// </summary>
internal static class ShapeFile
{
    private const int MaxPackets = 1_000_000;
    private const int MaxBytes = 64 << 20;
    private const int MaxPrefix = 64;
    private const int TimeUnit = 10; // microseconds
    private const int MaxMicroseconds = 1_800_000_000;

    private static ReadOnlySpan<byte> Tag => "SLSHAPE1"u8;

    public static byte[] Write(TrafficShape shape)
    {
        var columns = new List<byte>();
        Add(columns, (uint)shape.Packets.Length);
        Add(columns, (uint)(shape.RoundMicroseconds / TimeUnit));
        var time = 0;
        foreach (var packet in shape.Packets)
        {
            Add(columns, (uint)(packet.Microseconds / TimeUnit - time));
            time = packet.Microseconds / TimeUnit;
        }

        foreach (var packet in shape.Packets) columns.Add((byte)((packet.IsAudio ? 1 : 0) | (packet.Marker ? 2 : 0)));
        Span<uint> last = stackalloc uint[2];
        foreach (var packet in shape.Packets)
        {
            ref var previous = ref last[packet.IsAudio ? 1 : 0];
            var delta = (int)(packet.Timestamp - previous);
            Add(columns, (uint)(delta << 1 ^ delta >> 31));
            previous = packet.Timestamp;
        }

        foreach (var packet in shape.Packets) Add(columns, (uint)packet.Length);
        foreach (var packet in shape.Packets) columns.Add((byte)packet.Prefix.Length);
        foreach (var packet in shape.Packets) columns.AddRange(packet.Prefix.Span);

        using var file = new MemoryStream();
        file.Write(Tag);
        using (var brotli = new BrotliStream(file, CompressionLevel.SmallestSize, leaveOpen: true)) brotli.Write(columns.ToArray());
        return file.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote; false for anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, string name, [NotNullWhen(true)] out TrafficShape? shape)
    {
        shape = null;
        if (!file.StartsWith(Tag) || !TryInflate(file[Tag.Length..], out var columns)) return false;
        var reader = new ColumnReader(columns);
        if (!reader.TryNumber(out var count) || count is 0 or > MaxPackets) return false;
        if (!reader.TryNumber(out var round) || round == 0 || round > MaxMicroseconds / TimeUnit) return false;
        var packets = new ShapePacket[count];
        long time = 0;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryNumber(out var delta)) return false;
            time += delta;
            if (time >= round) return false;
            packets[i] = new ShapePacket((int)time * TimeUnit, false, false, 0, 0, default);
        }

        for (var i = 0; i < count; i++)
        {
            if (!reader.TryByte(out var flags) || flags > 3) return false;
            packets[i] = packets[i] with { IsAudio = (flags & 1) != 0, Marker = (flags & 2) != 0 };
        }

        Span<uint> last = stackalloc uint[2];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryNumber(out var folded)) return false;
            ref var timestamp = ref last[packets[i].IsAudio ? 1 : 0];
            timestamp += folded >> 1 ^ (uint)-(int)(folded & 1);
            packets[i] = packets[i] with { Timestamp = timestamp };
        }

        for (var i = 0; i < count; i++)
        {
            if (!reader.TryNumber(out var length) || length is 0 or > TrafficShape.MaxPayload) return false;
            packets[i] = packets[i] with { Length = (int)length };
        }

        var prefixes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryByte(out prefixes[i]) || prefixes[i] > Math.Min(MaxPrefix, packets[i].Length)) return false;
        }

        for (var i = 0; i < count; i++)
        {
            if (!reader.TryBytes(prefixes[i], out var prefix)) return false;
            packets[i] = packets[i] with { Prefix = prefix };
        }

        if (!reader.IsAtEnd) return false;
        shape = new TrafficShape(name, packets, (int)round * TimeUnit);
        return true;
    }

    private static bool TryInflate(ReadOnlySpan<byte> compressed, out byte[] bytes)
    {
        bytes = [];
        using var source = new MemoryStream(compressed.ToArray());
        using var brotli = new BrotliStream(source, CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        var block = new byte[16 * 1024];
        try
        {
            for (int read; (read = brotli.Read(block)) > 0;)
            {
                if (inflated.Length + read > MaxBytes) return false;
                inflated.Write(block, 0, read);
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return false; // what Brotli's decoder says to bytes that are none of its own
        }

        bytes = inflated.ToArray();
        return true;
    }

    private static void Add(List<byte> bytes, uint number)
    {
        for (; number >= 0x80; number >>= 7) bytes.Add((byte)(number | 0x80));
        bytes.Add((byte)number);
    }

    private struct ColumnReader(byte[] bytes)
    {
        private int _at;

        public readonly bool IsAtEnd => _at == bytes.Length;

        public bool TryByte(out byte value)
        {
            value = 0;
            if (_at == bytes.Length) return false;
            value = bytes[_at++];
            return true;
        }

        public bool TryNumber(out uint number)
        {
            number = 0;
            for (var shift = 0; shift < 32; shift += 7)
            {
                if (!TryByte(out var next)) return false;
                number |= (uint)(next & 0x7f) << shift;
                if (next < 0x80) return true;
            }

            return false;
        }

        public bool TryBytes(int count, out ReadOnlyMemory<byte> part)
        {
            part = default;
            if (bytes.Length - _at < count) return false;
            part = bytes.AsMemory(_at, count);
            _at += count;
            return true;
        }
    }
}
