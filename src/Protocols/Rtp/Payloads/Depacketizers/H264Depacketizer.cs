using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>
/// RFC 6184, every packet type in sequence order. Access unit delimiters, filler and parameter sets leave the frame; a frame must begin with
/// the slice of the first macroblock. Keyframes are IDR pictures; a stream that refreshes without them delivers nothing.
/// </summary>
internal sealed class H264Depacketizer : NalDepacketizer
{
    private readonly ParameterSetTable _sequenceSets = new();
    private readonly ParameterSetTable _pictureSets = new();

    /// <param name="parameters">The format's own; sprop-parameter-sets is read (RFC 6184 §8.1).</param>
    public H264Depacketizer(string parameters)
        : base(Codec.H264, 1) => TakeSets(parameters, "sprop-parameter-sets");

    private protected override bool TryAppend(ref FrameBuffer buffer, ReadOnlySpan<byte> payload)
    {
        var reader = new H264PayloadReader(payload);
        while (reader.TryRead(out var fragment))
        {
            if (!TryAppend(ref buffer, fragment)) return false;
        }

        return !reader.Malformed;
    }

    private protected override bool TryTakeUnit(ReadOnlySpan<byte> nal, out bool isKept)
    {
        isKept = false;
        var header = new H264NalHeader(nal[0]);
        if (header.IsDamaged) return false;
        switch (header.Type)
        {
            case H264NalType.Sps:
                HasSets = true;
                return TryKeepSequenceSet(nal);
            case H264NalType.Pps:
                return TryKeepPictureSet(nal);
            case H264NalType.AccessUnitDelimiter or H264NalType.Filler or H264NalType.Unspecified or >= H264NalType.StapA:
                return true;
            case H264NalType.Slice or H264NalType.PartitionA or H264NalType.IdrSlice:
                // first_mb_in_slice of the picture's first slice is 0, a single 1 bit. Slices may come in any order in profiles nobody uses.
                if (!HasSlice && (nal.Length < 2 || (nal[1] & 0x80) == 0)) return false;
                HasSlice = true;
                IsKeyframe |= header.Type == H264NalType.IdrSlice;
                IsReferenced |= header.ReferenceIdc != 0;
                break;
        }

        isKept = true;
        return true;
    }

    private bool TryKeepSequenceSet(ReadOnlySpan<byte> nal)
    {
        if (!H264Sps.TryParse(nal, out var sps) || !_sequenceSets.TryKeep(sps.Id, 0, nal, out var isNews)) return false;
        if (!isNews) return true;
        _pictureSets.RemoveOwnedBy(sps.Id);
        IsFormatStale = true;
        return true;
    }

    private bool TryKeepPictureSet(ReadOnlySpan<byte> nal)
    {
        Span<byte> front = stackalloc byte[16];
        var reader = new BitReader(front[..EmulationPrevention.Remove(nal[1..], front)]);
        var id = reader.UnsignedExpGolomb();
        var owner = reader.UnsignedExpGolomb();
        if (reader.Overrun || id > 255 || owner > 31 || !_pictureSets.TryKeep((int)id, (int)owner, nal, out var isNews)) return false;
        IsFormatStale |= isNews;
        return true;
    }

    // Stays stale until there is a set of each kind.
    private protected override void BuildFormat()
    {
        if (_sequenceSets.Sets.IsEmpty || _pictureSets.Sets.IsEmpty || !H264Sps.TryParse(_sequenceSets.Sets[0], out var sps)) return;
        Span<byte> record = stackalloc byte[FrameFormat.MaxConfiguration];
        var length = AvcConfiguration.Write(record, _sequenceSets.Sets, _pictureSets.Sets);
        if (length == 0) return;
        IsFormatStale = false;
        Format = new FrameFormat(Codec.H264, CodecFacts.ClockRateOf(Codec.H264), 0, sps.Resolution, record[..length]);
        SetReorderDepth(sps.MayReorder ? sps.MaxReorderFrames : 0);
    }
}
