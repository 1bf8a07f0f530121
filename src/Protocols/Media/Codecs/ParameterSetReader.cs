using System.Buffers.Binary;

namespace Sluice.Protocols.Media.Codecs;

/// <summary>Walks parameter sets that each follow their 16-bit length, as configuration records hold them.</summary>
/// <param name="sets">The bytes, which were checked: each length fits.</param>
public ref struct ParameterSetReader(ReadOnlySpan<byte> sets)
{
    private ReadOnlySpan<byte> _rest = sets;

    /// <summary>Reads the next set, NAL header included; false at the end.</summary>
    public bool TryRead(out ReadOnlySpan<byte> nal)
    {
        nal = default;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_rest, out var length) || length > _rest.Length - 2) return false;
        nal = _rest.Slice(2, length);
        _rest = _rest[(2 + length)..];
        return true;
    }

    /// <summary>Passes over so many sets; false where the input has fewer.</summary>
    /// <param name="bytes">The input.</param>
    /// <param name="count">How many.</param>
    /// <param name="length">Bytes they take.</param>
    internal static bool TryMeasure(ReadOnlySpan<byte> bytes, int count, out int length)
    {
        length = 0;
        for (var i = 0; i < count; i++)
        {
            if (!BinaryPrimitives.TryReadUInt16BigEndian(bytes[length..], out var size) || size > bytes.Length - length - 2) return false;
            length += 2 + size;
        }

        return true;
    }
}
