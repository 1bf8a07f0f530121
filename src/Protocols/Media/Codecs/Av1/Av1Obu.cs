namespace Sluice.Protocols.Media.Codecs.Av1;

/// <summary>What an open bitstream unit is (AV1 §6.2.2).</summary>
public enum Av1ObuType : byte
{
    /// <summary>Reserved.</summary>
    Reserved = 0,

    /// <summary>Sequence header.</summary>
    SequenceHeader = 1,

    /// <summary>The start of a temporal unit; RTP leaves it out.</summary>
    TemporalDelimiter = 2,

    /// <summary>Frame header, its tiles in other units.</summary>
    FrameHeader = 3,

    /// <summary>Tiles.</summary>
    TileGroup = 4,

    /// <summary>Metadata.</summary>
    Metadata = 5,

    /// <summary>Frame header and tiles in one.</summary>
    Frame = 6,

    /// <summary>A frame header sent again.</summary>
    RedundantFrameHeader = 7,

    /// <summary>Tile list.</summary>
    TileList = 8,

    /// <summary>Padding.</summary>
    Padding = 15,
}

/// <summary>The header of an open bitstream unit, one or two bytes (AV1 §5.3.2).</summary>
/// <param name="Type">What the unit is.</param>
/// <param name="HasSize">A size follows the header.</param>
/// <param name="Length">Bytes of the header, 1 or 2, the size not counted.</param>
/// <param name="TemporalId">Temporal layer.</param>
/// <param name="SpatialId">Spatial layer.</param>
public readonly record struct Av1ObuHeader(Av1ObuType Type, bool HasSize, int Length, byte TemporalId, byte SpatialId)
{
    /// <summary>Reads the header at the front of a unit; false where it is cut short or the forbidden bit is set.</summary>
    public static bool TryParse(ReadOnlySpan<byte> obu, out Av1ObuHeader header)
    {
        header = default;
        if (obu.IsEmpty || (obu[0] & 0x80) != 0) return false;
        var hasExtension = (obu[0] & 0x04) != 0;
        if (hasExtension && obu.Length < 2) return false;
        header = new Av1ObuHeader(
            (Av1ObuType)(obu[0] >> 3 & 0xf),
            (obu[0] & 0x02) != 0,
            hasExtension ? 2 : 1,
            hasExtension ? (byte)(obu[1] >> 5) : (byte)0,
            hasExtension ? (byte)(obu[1] >> 3 & 3) : (byte)0);
        return true;
    }
}

/// <summary>An open bitstream unit within a larger buffer.</summary>
/// <param name="header">The parsed header.</param>
/// <param name="unit">Header, size and payload as they stand in the buffer.</param>
/// <param name="payload">What follows header and size.</param>
public readonly ref struct Av1Obu(Av1ObuHeader header, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> payload)
{
    /// <summary>The parsed header.</summary>
    public Av1ObuHeader Header => header;

    /// <summary>Header, size and payload as they stand in the buffer.</summary>
    public ReadOnlySpan<byte> Unit { get; } = unit;

    /// <summary>What follows header and size.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Reads one unit at the front of the input: to its size's end, or to the input's end where it has no size.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out Av1Obu obu)
    {
        obu = default;
        if (!Av1ObuHeader.TryParse(bytes, out var header)) return false;
        var rest = bytes[header.Length..];
        if (!header.HasSize)
        {
            obu = new Av1Obu(header, bytes, rest);
            return true;
        }

        if (!Leb128.TryRead(rest, out var size, out var length) || size > (uint)(rest.Length - length)) return false;
        obu = new Av1Obu(header, bytes[..(header.Length + length + (int)size)], rest.Slice(length, (int)size));
        return true;
    }
}

/// <summary>Walks the units of a temporal unit in the low-overhead format (AV1 §5.2).</summary>
/// <param name="temporalUnit">The bytes; the units are slices of them.</param>
public ref struct Av1ObuReader(ReadOnlySpan<byte> temporalUnit)
{
    private ReadOnlySpan<byte> _rest = temporalUnit;

    /// <summary>True once the reader met something that is no unit; it reads nothing more.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Reads the next unit; false at the end and at damage.</summary>
    public bool TryRead(out Av1Obu obu)
    {
        obu = default;
        if (_rest.IsEmpty) return false;
        if (!Av1Obu.TryParse(_rest, out obu))
        {
            Malformed = true;
            _rest = default;
            return false;
        }

        _rest = _rest[obu.Unit.Length..];
        return true;
    }
}
