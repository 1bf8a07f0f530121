namespace Sluice.Protocols.Tests.Media;

/// <summary>Writes parameter sets and a slice's header that fits them, all as chance has it (H.265 §7.3.2.2, §7.3.2.3, §7.3.6).</summary>
internal sealed class H265HeaderWriter
{
    private readonly Random _random;
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
    private BitWriter _bits = new();
    private int _length;

    public H265HeaderWriter(Random random)
    {
        _random = random;
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
        (_bits, _length) = (new BitWriter(), 0);
        var type = new[] { 0, 1, 8, 9, 16, 19, 20, 21 }[_random.Next(8)];
        var isFirst = Flag();
        if (type >= 16) Flag();
        Golomb(5);
        var isDependent = !isFirst && _hasDependent && Flag();
        if (!isFirst) Put(_random.Next(1 << _addressBits), _addressBits);
        if (!isDependent) WriteSlice(type);
        if (_hasTiles || _hasRows)
        {
            var points = _random.Next(20);
            Golomb(points);
            var width = _random.Next(1, 33);
            if (points > 0) Golomb(width - 1);
            for (; points > 0; points--) Put(_random.Next(), width);
        }

        if (_hasExtension)
        {
            var bytes = _random.Next(5);
            Golomb(bytes);
            for (; bytes > 0; bytes--) Put(_random.Next(256), 8);
        }

        return ([(byte)(type << 1), 1], _bits, _length);
    }

    private void WriteSlice(int unit)
    {
        Put(_random.Next(1 << _extraBits), _extraBits);
        var type = unit >= 16 ? 2 : _random.Next(3);
        Golomb(type);
        if (_hasOutputFlag) Flag();
        if (_isPlanes) Put(_random.Next(3), 2);
        var (used, hasMotion) = (0, false);
        if (unit is not (19 or 20))
        {
            Put(_random.Next(1 << _orderBits), _orderBits);
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
            var index = _random.Next(_sets.Count);
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
        var known = _longTerm.Count > 0 ? _random.Next(3) : 0;
        var own = _random.Next(3);
        if (_longTerm.Count > 0) Golomb(known);
        Golomb(own);
        for (var i = 0; i < known + own; i++)
        {
            if (i < known)
            {
                var index = _random.Next(_longTerm.Count);
                Put(index, BitsFor(_longTerm.Count));
                if (_longTerm[index]) used++;
            }
            else
            {
                Put(_random.Next(1 << _orderBits), _orderBits);
                if (Flag()) used++;
            }

            if (Flag()) Golomb(_random.Next(9));
        }

        return used;
    }

    private void WritePrediction(bool isB, int used, bool hasMotion, bool hasChroma)
    {
        var (first, second) = (_first, isB ? _second : 0);
        if (Flag())
        {
            first = _random.Next(1, 16);
            Golomb(first - 1);
            if (isB)
            {
                second = _random.Next(1, 16);
                Golomb(second - 1);
            }
        }

        if (_mayReorder && used > 1)
        {
            for (var entries = Flag() ? first : 0; entries > 0; entries--) Put(_random.Next(used), BitsFor(used));
            for (var entries = isB && Flag() ? second : 0; entries > 0; entries--) Put(_random.Next(used), BitsFor(used));
        }

        if (isB) Flag();
        if (_hasArithmeticStart) Flag();
        if (hasMotion)
        {
            var isOfFirst = !isB || Flag();
            if ((isOfFirst ? first : second) > 1) Golomb(_random.Next(3));
        }

        if (isB ? _weighsBoth : _weighsForward)
        {
            Golomb(_random.Next(8));
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

        Golomb(_random.Next(5));
    }

    // What a set derived of another holds is told here as the sum of distances, nearest first.
    private List<(int Distance, bool IsUsed)> WriteSet(bool isOfSlice)
    {
        var set = new List<(int Distance, bool IsUsed)>();
        var isDerived = _sets.Count > 0 && Flag();
        if (!isDerived)
        {
            var (before, after) = (_random.Next(4), _random.Next(4));
            Golomb(before);
            Golomb(after);
            foreach (var (count, sign) in new[] { (before, -1), (after, 1) })
            {
                var distance = 0;
                for (var i = 0; i < count; i++)
                {
                    var step = _random.Next(1, 5);
                    Golomb(step - 1);
                    distance += step;
                    set.Add((sign * distance, Flag()));
                }
            }

            return set;
        }

        var back = isOfSlice ? _random.Next(1, _sets.Count + 1) : 1;
        if (isOfSlice) Golomb(back - 1);
        var move = _random.Next(1, 6);
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
        (_bits, _length) = (new BitWriter(), 0);
        _bits.Bits(0, 7).Bits(1, 1).Bits(1, 8).Bits(0x6000_0000, 32).Zeros(48).Bits(63, 8).Golomb(3);
        _bits.Golomb(_isMonochrome ? 0u : _isPlanes ? 3u : 1u);
        if (!_isMonochrome && _isPlanes) _bits.Bits(1, 1);
        var (columns, rows, block) = (_random.Next(8, 300) * 8, _random.Next(8, 200) * 8, _random.Next(1, 4));
        _bits.Golomb((uint)columns).Golomb((uint)rows).Bits(0, 1).Golomb(0).Golomb(0).Golomb((uint)_orderBits - 4);
        _bits.Bits(1, 1).Golomb(5).Golomb(2).Golomb(0).Golomb(0).Golomb((uint)block).Golomb(0).Golomb(2).Golomb(1).Golomb(1);
        var size = 8 << block;
        addressBits = BitsFor((columns + size - 1) / size * ((rows + size - 1) / size));
        WriteScalingLists();
        _bits.Bits(1, 1).Bits(_hasAdaptiveOffset ? 1u : 0, 1);
        if (Chance()) _bits.Bits(1, 1).Bits(0x77, 8).Golomb(0).Golomb(1).Bits(1, 1);
        else _bits.Bits(0, 1);
        var sets = _random.Next(7);
        Golomb(sets);
        for (; sets > 0; sets--) _sets.Add(WriteSet(isOfSlice: false));
        _bits.Bits(_hasLongTerm ? 1u : 0, 1);
        if (_hasLongTerm)
        {
            var count = _random.Next(4);
            Golomb(count);
            for (; count > 0; count--)
            {
                Put(_random.Next(1 << _orderBits), _orderBits);
                _longTerm.Add(Flag());
            }
        }

        return _bits.Bits(_hasMotion ? 1u : 0, 1).Bits(0, 3).Bits(1, 1).ToNal(0x42, 1);
    }

    private void WriteScalingLists()
    {
        if (Chance())
        {
            _bits.Bits(0, 1);
            return;
        }

        _bits.Bits(1, 1);
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
        (_bits, _length) = (new BitWriter(), 0);
        _bits.Golomb(5).Golomb(3).Bits(_hasDependent ? 1u : 0, 1).Bits(_hasOutputFlag ? 1u : 0, 1).Bits((uint)_extraBits, 3).Bits(1, 1).Bits(_hasArithmeticStart ? 1u : 0, 1);
        _bits.Golomb((uint)_first - 1).Golomb((uint)_second - 1).Golomb(7).Bits(0, 1);
        var skipsTransforms = Flag();
        if (Flag()) _bits.Golomb(1);
        _bits.Golomb(3).Golomb(4).Bits(_hasChromaOffsets ? 1u : 0, 1).Bits(_weighsForward ? 1u : 0, 1).Bits(_weighsBoth ? 1u : 0, 1).Bits(0, 1);
        _bits.Bits(_hasTiles ? 1u : 0, 1).Bits(_hasRows ? 1u : 0, 1);
        if (_hasTiles)
        {
            _bits.Golomb(2).Golomb(1);
            if (!Flag()) _bits.Golomb(1).Golomb(2).Golomb(1);
            _bits.Bits(1, 1);
        }

        _bits.Bits(_filtersAcross ? 1u : 0, 1);
        var controls = _mayOverride || _isDeblockingOff || Chance();
        _bits.Bits(controls ? 1u : 0, 1);
        if (controls)
        {
            _bits.Bits(_mayOverride ? 1u : 0, 1).Bits(_isDeblockingOff ? 1u : 0, 1);
            if (!_isDeblockingOff) _bits.Golomb(3).Golomb(5);
        }

        _bits.Bits(0, 1).Bits(_mayReorder ? 1u : 0, 1).Golomb(0).Bits(_hasExtension ? 1u : 0, 1).Bits(_hasOffsetList ? 1u : 0, 1);
        if (_hasOffsetList)
        {
            _bits.Bits(0x80, 8);
            if (skipsTransforms) _bits.Golomb(1);
            _bits.Bits(0, 1).Bits(1, 1).Golomb(1).Golomb(0).Golomb(3).Golomb(3).Golomb(0).Golomb(0);
        }

        return _bits.Bits(1, 1).ToNal(0x44, 1);
    }

    private static int BitsFor(int count)
    {
        var bits = 0;
        while (1 << bits < count) bits++;
        return bits;
    }

    private bool Chance(int of = 2) => _random.Next(of) == 0;

    private bool Flag()
    {
        var flag = Chance();
        Put(flag ? 1 : 0, 1);
        return flag;
    }

    private void Signed() => Golomb(_random.Next(60));

    private void Put(int value, int count)
    {
        _bits.Bits((uint)value, count);
        _length += count;
    }

    private void Golomb(int value)
    {
        _bits.Golomb((uint)value);
        _length += 2 * int.Log2(value + 1) + 1;
    }
}
