using System.Buffers.Binary;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>
/// A growing buffer in which boxes are nested: <see cref="Begin(uint)"/> leaves room for a size, <see cref="End"/> fills it in. Cleared and used
/// again, it stops allocating once it has grown to the largest thing written.
/// </summary>
internal sealed class BoxBuilder(int capacity = 1024)
{
    private byte[] _bytes = new byte[capacity];
    private int _length;

    /// <summary>Bytes written.</summary>
    public int Length => _length;

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Forgets all that was written and keeps the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>Opens a box.</summary>
    /// <returns>Where it begins, for <see cref="End"/>.</returns>
    public int Begin(uint type)
    {
        var start = _length;
        U32(0);
        U32(type);
        return start;
    }

    /// <summary>Opens a box with a version and flags.</summary>
    public int Begin(uint type, byte version, uint flags = 0)
    {
        var start = Begin(type);
        U32((uint)version << 24 | flags);
        return start;
    }

    /// <summary>Closes the box that began there.</summary>
    public void End(int start) => PatchU32(start, (uint)(_length - start));

    /// <summary>Replaces four bytes written before.</summary>
    public void PatchU32(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(at), value);

    public void U8(int value) => Take(1)[0] = (byte)value;

    public void U16(int value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void I32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Zeros(int count) => Take(count).Clear();

    /// <summary>Text in UTF-8 with a zero behind it.</summary>
    public void Text(string text)
    {
        var length = System.Text.Encoding.UTF8.GetByteCount(text);
        System.Text.Encoding.UTF8.GetBytes(text, Take(length));
        U8(0);
    }

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(_bytes.Length * 2L, (long)_length + count)));
        }

        var span = _bytes.AsSpan(_length, count);
        _length += count;
        return span;
    }
}
