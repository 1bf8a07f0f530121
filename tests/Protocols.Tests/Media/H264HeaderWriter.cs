namespace Sluice.Protocols.Tests.Media;

/// <summary>Writes parameter sets and a slice's header that fits them, all as chance has it (H.264 §7.3.2.1.1, §7.3.2.2, §7.3.3).</summary>
internal sealed class H264HeaderWriter : HeaderWriter
{
    private readonly bool _isPlanes;
    private readonly bool _isMonochrome;
    private readonly int _numberBits;
    private readonly int _orderType;
    private readonly int _orderBits;
    private readonly bool _isDeltaZero;
    private readonly bool _isProgressive;
    private readonly uint _pictureId;
    private readonly bool _isArithmetic;
    private readonly bool _hasBottom;
    private readonly int _first;
    private readonly int _second;
    private readonly bool _weighsForward;
    private readonly uint _weighsBoth;
    private readonly bool _controlsDeblocking;
    private readonly bool _countsRedundant;

    public H264HeaderWriter(Random random)
        : base(random)
    {
        var format = random.Next(4);
        (_isMonochrome, _isPlanes) = (format == 0, format == 3 && Chance());
        (_numberBits, _orderType, _orderBits, _isDeltaZero, _isProgressive) = (random.Next(4, 17), random.Next(3), random.Next(4, 17), Chance(), Chance());
        (_pictureId, _isArithmetic, _hasBottom) = ((uint)random.Next(256), Chance(), Chance());
        (_first, _second) = (random.Next(1, 6), random.Next(1, 6));
        (_weighsForward, _weighsBoth, _controlsDeblocking, _countsRedundant) = (Chance(), (uint)random.Next(3), Chance(), Chance());
        SequenceSet = WriteSequence((uint)format);
        PictureSet = WritePicture();
    }

    public byte[] SequenceSet { get; }

    public byte[] PictureSet { get; }

    /// <summary>The unit's header, the slice's, and how many bits that is.</summary>
    public (byte[] Header, BitWriter Bits, int Length) Slice()
    {
        Begin();
        var isRefresh = Chance();
        var reference = isRefresh ? 3 : Random.Next(4);
        var type = isRefresh ? 2 : Random.Next(5);
        Golomb(Random.Next(40));
        Golomb(type + (Chance() ? 5 : 0));
        Golomb((int)_pictureId);
        if (_isPlanes) Put(Random.Next(3), 2);
        Put(Random.Next(1 << _numberBits), _numberBits);
        var isField = !_isProgressive && Flag();
        if (isField) Flag();
        if (isRefresh) Golomb(Random.Next(9));
        if (_orderType == 0)
        {
            Put(Random.Next(1 << _orderBits), _orderBits);
            if (_hasBottom && !isField) Signed();
        }

        if (_orderType == 1 && !_isDeltaZero)
        {
            Signed();
            if (_hasBottom && !isField) Signed();
        }

        if (_countsRedundant) Golomb(Random.Next(3));
        WriteLists(type);
        if (reference != 0) WriteMarking(isRefresh);
        if (_isArithmetic && type is not (2 or 4)) Golomb(Random.Next(3));
        Signed();
        if (type == 3) Flag();
        if (type is 3 or 4) Signed();
        if (_controlsDeblocking)
        {
            var idc = Random.Next(3);
            Golomb(idc);
            if (idc != 1)
            {
                Signed();
                Signed();
            }
        }

        return ([(byte)(reference << 5 | (isRefresh ? 5 : 1))], Output, Length);
    }

    private void WriteLists(int type)
    {
        var (isForward, isB) = (type is 0 or 3, type == 1);
        if (!isForward && !isB) return;
        var (first, second) = (_first, isB ? _second : 0);
        if (isB) Flag();
        if (Flag())
        {
            first = Random.Next(1, 33);
            Golomb(first - 1);
            if (isB)
            {
                second = Random.Next(1, 33);
                Golomb(second - 1);
            }
        }

        for (var list = 0; list < (isB ? 2 : 1); list++)
        {
            if (!Flag()) continue;
            for (var left = Random.Next(5); left > 0; left--)
            {
                Golomb(Random.Next(3));
                Golomb(Random.Next(9));
            }

            Golomb(3);
        }

        if (!(isForward ? _weighsForward : _weighsBoth == 1)) return;
        var hasChroma = !_isMonochrome && !_isPlanes;
        Golomb(Random.Next(8));
        if (hasChroma) Golomb(Random.Next(8));
        for (var i = 0; i < first + second; i++)
        {
            if (Flag())
            {
                Signed();
                Signed();
            }

            if (!hasChroma || !Flag()) continue;
            for (var j = 0; j < 4; j++) Signed();
        }
    }

    private void WriteMarking(bool isRefresh)
    {
        if (isRefresh)
        {
            Put(Random.Next(4), 2);
            return;
        }

        if (!Flag()) return;
        for (var left = Random.Next(5); left > 0; left--)
        {
            var operation = Random.Next(1, 7);
            Golomb(operation);
            if (operation is 1 or 3) Golomb(Random.Next(9));
            if (operation == 2) Golomb(Random.Next(9));
            if (operation is 3 or 6) Golomb(Random.Next(9));
            if (operation == 4) Golomb(Random.Next(9));
        }

        Golomb(0);
    }

    private byte[] WriteSequence(uint format)
    {
        var bits = new BitWriter().Bits(244, 8).Bits(0, 8).Bits(30, 8).Golomb(0).Golomb(format);
        if (format == 3) bits.Bits(_isPlanes ? 1u : 0, 1);
        bits.Golomb(0).Golomb(0).Bits(0, 2).Golomb((uint)_numberBits - 4).Golomb((uint)_orderType);
        if (_orderType == 0) bits.Golomb((uint)_orderBits - 4);
        if (_orderType == 1) bits.Bits(_isDeltaZero ? 1u : 0, 1).Golomb(3).Golomb(4).Golomb(2).Golomb(5).Golomb(6);
        bits.Golomb(4).Bits(0, 1).Golomb(39).Golomb(21).Bits(_isProgressive ? 1u : 0, 1);
        if (!_isProgressive) bits.Bits(1, 1);
        return bits.Bits(1, 1).Bits(0, 2).Bits(1, 1).ToNal(0x67);
    }

    private byte[] WritePicture() => new BitWriter()
        .Golomb(_pictureId).Golomb(0).Bits(_isArithmetic ? 1u : 0, 1).Bits(_hasBottom ? 1u : 0, 1).Golomb(0).Golomb((uint)_first - 1).Golomb((uint)_second - 1)
        .Bits(_weighsForward ? 1u : 0, 1).Bits(_weighsBoth, 2).Golomb(7).Golomb(8).Golomb(3)
        .Bits(_controlsDeblocking ? 1u : 0, 1).Bits(Chance() ? 1u : 0, 1).Bits(_countsRedundant ? 1u : 0, 1).Bits(1, 1).ToNal(0x68);
}
