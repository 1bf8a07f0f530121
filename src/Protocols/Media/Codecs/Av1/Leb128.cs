namespace Sluice.Protocols.Media.Codecs.Av1;

/// <summary>AV1's variable-length numbers: seven bits a byte, least significant first (AV1 §4.10.5).</summary>
public static class Leb128
{
    /// <summary>Bytes the longest number may take.</summary>
    public const int MaxLength = 8;

    /// <summary>
    /// Reads a number at the front of the input. False where it does not end within the input or within eight bytes, or passes 32 bits.
    /// </summary>
    /// <param name="bytes">The input.</param>
    /// <param name="value">The number.</param>
    /// <param name="length">Bytes the number took.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out uint value, out int length)
    {
        ulong sum = 0;
        for (var i = 0; i < MaxLength && i < bytes.Length; i++)
        {
            sum |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if ((bytes[i] & 0x80) != 0) continue;
            value = (uint)sum;
            length = i + 1;
            return sum <= uint.MaxValue;
        }

        value = 0;
        length = 0;
        return false;
    }

    /// <summary>Writes a number in the fewest bytes.</summary>
    /// <returns>Bytes written, at most five.</returns>
    public static int Write(Span<byte> destination, uint value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            destination[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length++] = (byte)value;
        return length;
    }
}
