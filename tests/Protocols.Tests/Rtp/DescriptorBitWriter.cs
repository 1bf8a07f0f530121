namespace Sluice.Protocols.Tests.Rtp;

/// <summary>Writes bits from the most significant one on, for making descriptors in tests.</summary>
internal sealed class DescriptorBitWriter
{
    private readonly List<bool> _bits = [];

    public DescriptorBitWriter Bits(int count, uint value)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            _bits.Add((value >> i & 1) != 0);
        }

        return this;
    }

    /// <summary>ns(values) of the AV1 specification §4.10.7, the writing side.</summary>
    public DescriptorBitWriter NonSymmetric(uint values, uint value)
    {
        var width = 0;
        for (var x = values; x != 0; x >>= 1)
        {
            width++;
        }

        var shortCodes = (1u << width) - values;
        return value < shortCodes ? Bits(width - 1, value) : Bits(width, value + shortCodes);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[(_bits.Count + 7) / 8];
        for (var i = 0; i < _bits.Count; i++)
        {
            bytes[i / 8] |= (byte)(_bits[i] ? 0x80 >> (i % 8) : 0);
        }

        return bytes;
    }
}
