using System.Numerics;

namespace Sluice.Protocols.Tests;

/// <summary>Writes the bitstreams and descriptors no encoder writes, from the most significant bit on.</summary>
internal sealed class BitWriter
{
    private readonly List<bool> _bits = [];

    public BitWriter Bits(uint value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            _bits.Add((value >> i & 1) != 0);
        }

        return this;
    }

    public BitWriter Zeros(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _bits.Add(false);
        }

        return this;
    }

    public BitWriter Golomb(uint value)
    {
        var code = value + 1UL;
        var length = 0;
        while (code >> length > 1)
        {
            length++;
        }

        Zeros(length);
        for (var i = length; i >= 0; i--)
        {
            _bits.Add((code >> i & 1) != 0);
        }

        return this;
    }

    /// <summary>ns(values) of the AV1 specification §4.10.7, the writing side.</summary>
    public BitWriter NonSymmetric(uint values, uint value)
    {
        var width = 32 - BitOperations.LeadingZeroCount(values);
        var shortCodes = (1u << width) - values;
        return value < shortCodes ? Bits(value, width - 1) : Bits(value + shortCodes, width);
    }

    public byte[] ToArray(params byte[] before)
    {
        var bytes = new byte[(_bits.Count + 7) / 8];
        for (var i = 0; i < _bits.Count; i++)
        {
            if (_bits[i]) bytes[i / 8] |= (byte)(0x80 >> i % 8);
        }

        return [.. before, .. bytes];
    }

    /// <summary>As a NAL unit: escape bytes put in.</summary>
    public byte[] ToNal(params byte[] header)
    {
        var nal = new List<byte>(header);
        var zeros = 0;
        foreach (var value in ToArray())
        {
            if (zeros == 2 && value <= 3)
            {
                nal.Add(3);
                zeros = 0;
            }

            nal.Add(value);
            zeros = value == 0 ? zeros + 1 : 0;
        }

        return [.. nal];
    }
}
