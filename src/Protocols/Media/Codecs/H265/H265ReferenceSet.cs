using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H265;

/// <summary>A short-term reference picture set (H.265 §7.3.7, §7.4.8): the pictures that are kept, by their distance, those shown before first.</summary>
internal sealed class H265ReferenceSet
{
    // sps_max_dec_pic_buffering_minus1 is at most 15, and a set has no more than that.
    private const int MaxPictures = 16;
    private const int MaxDistance = 1 << 15;

    private readonly int[] _distances = new int[MaxPictures];
    private readonly bool[] _isUsed = new bool[MaxPictures];
    private int _before;
    private int _count;

    /// <summary>Pictures that the picture itself refers to.</summary>
    public int Used => _isUsed.AsSpan(0, _count).Count(true);

    /// <summary>Reads a set in place of what is there; false where it cannot be.</summary>
    /// <param name="reader">The bits.</param>
    /// <param name="sets">The sets before it.</param>
    /// <param name="isOfSlice">It stands in a slice's header, behind all sets of the sequence.</param>
    public bool TryRead(ref BitReader reader, ReadOnlySpan<H265ReferenceSet> sets, bool isOfSlice)
    {
        (_before, _count) = (0, 0);
        return sets.Length > 0 && reader.Bit() ? TryDerive(ref reader, sets, isOfSlice) : TryReadPlain(ref reader);
    }

    private bool TryReadPlain(ref BitReader reader)
    {
        var before = reader.UnsignedExpGolomb();
        var after = reader.UnsignedExpGolomb();
        if (before > MaxPictures || after > MaxPictures - before) return false;
        for (long i = 0, distance = 0; i < before + after; i++)
        {
            if (i == before) distance = 0;
            var step = reader.UnsignedExpGolomb() + 1L;
            distance += i < before ? -step : step;
            if (Math.Abs(distance) > MaxDistance) return false;
            TryAdd((int)distance, reader.Bit());
        }

        _before = (int)before;
        return true;
    }

    // From another set, moved, with some left out: (7-61) and (7-62) say in which order.
    private bool TryDerive(ref BitReader reader, ReadOnlySpan<H265ReferenceSet> sets, bool isOfSlice)
    {
        var back = isOfSlice ? reader.UnsignedExpGolomb() + 1L : 1;
        if (back > sets.Length) return false;
        var from = sets[^(int)back];
        var isNegative = reader.Bit();
        var size = reader.UnsignedExpGolomb() + 1L;
        if (size > MaxDistance) return false;
        var move = isNegative ? -(int)size : (int)size;
        Span<bool> isUsed = stackalloc bool[MaxPictures + 1];
        Span<bool> isKept = stackalloc bool[MaxPictures + 1];
        for (var i = 0; i <= from._count; i++)
        {
            isUsed[i] = reader.Bit();
            isKept[i] = isUsed[i] || reader.Bit();
        }

        var fits = true;
        for (var i = from._count - 1; i >= from._before; i--) fits &= from._distances[i] + move >= 0 || !isKept[i] || TryAdd(from._distances[i] + move, isUsed[i]);
        if (move < 0 && isKept[from._count]) fits &= TryAdd(move, isUsed[from._count]);
        for (var i = 0; i < from._before; i++) fits &= from._distances[i] + move >= 0 || !isKept[i] || TryAdd(from._distances[i] + move, isUsed[i]);
        _before = _count;
        for (var i = from._before - 1; i >= 0; i--) fits &= from._distances[i] + move <= 0 || !isKept[i] || TryAdd(from._distances[i] + move, isUsed[i]);
        if (move > 0 && isKept[from._count]) fits &= TryAdd(move, isUsed[from._count]);
        for (var i = from._before; i < from._count; i++) fits &= from._distances[i] + move <= 0 || !isKept[i] || TryAdd(from._distances[i] + move, isUsed[i]);
        return fits;
    }

    private bool TryAdd(int distance, bool isUsed)
    {
        if (_count == MaxPictures) return false;
        _distances[_count] = distance;
        _isUsed[_count++] = isUsed;
        return true;
    }
}
