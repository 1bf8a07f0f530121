namespace Sluice.Workers.Transcoding;

/// <summary>
/// Reads NUT's numbers: seven bits a byte, the highest bit says that another follows. Past the end everything is 0 and <see cref="IsShort"/> is true.
/// </summary>
internal ref struct NutFields(ReadOnlySpan<byte> bytes)
{
    private const int MaxNumberLength = 9;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read.</summary>
    public int Position { get; private set; }

    /// <summary>The bytes ended before the fields did.</summary>
    public bool IsShort { get; private set; }

    /// <summary>They never make sense, however many follow.</summary>
    public bool IsInvalid { get; private set; }

    public byte ReadByte()
    {
        if (Position < _bytes.Length) return _bytes[Position++];
        IsShort = true;
        return 0;
    }

    public long ReadUnsigned()
    {
        var value = 0L;
        for (var i = 0; i < MaxNumberLength; i++)
        {
            var next = ReadByte();
            value = value << 7 | (uint)(next & 0x7F);
            if ((next & 0x80) == 0) return IsShort ? 0 : value;
        }

        IsShort = IsInvalid = true;
        return 0;
    }

    /// <summary>Signs alternate: 1 is 1, 2 is -1, 3 is 2.</summary>
    public long ReadSigned()
    {
        var value = ReadUnsigned() + 1;
        return (value & 1) != 0 ? -(value >> 1) : value >> 1;
    }

    public void Skip(int count)
    {
        if (count <= _bytes.Length - Position) Position += count;
        else IsShort = true;
    }

    /// <summary>Bytes behind their length.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadUnsigned();
        if (IsShort || length > _bytes.Length - Position)
        {
            IsShort = true;
            return default;
        }

        var bytes = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return bytes;
    }
}
