using System.Buffers.Binary;

namespace Sluice.Protocols.Wire;

/// <summary>
/// A forward reader over big-endian wire bytes. Every read reports success: a short input is the peer's error, not ours.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>The bytes not yet read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Reads one byte.</summary>
    public bool TryReadU8(out byte value)
    {
        if (_rest.Length < 1)
        {
            value = 0;
            return false;
        }

        value = _rest[0];
        _rest = _rest[1..];
        return true;
    }

    /// <summary>Reads 16 bits.</summary>
    public bool TryReadU16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_rest, out value)) return false;
        _rest = _rest[2..];
        return true;
    }

    /// <summary>Reads 24 bits.</summary>
    public bool TryReadU24(out uint value)
    {
        if (_rest.Length < 3)
        {
            value = 0;
            return false;
        }

        value = (uint)(_rest[0] << 16 | _rest[1] << 8 | _rest[2]);
        _rest = _rest[3..];
        return true;
    }

    /// <summary>Reads 32 bits.</summary>
    public bool TryReadU32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(_rest, out value)) return false;
        _rest = _rest[4..];
        return true;
    }

    /// <summary>Reads 64 bits.</summary>
    public bool TryReadU64(out ulong value)
    {
        if (!BinaryPrimitives.TryReadUInt64BigEndian(_rest, out value)) return false;
        _rest = _rest[8..];
        return true;
    }

    /// <summary>Reads so many bytes as a slice of the input.</summary>
    public bool TryReadBytes(int count, out ReadOnlySpan<byte> value)
    {
        if ((uint)count > (uint)_rest.Length)
        {
            value = default;
            return false;
        }

        value = _rest[..count];
        _rest = _rest[count..];
        return true;
    }

    /// <summary>Skips so many bytes.</summary>
    public bool TrySkip(int count) => TryReadBytes(count, out _);
}
