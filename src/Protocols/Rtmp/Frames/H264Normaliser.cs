using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Frames;

/// <summary>
/// H.264. A keyframe is an IDR picture, or a picture with a recovery point of no delay that the tag calls a keyframe: encoders with open picture groups send
/// no other.
/// </summary>
internal sealed class H264Normaliser() : NalNormaliser(Codec.H264)
{
    private const int RecoveryPoint = 6;

    private readonly ParameterSetTable _sequenceSets = new();
    private readonly ParameterSetTable _pictureSets = new();
    private bool _isStale;
    private bool _announcesReordering;
    private bool _isCalledKeyframe;
    private bool _hasSlice;
    private bool _hasIdr;
    private bool _hasRecoveryPoint;
    private bool _isReferenced;

    public override bool AnnouncesReordering => _announcesReordering;

    public override bool TryConfigure(ReadOnlySpan<byte> record)
    {
        if (!AvcConfiguration.TryParse(record, out var configuration)) return false;
        LengthSize = configuration.LengthSize;
        var sets = configuration.SequenceSets;
        while (sets.TryRead(out var nal)) Keep(nal);
        sets = configuration.PictureSets;
        while (sets.TryRead(out var nal)) Keep(nal);
        if (_isStale) Rebuild();
        return true;
    }

    private protected override void BeginFrame(bool isCalledKeyframe)
    {
        _isCalledKeyframe = isCalledKeyframe;
        _hasSlice = false;
        _hasIdr = false;
        _hasRecoveryPoint = false;
        _isReferenced = false;
    }

    private protected override bool Takes(ReadOnlySpan<byte> nal)
    {
        var header = new H264NalHeader(nal[0]);
        switch (header.Type)
        {
            case H264NalType.Sps or H264NalType.Pps:
                Keep(nal);
                return false;
            case H264NalType.Slice or H264NalType.PartitionA or H264NalType.IdrSlice:
                _hasSlice = true;
                _hasIdr |= header.Type == H264NalType.IdrSlice;
                _isReferenced |= header.ReferenceIdc != 0;
                break;
            case H264NalType.Sei when _isCalledKeyframe:
                _hasRecoveryPoint |= IsRecoveryPoint(nal[1..]);
                break;
        }

        return Stays(nal);
    }

    private protected override bool Stays(ReadOnlySpan<byte> nal) => new H264NalHeader(nal[0]).Type is not (H264NalType.Sps or H264NalType.Pps
        or H264NalType.AccessUnitDelimiter or H264NalType.Filler or H264NalType.Unspecified or >= H264NalType.StapA);

    private protected override bool EndFrame(out FrameFlags flags)
    {
        if (_isStale) Rebuild();
        flags = (_hasIdr || _hasRecoveryPoint ? FrameFlags.Keyframe : 0) | (_isReferenced ? 0 : FrameFlags.Disposable);
        return _hasSlice;
    }

    private void Keep(ReadOnlySpan<byte> nal)
    {
        if (nal.IsEmpty) return;
        var isNews = false;
        if (new H264NalHeader(nal[0]).Type == H264NalType.Sps)
        {
            if (H264Sps.TryParse(nal, out var sps)) _sequenceSets.TryKeep(sps.Id, nal, out isNews);
        }
        else
        {
            Span<byte> front = stackalloc byte[16];
            var reader = new BitReader(front[..EmulationPrevention.Remove(nal[1..], front)]);
            var id = reader.UnsignedExpGolomb();
            if (!reader.Overrun && id <= 255) _pictureSets.TryKeep((int)id, nal, out isNews);
        }

        _isStale |= isNews;
    }

    // Stays stale until there is a set of each kind.
    private void Rebuild()
    {
        if (_sequenceSets.Sets.IsEmpty || _pictureSets.Sets.IsEmpty || !H264Sps.TryParse(_sequenceSets.Sets[0], out var sps)) return;
        Span<byte> record = stackalloc byte[FrameFormat.MaxConfiguration];
        var length = AvcConfiguration.Write(record, _sequenceSets.Sets, _pictureSets.Sets);
        _isStale = false;
        if (length == 0) return;
        Format = new FrameFormat(Codec.H264, CodecFacts.ClockRateOf(Codec.H264), 0, sps.Resolution, record[..length]);
        _announcesReordering = sps.MaxReorderFrames > 0;
    }

    // The messages of a unit come one after another, type and size each in bytes of 255 and a last one (H.264 §7.3.2.3.1).
    private static bool IsRecoveryPoint(ReadOnlySpan<byte> messages)
    {
        while (messages.Length > 2)
        {
            var type = ReadNumber(ref messages);
            var size = ReadNumber(ref messages);
            if (size > messages.Length || size == 0) return false;
            if (type == RecoveryPoint) return (messages[0] & 0x80) != 0; // recovery_frame_cnt 0
            messages = messages[size..];
        }

        return false;
    }

    private static int ReadNumber(ref ReadOnlySpan<byte> bytes)
    {
        var number = 0;
        while (bytes is [255, ..])
        {
            number += 255;
            bytes = bytes[1..];
        }

        if (bytes.IsEmpty) return number;
        number += bytes[0];
        bytes = bytes[1..];
        return number;
    }
}
