namespace Sluice.Protocols.Tests.Media;

/// <summary>Writes parameter sets and a slice's header that fits them, all as chance has it (H.265 §7.3.2.2, §7.3.2.3, §7.3.6).</summary>
internal sealed class H265HeaderWriter : HeaderWriter
{
    private readonly List<List<(int Distance, bool IsUsed)>> _sets = [];
    private readonly List<bool> _longTerm = [];
    private readonly bool _isPlanes;
    private readonly bool _isMonochrome;
    private readonly int _orderBits;
    private readonly int _addressBits;
    private readonly bool _hasAdaptiveOffset;
    private readonly bool _hasLongTerm;
    private readonly bool _hasMotion;
    private readonly bool _hasDependent;
    private readonly bool _hasOutputFlag;
    private readonly int _extraBits;
    private readonly bool _hasArithmeticStart;
    private readonly int _first;
    private readonly int _second;
    private readonly bool _hasChromaOffsets;
    private readonly bool _weighsForward;
    private readonly bool _weighsBoth;
    private readonly bool _hasTiles;
    private readonly bool _hasRows;
    private readonly bool _filtersAcross;
    private readonly bool _mayOverride;
    private readonly bool _isDeblockingOff;
    private readonly bool _mayReorder;
    private readonly bool _hasExtension;
    private readonly bool _hasOffsetList;

    public H265HeaderWriter(Random random)
        : base(random)
    {
        _isMonochrome = Chance(4);
        _isPlanes = !_isMonochrome && Chance(4);
        (_orderBits, _hasAdaptiveOffset, _hasLongTerm, _hasMotion) = (random.Next(4, 17), Chance(), Chance(), Chance());
        SequenceSet = WriteSequence(out _addressBits);
        (_hasDependent, _hasOutputFlag, _extraBits, _hasArithmeticStart) = (Chance(), Chance(), random.Next(3), Chance());
        (_first, _second, _hasChromaOffsets, _weighsForward, _weighsBoth) = (random.Next(1, 6), random.Next(1, 6), Chance(), Chance(), Chance());
        (_hasTiles, _hasRows, _filtersAcross, _mayOverride, _isDeblockingOff) = (Chance(), Chance(), Chance(), Chance(), Chance());
        (_mayReorder, _hasExtension, _hasOffsetList) = (Chance(), Chance(), Chance());
        PictureSet = WritePicture();
    }

    public byte[] SequenceSet { get; }

    public byte[] PictureSet { get; }

    /// <summary>The unit's header, the slice's, and how many bits that is.</summary>
    public (byte[] Header, BitWriter Bits, int Length) Slice()
    {
        Begin();
        var type = new[] { 0, 1, 8, 9, 16, 19, 20, 21 }[Random.Next(8)];
        var isFirst = Flag();
        if (type >= 16) Flag();
        Golomb(5);
        var isDependent = !isFirst && _hasDependent && Flag();
        if (!isFirst) Put(Random.Next(1 << _addressBits), _addressBits);
        if (!isDependent) WriteSlice(type);
        if (_hasTiles || _hasRows)
        {
            var points = Random.Next(20);
            Golomb(points);
            var width = Random.Next(1, 33);
            if (points > 0) Golomb(width - 1);
            for (; points > 0; points--) Put(Random.Next(), width);
        }

        if (_hasExtension)
        {
            var bytes = Random.Next(5);
            Golomb(bytes);
            for (; bytes > 0; bytes--) Put(Random.Next(256), 8);
        }

        return ([(byte)(type << 1), 1], Output, Length);
    }

    private void WriteSlice(int unit)
    {
        Put(Random.Next(1 << _extraBits), _extraBits);
        var type = unit >= 16 ? 2 : Random.Next(3);
        Golomb(type);
        if (_hasOutputFlag) Flag();
        if (_isPlanes) Put(Random.Next(3), 2);
        var (used, hasMotion) = (0, false);
        if (unit is not (19 or 20))
        {
            Put(Random.Next(1 << _orderBits), _orderBits);
            used = WriteReferences();
            hasMotion = _hasMotion && Flag();
        }

        var hasChroma = !_isMonochrome && !_isPlanes;
        var isOffset = _hasAdaptiveOffset && Flag();
        if (_hasAdaptiveOffset && hasChroma) isOffset |= Flag();
        if (type < 2) WritePrediction(type == 0, used, hasMotion, hasChroma);
        Signed();
        if (_hasChromaOffsets)
        {
            Signed();
            Signed();
        }

        if (_hasOffsetList) Flag();
        var isOff = _isDeblockingOff;
        if (_mayOverride && Flag())
        {
            isOff = Flag();
            if (!isOff)
            {
                Signed();
                Signed();
            }
        }

        if (_filtersAcross && (isOffset || !isOff)) Flag();
    }

    private int WriteReferences()
    {
        List<(int Distance, bool IsUsed)> set;
        if (_sets.Count > 0 && Chance())
        {
            Put(1, 1);
            var index = Random.Next(_sets.Count);
            Put(index, BitsFor(_sets.Count));
            set = _sets[index];
        }
        else
        {
            Put(0, 1);
            set = WriteSet(isOfSlice: true);
        }

        var used = set.Count(s => s.IsUsed);
        if (!_hasLongTerm) return used;
        var known = _longTerm.Count > 0 ? Random.Next(3) : 0;
        var own = Random.Next(3);
        if (_longTerm.Count > 0) Golomb(known);
        Golomb(own);
        for (var i = 0; i < known + own; i++)
        {
            if (i < known)
            {
                var index = Random.Next(_longTerm.Count);
                Put(index, BitsFor(_longTerm.Count));
                if (_longTerm[index]) used++;
            }
            else
            {
                Put(Random.Next(1 << _orderBits), _orderBits);
                if (Flag()) used++;
            }

            if (Flag()) Golomb(Random.Next(9));
        }

        return used;
    }

    private void WritePrediction(bool isB, int used, bool hasMotion, bool hasChroma)
    {
        var (first, second) = (_first, isB ? _second : 0);
        if (Flag())
        {
            first = Random.Next(1, 16);
            Golomb(first - 1);
            if (isB)
            {
                second = Random.Next(1, 16);
                Golomb(second - 1);
            }
        }

        if (_mayReorder && used > 1)
        {
            for (var entries = Flag() ? first : 0; entries > 0; entries--) Put(Random.Next(used), BitsFor(used));
            for (var entries = isB && Flag() ? second : 0; entries > 0; entries--) Put(Random.Next(used), BitsFor(used));
        }

        if (isB) Flag();
        if (_hasArithmeticStart) Flag();
        if (hasMotion)
        {
            var isOfFirst = !isB || Flag();
            if ((isOfFirst ? first : second) > 1) Golomb(Random.Next(3));
        }

        if (isB ? _weighsBoth : _weighsForward)
        {
            Golomb(Random.Next(8));
            if (hasChroma) Signed();
            foreach (var count in new[] { first, second })
            {
                var luma = Enumerable.Range(0, count).Select(_ => Flag()).ToArray();
                var chroma = Enumerable.Range(0, count).Select(_ => hasChroma && Flag()).ToArray();
                for (var i = 0; i < count; i++)
                {
                    for (var fields = (luma[i] ? 2 : 0) + (chroma[i] ? 4 : 0); fields > 0; fields--) Signed();
                }
            }
        }

        Golomb(Random.Next(5));
    }

    // What a set derived of another holds is told here as the sum of distances, nearest first.
    private List<(int Distance, bool IsUsed)> WriteSet(bool isOfSlice)
    {
        var set = new List<(int Distance, bool IsUsed)>();
        var isDerived = _sets.Count > 0 && Flag();
        if (!isDerived)
        {
            var (before, after) = (Random.Next(4), Random.Next(4));
            Golomb(before);
            Golomb(after);
            foreach (var (count, sign) in new[] { (before, -1), (after, 1) })
            {
                var distance = 0;
                for (var i = 0; i < count; i++)
                {
                    var step = Random.Next(1, 5);
                    Golomb(step - 1);
                    distance += step;
                    set.Add((sign * distance, Flag()));
                }
            }

            return set;
        }

        var back = isOfSlice ? Random.Next(1, _sets.Count + 1) : 1;
        if (isOfSlice) Golomb(back - 1);
        var move = Random.Next(1, 6);
        var isNegative = Flag();
        Golomb(move - 1);
        foreach (var distance in _sets[^back].Select(s => s.Distance).Append(0))
        {
            var isUsed = Flag();
            var isKept = isUsed || Flag();
            var sum = distance + (isNegative ? -move : move);
            if (isKept && sum != 0) set.Add((sum, isUsed));
        }

        return [.. set.OrderBy(s => s.Distance > 0).ThenBy(s => Math.Abs(s.Distance))];
    }

    private byte[] WriteSequence(out int addressBits)
    {
        Begin();
        Output.Bits(0, 7).Bits(1, 1).Bits(1, 8).Bits(0x6000_0000, 32).Zeros(48).Bits(63, 8).Golomb(3);
        Output.Golomb(_isMonochrome ? 0u : _isPlanes ? 3u : 1u);
        if (!_isMonochrome && _isPlanes) Output.Bits(1, 1);
        var (columns, rows, block) = (Random.Next(8, 300) * 8, Random.Next(8, 200) * 8, Random.Next(1, 4));
        Output.Golomb((uint)columns).Golomb((uint)rows).Bits(0, 1).Golomb(0).Golomb(0).Golomb((uint)_orderBits - 4);
        Output.Bits(1, 1).Golomb(5).Golomb(2).Golomb(0).Golomb(0).Golomb((uint)block).Golomb(0).Golomb(2).Golomb(1).Golomb(1);
        var size = 8 << block;
        addressBits = BitsFor((columns + size - 1) / size * ((rows + size - 1) / size));
        WriteScalingLists();
        Output.Bits(1, 1).Bits(_hasAdaptiveOffset ? 1u : 0, 1);
        if (Chance()) Output.Bits(1, 1).Bits(0x77, 8).Golomb(0).Golomb(1).Bits(1, 1);
        else Output.Bits(0, 1);
        var sets = Random.Next(7);
        Golomb(sets);
        for (; sets > 0; sets--) _sets.Add(WriteSet(isOfSlice: false));
        Output.Bits(_hasLongTerm ? 1u : 0, 1);
        if (_hasLongTerm)
        {
            var count = Random.Next(4);
            Golomb(count);
            for (; count > 0; count--)
            {
                Put(Random.Next(1 << _orderBits), _orderBits);
                _longTerm.Add(Flag());
            }
        }

        return Output.Bits(_hasMotion ? 1u : 0, 1).Bits(0, 3).Bits(1, 1).ToNal(0x42, 1);
    }

    private void WriteScalingLists()
    {
        if (Chance())
        {
            Output.Bits(0, 1);
            return;
        }

        Output.Bits(1, 1);
        if (!Flag()) return;
        for (var size = 0; size < 4; size++)
        {
            for (var matrix = 0; matrix < (size == 3 ? 2 : 6); matrix++)
            {
                if (Flag())
                {
                    for (var left = Math.Min(64, 16 << 2 * size) + (size > 1 ? 1 : 0); left > 0; left--) Signed();
                }
                else
                {
                    Golomb(0);
                }
            }
        }
    }

    private byte[] WritePicture()
    {
        Begin();
        Output.Golomb(5).Golomb(3).Bits(_hasDependent ? 1u : 0, 1).Bits(_hasOutputFlag ? 1u : 0, 1).Bits((uint)_extraBits, 3).Bits(1, 1).Bits(_hasArithmeticStart ? 1u : 0, 1);
        Output.Golomb((uint)_first - 1).Golomb((uint)_second - 1).Golomb(7).Bits(0, 1);
        var skipsTransforms = Flag();
        if (Flag()) Output.Golomb(1);
        Output.Golomb(3).Golomb(4).Bits(_hasChromaOffsets ? 1u : 0, 1).Bits(_weighsForward ? 1u : 0, 1).Bits(_weighsBoth ? 1u : 0, 1).Bits(0, 1);
        Output.Bits(_hasTiles ? 1u : 0, 1).Bits(_hasRows ? 1u : 0, 1);
        if (_hasTiles)
        {
            Output.Golomb(2).Golomb(1);
            if (!Flag()) Output.Golomb(1).Golomb(2).Golomb(1);
            Output.Bits(1, 1);
        }

        Output.Bits(_filtersAcross ? 1u : 0, 1);
        var controls = _mayOverride || _isDeblockingOff || Chance();
        Output.Bits(controls ? 1u : 0, 1);
        if (controls)
        {
            Output.Bits(_mayOverride ? 1u : 0, 1).Bits(_isDeblockingOff ? 1u : 0, 1);
            if (!_isDeblockingOff) Output.Golomb(3).Golomb(5);
        }

        Output.Bits(0, 1).Bits(_mayReorder ? 1u : 0, 1).Golomb(0).Bits(_hasExtension ? 1u : 0, 1).Bits(_hasOffsetList ? 1u : 0, 1);
        if (_hasOffsetList)
        {
            Output.Bits(0x80, 8);
            if (skipsTransforms) Output.Golomb(1);
            Output.Bits(0, 1).Bits(1, 1).Golomb(1).Golomb(0).Golomb(3).Golomb(3).Golomb(0).Golomb(0);
        }

        return Output.Bits(1, 1).ToNal(0x44, 1);
    }

    private static int BitsFor(int count)
    {
        var bits = 0;
        while (1 << bits < count) bits++;
        return bits;
    }
}
