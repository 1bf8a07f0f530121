using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>
/// RFC 7798 without decoding order numbers. Access unit delimiters, filler, parameter sets and layers above the base leave the frame; a
/// frame must begin with its first slice segment. After a gap the leading pictures that refer to what was before the keyframe are dropped.
/// </summary>
internal sealed class H265Depacketizer : NalDepacketizer
{
    private const H265NalType SkippedLeading = (H265NalType)8, SkippedLeadingReference = (H265NalType)9; // RASL_N and RASL_R

    private readonly ParameterSetTable _videoSets = new();
    private readonly ParameterSetTable _sequenceSets = new();
    private readonly ParameterSetTable _pictureSets = new();
    private H265Sps _sps;
    private int _reorderDepth = -1;
    private bool _isFormatStale;
    private bool _isReorderNews;
    private bool _keyframesCarrySets;
    private bool _skipsLeading;
    private bool _hasSets;
    private bool _hasSlice;
    private bool _isRandomAccess;
    private bool _isLeading;
    private bool _isReferenced;

    /// <param name="parameters">The format's own; sprop-vps, sprop-sps and sprop-pps are read (RFC 7798 §7.1).</param>
    public H265Depacketizer(string parameters)
        : base(Codec.H265, H265NalHeader.Length)
    {
        TakeSets(parameters, "sprop-vps");
        TakeSets(parameters, "sprop-sps");
        TakeSets(parameters, "sprop-pps");
    }

    private protected override bool AnnouncesReordering => _sps.MaxReorderFrames > 0;

    private protected override int ReorderDepth => _reorderDepth;

    private protected override void Reset()
    {
        base.Reset();
        _hasSets = false;
        _hasSlice = false;
        _isRandomAccess = false;
        _isLeading = false;
        _isReferenced = false;
    }

    private protected override bool TryAppend(ref FrameBuffer buffer, ReadOnlySpan<byte> payload)
    {
        var reader = new H265PayloadReader(payload);
        while (reader.TryRead(out var fragment))
        {
            if (!TryAppend(ref buffer, fragment)) return false;
        }

        return !reader.Malformed;
    }

    private protected override bool TryTakeUnit(ReadOnlySpan<byte> nal, out bool isKept)
    {
        isKept = false;
        if (!H265NalHeader.TryRead(nal, out var header) || header.IsDamaged) return false;
        if (header.LayerId != 0) return true;
        switch (header.Type)
        {
            case H265NalType.Vps:
                return TryKeepVideoSet(nal);
            case H265NalType.Sps:
                _hasSets = true;
                return TryKeepSequenceSet(nal);
            case H265NalType.Pps:
                return TryKeepPictureSet(nal);
            case H265NalType.AccessUnitDelimiter or H265NalType.Filler or >= H265NalType.Aggregation:
                return true;
        }

        isKept = true;
        if (!header.IsSlice) return true;
        if (!_hasSlice && (nal.Length < 3 || (nal[2] & 0x80) == 0)) return false; // first_slice_segment_in_pic_flag
        _hasSlice = true;
        _isRandomAccess |= header.IsRandomAccess;
        _isLeading |= header.Type is SkippedLeading or SkippedLeadingReference;
        _isReferenced |= !header.IsNonReference;
        return true;
    }

    private protected override bool TryFinish(ref FrameBuffer buffer, bool isAfterGap, out FrameFlags flags)
    {
        flags = FrameFlags.None;
        if (!IsBetweenUnits) return false;
        if (_isFormatStale) BuildFormat();
        if (!_hasSlice || (_isLeading && _skipsLeading))
        {
            buffer.Truncate(0);
            return true;
        }

        if (_isRandomAccess && isAfterGap && _keyframesCarrySets && !_hasSets)
        {
            _keyframesCarrySets = false; // once: a stream may send its sets only at its start
            return false;
        }

        if (_isRandomAccess)
        {
            _keyframesCarrySets = _hasSets;
            _skipsLeading = isAfterGap || NeedsKeyframe;
        }

        flags = (_isRandomAccess ? FrameFlags.Keyframe : 0) | (_isReferenced ? 0 : FrameFlags.Disposable);
        return true;
    }

    private protected override bool TakeReorderChange()
    {
        var isNews = _isReorderNews;
        _isReorderNews = false;
        return isNews;
    }

    private bool TryKeepVideoSet(ReadOnlySpan<byte> nal)
    {
        if (nal.Length < 3 || !_videoSets.TryKeep(nal[2] >> 4, 0, nal, out var isNews)) return false;
        _isFormatStale |= isNews;
        return true;
    }

    private bool TryKeepSequenceSet(ReadOnlySpan<byte> nal)
    {
        if (!H265Sps.TryParse(nal, out var sps) || !_sequenceSets.TryKeep(sps.Id, 0, nal, out var isNews)) return false;
        if (!isNews) return true;
        _pictureSets.RemoveOwnedBy(sps.Id);
        _isFormatStale = true;
        return true;
    }

    private bool TryKeepPictureSet(ReadOnlySpan<byte> nal)
    {
        Span<byte> front = stackalloc byte[16];
        var reader = new BitReader(front[..EmulationPrevention.Remove(nal[H265NalHeader.Length..], front)]);
        var id = reader.UnsignedExpGolomb();
        var owner = reader.UnsignedExpGolomb();
        if (reader.Overrun || id > 63 || owner > 15 || !_pictureSets.TryKeep((int)id, (int)owner, nal, out var isNews)) return false;
        _isFormatStale |= isNews;
        return true;
    }

    // Stays stale until there is a set of each kind.
    private void BuildFormat()
    {
        if (_videoSets.Sets.IsEmpty || _sequenceSets.Sets.IsEmpty || _pictureSets.Sets.IsEmpty) return;
        if (!H265Sps.TryParse(_sequenceSets.Sets[0], out _sps)) return;
        Span<byte> record = stackalloc byte[FrameFormat.MaxConfiguration];
        var length = HevcConfiguration.Write(record, _videoSets.Sets, _sequenceSets.Sets, _pictureSets.Sets);
        if (length == 0) return;
        _isFormatStale = false;
        Format = new FrameFormat(Codec.H265, CodecFacts.ClockRateOf(Codec.H265), 0, _sps.Resolution, record[..length]);
        _isReorderNews |= _sps.MaxReorderFrames != _reorderDepth;
        _reorderDepth = _sps.MaxReorderFrames;
    }
}
