using System.Buffers.Binary;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>A box within the bytes that were walked.</summary>
/// <param name="offset">Where it begins in them.</param>
/// <param name="type">Its type.</param>
/// <param name="payload">What follows its header.</param>
internal readonly ref struct Box(int offset, uint type, ReadOnlySpan<byte> payload)
{
    /// <summary>Where it begins in the bytes walked.</summary>
    public int Offset { get; } = offset;

    /// <summary>Its type.</summary>
    public uint Type { get; } = type;

    /// <summary>What follows its header.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Reads the version and flags a full box begins with.</summary>
    public bool TryReadFull(out byte version, out uint flags, out ReadOnlySpan<byte> rest)
    {
        version = 0;
        flags = 0;
        rest = default;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(Payload, out var head)) return false;
        version = (byte)(head >> 24);
        flags = head & 0xff_ffff;
        rest = Payload[4..];
        return true;
    }
}

/// <summary>The size and type at the front of a box (ISO/IEC 14496-12 §4.2).</summary>
/// <param name="Type">The type.</param>
/// <param name="HeaderLength">8, or 16 with a 64-bit size.</param>
/// <param name="Length">Bytes of the whole box; 0 where it ends with the file.</param>
internal readonly record struct BoxHeader(uint Type, int HeaderLength, long Length)
{
    /// <summary>The longest header.</summary>
    public const int MaxLength = 16;

    /// <summary>Reads a header; false where the bytes are too few or the size is smaller than the header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out BoxHeader header)
    {
        header = default;
        if (bytes.Length < 8) return false;
        var size = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var type = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        if (size != 1)
        {
            header = new BoxHeader(type, 8, size);
            return size is 0 or >= 8;
        }

        if (bytes.Length < MaxLength) return false;
        var large = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        header = new BoxHeader(type, MaxLength, (long)large);
        return large is >= MaxLength and <= long.MaxValue;
    }
}

/// <summary>Walks the boxes that lie one behind the other in memory. A box that does not fit ends the walk.</summary>
internal ref struct BoxReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>A box did not fit; nothing more is read.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Where the box read last ends.</summary>
    public readonly int Position => _at;

    /// <summary>Reads the next box; false at the end and at damage.</summary>
    public bool TryRead(out Box box)
    {
        box = default;
        var rest = _bytes[_at..];
        if (rest.IsEmpty) return false;
        if (!BoxHeader.TryParse(rest, out var header) || header.Length > rest.Length)
        {
            Malformed = true;
            _at = _bytes.Length;
            return false;
        }

        var length = header.Length == 0 ? rest.Length : (int)header.Length;
        box = new Box(_at, header.Type, rest[header.HeaderLength..length]);
        _at += length;
        return true;
    }

    /// <summary>Finds the first box of a type among those that lie there.</summary>
    public static bool TryFind(ReadOnlySpan<byte> bytes, uint type, out Box found)
    {
        var reader = new BoxReader(bytes);
        while (reader.TryRead(out found))
        {
            if (found.Type == type) return true;
        }

        return false;
    }
}
