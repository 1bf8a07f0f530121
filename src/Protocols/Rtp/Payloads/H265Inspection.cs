using Sluice.Protocols.Media.Codecs.H265;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>Finds access units, keyframes and parameter sets in H.265 payloads.</summary>
internal static class H265Inspection
{
    public static PayloadInspection Inspect(ReadOnlySpan<byte> payload)
    {
        var reader = new H265PayloadReader(payload);
        var sps = default(H265Sps);
        bool hasSequenceSet = false, hasPps = false, hasRandomAccess = false, hasOtherSlice = false, startsFrame = false, isReferenced = false;
        byte temporal = 0;
        var any = false;
        while (reader.TryRead(out var unit))
        {
            var header = new H265NalHeader(unit.Header);
            if (header.LayerId != 0) continue; // enhancement layers of scalable streams
            any = true;
            temporal = (byte)header.TemporalId;
            isReferenced |= !header.IsNonReference;
            if (!unit.Starts) continue;
            if (header.IsSlice)
            {
                var opensPicture = !unit.Body.IsEmpty && (unit.Body[0] & 0x80) != 0; // first_slice_segment_in_pic_flag
                startsFrame |= opensPicture;
                hasRandomAccess |= opensPicture && header.IsRandomAccess;
                hasOtherSlice |= !header.IsRandomAccess;
                continue;
            }

            startsFrame |= header.IsParameterSet || header.Type is H265NalType.AccessUnitDelimiter or H265NalType.PrefixSei;
            hasSequenceSet |= header.Type is H265NalType.Vps or H265NalType.Sps;
            hasPps |= header.Type == H265NalType.Pps;
            if (header.Type == H265NalType.Sps && unit.IsWhole && H265Sps.TryParse(unit.Nal, out var parsed)) sps = parsed;
        }

        return new PayloadInspection
        {
            StartsKeyframe = hasSequenceSet || hasRandomAccess || (hasPps && !hasOtherSlice),
            StartsFrame = startsFrame,
            IsNonReference = any && !isReferenced,
            MayReorder = sps.MaxReorderFrames > 0,
            Resolution = sps.Resolution,
            TemporalId = temporal,
        };
    }
}
