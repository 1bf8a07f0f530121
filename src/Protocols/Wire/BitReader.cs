namespace Sluice.Protocols.Wire;

/// <summary>
/// Reads bits from the most significant one on, with the Exp-Golomb codes of H.264/H.265 (§9.1) and LEB128 of AV1. Reading past the end
/// gives zeros and sets <see cref="Overrun"/>: a parser checks once at its end instead of at every field.
/// </summary>
public ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position; // in bits

    /// <summary>True once more was read than there was.</summary>
    public bool Overrun { get; private set; }

    /// <summary>Bits read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Bits left.</summary>
    public readonly int Remaining => Math.Max(0, _bytes.Length * 8 - _position);

    /// <summary>Reads one bit.</summary>
    public bool Bit() => Bits(1) != 0;

    /// <summary>Reads up to 32 bits, most significant first.</summary>
    public uint Bits(int count)
    {
        uint value = 0;
        for (var i = 0; i < count; i++)
        {
            var index = _position >> 3;
            uint bit = 0;
            if (index < _bytes.Length)
            {
                bit = (uint)(_bytes[index] >> (7 - (_position & 7)) & 1);
            }
            else
            {
                Overrun = true;
            }

            value = value << 1 | bit;
            _position++;
        }

        return value;
    }

    /// <summary>Skips bits.</summary>
    public void Skip(int count)
    {
        _position += count;
        if (_position > _bytes.Length * 8)
        {
            Overrun = true;
        }
    }

    /// <summary>Reads ue(v).</summary>
    public uint UnsignedExpGolomb()
    {
        var zeros = 0;
        while (!Overrun && zeros < 32 && Bits(1) == 0)
        {
            zeros++;
        }

        return zeros is 0 or >= 32 ? 0 : (1u << zeros) - 1 + Bits(zeros);
    }

    /// <summary>Reads se(v).</summary>
    public int SignedExpGolomb()
    {
        var code = UnsignedExpGolomb();
        return (code & 1) != 0 ? (int)((code + 1) >> 1) : -(int)(code >> 1);
    }

    /// <summary>Skips to the next byte boundary.</summary>
    public void Align() => _position = (_position + 7) & ~7;
}
