using System.Numerics;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>The bit syntax of the dependency descriptor: f(n) and ns(n) of the AV1 specification §4.10.</summary>
internal ref struct DescriptorBits(ReadOnlySpan<byte> bytes)
{
    private BitReader _bits = new(bytes);

    /// <summary>True once more was read than there was.</summary>
    public readonly bool Overrun => _bits.Overrun;

    /// <summary>Reads f(count).</summary>
    public uint Read(int count) => _bits.Bits(count);

    /// <summary>Skips bits.</summary>
    public void Skip(int count) => _bits.Skip(count);

    /// <summary>Reads ns(values): a number below <paramref name="values"/> in as few bits as it needs.</summary>
    public uint ReadNonSymmetric(uint values)
    {
        var width = BitOperations.Log2(values) + 1;
        var shortCodes = (1u << width) - values;
        var value = _bits.Bits(width - 1);
        return value < shortCodes ? value : (value << 1) - shortCodes + _bits.Bits(1);
    }
}
