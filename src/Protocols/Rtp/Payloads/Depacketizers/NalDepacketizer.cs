using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>
/// What H.264 and H.265 have in common: pieces of units become units behind lengths, parameter sets go into the format, and a keyframe after a gap without the sets
/// that keyframes bring is none.
/// </summary>
internal abstract class NalDepacketizer : Depacketizer
{
    private const int LengthPrefix = 4;

    private readonly int _headerLength;
    private DecodeClock _clock;
    private int _unitStart = -1; // where the length of the unit under way stands; -1 between units
    private ushort _unitHeader;
    private int _reorderDepth = -1; // how many pictures overtake a picture at most; -1 where the stream does not say
    private bool _isReorderNews;
    private bool _keyframesCarrySets;

    private protected NalDepacketizer(Codec codec, int headerLength)
        : base(codec) => _headerLength = headerLength;

    /// <inheritdoc />
    public override bool MayReorder => _reorderDepth > 0 || HasReordered;

    /// <summary>The parameter sets are others than those of the format.</summary>
    private protected bool IsFormatStale { get; set; }

    /// <summary>The frame under way brings a sequence parameter set.</summary>
    private protected bool HasSets { get; set; }

    /// <summary>It has a slice.</summary>
    private protected bool HasSlice { get; set; }

    /// <summary>Decoding can begin with it.</summary>
    private protected bool IsKeyframe { get; set; }

    /// <summary>Others depend on it.</summary>
    private protected bool IsReferenced { get; set; }

    /// <summary>The frame under way refers to what is not there, and is left out.</summary>
    private protected virtual bool IsSkipped => false;

    /// <summary>Looks at a whole unit. False where it breaks the frame; <paramref name="isKept"/> says whether it stays in the frame.</summary>
    private protected abstract bool TryTakeUnit(ReadOnlySpan<byte> nal, out bool isKept);

    /// <summary>Makes a format of the sets there are, and says the new <see cref="SetReorderDepth"/>; the format stays stale where one is missing.</summary>
    private protected abstract void BuildFormat();

    /// <summary>A keyframe is about to be given out.</summary>
    private protected virtual void NoteKeyframe(bool isAfterGap)
    {
    }

    private protected override void Reset()
    {
        _unitStart = -1;
        HasSets = false;
        HasSlice = false;
        IsKeyframe = false;
        IsReferenced = false;
    }

    private protected override bool TryFinish(ref FrameBuffer buffer, bool isAfterGap, out FrameFlags flags)
    {
        flags = FrameFlags.None;
        if (!IsBetweenUnits) return false;
        if (IsFormatStale) BuildFormat();
        if (!HasSlice || IsSkipped)
        {
            buffer.Truncate(0); // sets or messages alone are no picture
            return true;
        }

        // Where keyframes bring their sets, one without them after a gap has lost them, and the old ones may be wrong for it.
        if (IsKeyframe && isAfterGap && _keyframesCarrySets && !HasSets)
        {
            _keyframesCarrySets = false; // once: a stream may send its sets only at its start
            return false;
        }

        if (IsKeyframe)
        {
            _keyframesCarrySets = HasSets;
            NoteKeyframe(isAfterGap);
        }

        flags = (IsKeyframe ? FrameFlags.Keyframe : 0) | (IsReferenced ? 0 : FrameFlags.Disposable);
        return true;
    }

    private protected void SetReorderDepth(int depth)
    {
        _isReorderNews |= depth != _reorderDepth;
        _reorderDepth = depth;
    }

    private bool IsBetweenUnits => _unitStart < 0;

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
        if (isAfterGap || (isKeyframe && _isReorderNews))
        {
            if (!isAfterGap) _isReorderNews = false;
            _clock.Restart(_reorderDepth);
        }

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
}
