using System.Numerics;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// One packet status chunk of a transport feedback, from which symbols are taken in order
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.3 and §3.1.4).
/// </summary>
internal struct StatusChunk
{
    public const int NotReceived = 0;
    public const int SmallDelta = 1;
    public const int LargeDelta = 2;
    public const int LongestRun = 0x1fff;
    public const int OneBitSymbols = 14;

    private readonly bool _isRun;
    private readonly int _symbolBits;
    private ushort _bits; // the symbols left, highest bits first; for a run the one symbol

    public StatusChunk(ushort wire)
    {
        _isRun = wire >> 15 == 0;
        if (_isRun)
        {
            _symbolBits = 2;
            _bits = (ushort)(wire >> 13 & 3);
            Length = wire & LongestRun;
        }
        else
        {
            _symbolBits = (wire >> 14 & 1) + 1;
            _bits = (ushort)(wire << 2);
            Length = OneBitSymbols / _symbolBits;
        }
    }

    /// <summary>Symbols left.</summary>
    public int Length { get; private set; }

    /// <summary>Takes the next symbol.</summary>
    public int Take()
    {
        Length--;
        if (_isRun) return _bits;
        var symbol = _bits >> (16 - _symbolBits);
        _bits = (ushort)(_bits << _symbolBits);
        return symbol;
    }

    /// <summary>The delta bytes that the first so many symbols need; false where one of them is reserved.</summary>
    public readonly bool TryCountDeltaBytes(int symbols, out int bytes)
    {
        bytes = 0;
        if (_isRun)
        {
            bytes = _bits * symbols;
            return _bits <= LargeDelta;
        }

        if (_symbolBits == 1)
        {
            bytes = BitOperations.PopCount((uint)(_bits >> (16 - symbols)));
            return true;
        }

        for (var i = 0; i < symbols; i++)
        {
            var symbol = _bits >> (14 - i * 2) & 3;
            if (symbol > LargeDelta) return false;
            bytes += symbol;
        }

        return true;
    }

    public static ushort Run(int symbol, int length) => (ushort)(symbol << 13 | length);
}
