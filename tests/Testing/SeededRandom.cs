namespace Sluice.Testing;

/// <summary>
/// A small random source (SplitMix64) whose numbers are the same on every runtime: a trace hash must not change with .NET's version.
/// </summary>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        _state += 0x9e37_79b9_7f4a_7c15;
        var mixed = _state;
        mixed = (mixed ^ mixed >> 30) * 0xbf58_476d_1ce4_e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d0_49bb_1331_11eb;
        return mixed ^ mixed >> 31;
    }

    /// <summary>A number from 0 up to, not including, a bound above 0.</summary>
    public int Next(int bound) => (int)((Next() >> 32) * (ulong)bound >> 32);

    /// <summary>A number from 0 up to, not including, 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with a probability; takes no number from the sequence where the answer is certain.</summary>
    public bool Chance(double probability) => probability > 0 && (probability >= 1 || NextDouble() < probability);

    /// <summary>Fills a span.</summary>
    public void Fill(Span<byte> destination)
    {
        foreach (ref var value in destination)
        {
            value = (byte)Next();
        }
    }

    /// <summary>Another, independent source.</summary>
    public SeededRandom Fork() => new(Next());
}
