using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Frames;

/// <summary>H.265. A keyframe is any random access picture; layers above the base leave the frame.</summary>
internal sealed class H265Normaliser() : NalNormaliser(Codec.H265)
{
    private readonly ParameterSetTable _videoSets = new();
    private readonly ParameterSetTable _sequenceSets = new();
    private readonly ParameterSetTable _pictureSets = new();
    private bool _isStale;
    private bool _announcesReordering;
    private bool _hasSlice;
    private bool _isRandomAccess;
    private bool _isReferenced;

    public override bool AnnouncesReordering => _announcesReordering;

    public override bool TryConfigure(ReadOnlySpan<byte> record)
    {
        if (!HevcConfiguration.TryParse(record, out var configuration)) return false;
        LengthSize = configuration.LengthSize;
        var sets = configuration.Sets;
        while (sets.TryRead(out _, out var nal)) Keep(nal);
        if (_isStale) Rebuild();
        return true;
    }

    private protected override void BeginFrame(bool isCalledKeyframe)
    {
        _hasSlice = false;
        _isRandomAccess = false;
        _isReferenced = false;
    }

    private protected override bool Takes(ReadOnlySpan<byte> nal)
    {
        if (!Stays(nal))
        {
            Keep(nal);
            return false;
        }

        H265NalHeader.TryRead(nal, out var header);
        if (!header.IsSlice) return true;
        _hasSlice = true;
        _isRandomAccess |= header.IsRandomAccess;
        _isReferenced |= !header.IsNonReference;
        return true;
    }

    private protected override bool Stays(ReadOnlySpan<byte> nal) => H265NalHeader.TryRead(nal, out var header) && header.LayerId == 0
        && !header.IsParameterSet && header.Type is not (H265NalType.AccessUnitDelimiter or H265NalType.Filler or >= H265NalType.Aggregation);

    private protected override bool EndFrame(out FrameFlags flags)
    {
        if (_isStale) Rebuild();
        flags = (_isRandomAccess ? FrameFlags.Keyframe : 0) | (_isReferenced ? 0 : FrameFlags.Disposable);
        return _hasSlice;
    }

    private void Keep(ReadOnlySpan<byte> nal)
    {
        if (!H265NalHeader.TryRead(nal, out var header) || header.LayerId != 0 || nal.Length < 3) return;
        var isNews = false;
        switch (header.Type)
        {
            case H265NalType.Vps:
                _videoSets.TryKeep(nal[2] >> 4, nal, out isNews);
                break;
            case H265NalType.Sps when H265Sps.TryParse(nal, out var sps):
                _sequenceSets.TryKeep(sps.Id, nal, out isNews);
                break;
            case H265NalType.Pps:
                Span<byte> front = stackalloc byte[16];
                var reader = new BitReader(front[..EmulationPrevention.Remove(nal[H265NalHeader.Length..], front)]);
                var id = reader.UnsignedExpGolomb();
                if (!reader.Overrun && id <= 63) _pictureSets.TryKeep((int)id, nal, out isNews);
                break;
        }

        _isStale |= isNews;
    }

    // Stays stale until there is a set of each kind.
    private void Rebuild()
    {
        if (_videoSets.Sets.IsEmpty || _sequenceSets.Sets.IsEmpty || _pictureSets.Sets.IsEmpty) return;
        if (!H265Sps.TryParse(_sequenceSets.Sets[0], out var sps)) return;
        Span<byte> record = stackalloc byte[FrameFormat.MaxConfiguration];
        var length = HevcConfiguration.Write(record, _videoSets.Sets, _sequenceSets.Sets, _pictureSets.Sets);
        _isStale = false;
        if (length == 0) return;
        Format = new FrameFormat(Codec.H265, CodecFacts.ClockRateOf(Codec.H265), 0, sps.Resolution, record[..length]);
        _announcesReordering = sps.MaxReorderFrames > 0;
    }
}
