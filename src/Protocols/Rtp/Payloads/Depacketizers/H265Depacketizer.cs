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
    private bool _skipsLeading;
    private bool _isLeading;

    /// <param name="parameters">The format's own; sprop-vps, sprop-sps and sprop-pps are read (RFC 7798 §7.1).</param>
    public H265Depacketizer(string parameters)
        : base(Codec.H265, H265NalHeader.Length)
    {
        TakeSets(parameters, "sprop-vps");
        TakeSets(parameters, "sprop-sps");
        TakeSets(parameters, "sprop-pps");
    }

    private protected override bool IsSkipped => _isLeading && _skipsLeading;

    private protected override void NoteKeyframe(bool isAfterGap) => _skipsLeading = isAfterGap || NeedsKeyframe;

    private protected override void Reset()
    {
        base.Reset();
        _isLeading = false;
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
                HasSets = true;
                return TryKeepSequenceSet(nal);
            case H265NalType.Pps:
                return TryKeepPictureSet(nal);
            case H265NalType.AccessUnitDelimiter or H265NalType.Filler or >= H265NalType.Aggregation:
                return true;
        }

        isKept = true;
        if (!header.IsSlice) return true;
        if (!HasSlice && (nal.Length < 3 || (nal[2] & 0x80) == 0)) return false; // first_slice_segment_in_pic_flag
        HasSlice = true;
        IsKeyframe |= header.IsRandomAccess;
        _isLeading |= header.Type is SkippedLeading or SkippedLeadingReference;
        IsReferenced |= !header.IsNonReference;
        return true;
    }

    private bool TryKeepVideoSet(ReadOnlySpan<byte> nal)
    {
        if (nal.Length < 3 || !_videoSets.TryKeep(nal[2] >> 4, 0, nal, out var isNews)) return false;
        IsFormatStale |= isNews;
        return true;
    }

    private bool TryKeepSequenceSet(ReadOnlySpan<byte> nal)
    {
        if (!H265Sps.TryParse(nal, out var sps) || !_sequenceSets.TryKeep(sps.Id, 0, nal, out var isNews)) return false;
        if (!isNews) return true;
        _pictureSets.RemoveOwnedBy(sps.Id);
        IsFormatStale = true;
        return true;
    }

    private bool TryKeepPictureSet(ReadOnlySpan<byte> nal)
    {
        Span<byte> front = stackalloc byte[16];
        var reader = new BitReader(front[..EmulationPrevention.Remove(nal[H265NalHeader.Length..], front)]);
        var id = reader.UnsignedExpGolomb();
        var owner = reader.UnsignedExpGolomb();
        if (reader.Overrun || id > 63 || owner > 15 || !_pictureSets.TryKeep((int)id, (int)owner, nal, out var isNews)) return false;
        IsFormatStale |= isNews;
        return true;
    }

    // Stays stale until there is a set of each kind.
    private protected override void BuildFormat()
    {
        if (_videoSets.Sets.IsEmpty || _sequenceSets.Sets.IsEmpty || _pictureSets.Sets.IsEmpty) return;
        if (!H265Sps.TryParse(_sequenceSets.Sets[0], out var sps)) return;
        Span<byte> record = stackalloc byte[FrameFormat.MaxConfiguration];
        var length = HevcConfiguration.Write(record, _videoSets.Sets, _sequenceSets.Sets, _pictureSets.Sets);
        if (length == 0) return;
        IsFormatStale = false;
        Format = new FrameFormat(Codec.H265, CodecFacts.ClockRateOf(Codec.H265), 0, sps.Resolution, record[..length]);
        SetReorderDepth(sps.MaxReorderFrames);
    }
}
