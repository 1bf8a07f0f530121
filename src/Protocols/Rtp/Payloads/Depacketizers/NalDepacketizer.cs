using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>What H.264 and H.265 have in common: pieces of units become units behind lengths, parameter sets go into the format.</summary>
internal abstract class NalDepacketizer : Depacketizer
{
    private const int LengthPrefix = 4;

    private readonly int _headerLength;
    private DecodeClock _clock;
    private int _unitStart = -1; // where the length of the unit under way stands; -1 between units
    private ushort _unitHeader;

    private protected NalDepacketizer(Codec codec, int headerLength)
        : base(codec) => _headerLength = headerLength;

    /// <inheritdoc />
    public override bool MayReorder => AnnouncesReordering || HasReordered;

    private protected abstract bool AnnouncesReordering { get; }

    /// <summary>How many pictures overtake a picture at most; -1 where the stream does not say.</summary>
    private protected abstract int ReorderDepth { get; }

    /// <summary>Looks at a whole unit. False where it breaks the frame; <paramref name="isKept"/> says whether it stays in the frame.</summary>
    private protected abstract bool TryTakeUnit(ReadOnlySpan<byte> nal, out bool isKept);

    private protected override void Reset() => _unitStart = -1;

    private protected bool IsBetweenUnits => _unitStart < 0;

    /// <summary>Adds a piece; false where it does not follow the one before, or the frame gets too large.</summary>
    private protected bool TryAppend(ref FrameBuffer buffer, in NalFragment fragment)
    {
        if (fragment.Starts != IsBetweenUnits || (!fragment.Starts && fragment.Header != _unitHeader)) return false;
        if (fragment.Starts)
        {
            _unitStart = buffer.Length;
            _unitHeader = fragment.Header;
            if (!buffer.TryReserve(LengthPrefix + _headerLength, out var front)) return false;
            if (_headerLength == 1) front[LengthPrefix] = (byte)fragment.Header;
            else BinaryPrimitives.WriteUInt16BigEndian(front[LengthPrefix..], fragment.Header);
        }

        if (!buffer.TryAppend(fragment.Body)) return false;
        if (!fragment.Ends) return true;
        var unit = buffer.Current[_unitStart..];
        BinaryPrimitives.WriteInt32BigEndian(unit, unit.Length - LengthPrefix);
        if (!TryTakeUnit(unit[LengthPrefix..], out var isKept)) return false;
        if (!isKept) buffer.Truncate(_unitStart);
        _unitStart = -1;
        return true;
    }

    private protected override long DecodeTimeOf(long timestamp, bool isAfterGap, bool isKeyframe)
    {
        if (isAfterGap || (isKeyframe && TakeReorderChange())) _clock.Restart(ReorderDepth);
        return _clock.Next(timestamp);
    }

    /// <summary>Takes the parameter sets a description brought under a key, in Base64 with commas between; what cannot be read is left out.</summary>
    private protected void TakeSets(ReadOnlySpan<char> parameters, ReadOnlySpan<char> key)
    {
        Span<byte> nal = stackalloc byte[ParameterSetTable.MaxLength];
        var list = SdpFormatParameters.ValueOf(parameters, key);
        foreach (var range in list.Split(','))
        {
            if (Convert.TryFromBase64Chars(list[range], nal, out var length) && length > _headerLength) TryTakeUnit(nal[..length], out _);
        }
    }

    /// <summary>True once after <see cref="ReorderDepth"/> has changed.</summary>
    private protected abstract bool TakeReorderChange();
}
