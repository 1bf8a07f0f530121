using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>Finds access units, keyframes and parameter sets in H.264 payloads.</summary>
internal static class H264Inspection
{
    public static PayloadInspection Inspect(ReadOnlySpan<byte> payload)
    {
        var reader = new H264PayloadReader(payload);
        var sps = default(H264Sps);
        bool hasSps = false, hasPps = false, hasIdrStart = false, hasOtherSlice = false, startsFrame = false, isReferenced = false;
        var any = false;
        while (reader.TryRead(out var unit))
        {
            var header = new H264NalHeader((byte)unit.Header);
            any = true;
            isReferenced |= header.ReferenceIdc != 0 || header.Type is not (H264NalType.Slice or H264NalType.PartitionA);
            if (!unit.Starts) continue;
            switch (header.Type)
            {
                case H264NalType.IdrSlice:
                    var opensIdr = OpensPicture(unit.Body);
                    hasIdrStart |= opensIdr;
                    startsFrame |= opensIdr;
                    break;
                case H264NalType.Slice or H264NalType.PartitionA:
                    hasOtherSlice = true;
                    startsFrame |= OpensPicture(unit.Body);
                    break;
                case H264NalType.Sps:
                    hasSps = true;
                    startsFrame = true;
                    if (unit.IsWhole && H264Sps.TryParse(unit.Nal, out var parsed)) sps = parsed;
                    break;
                case H264NalType.Pps:
                    hasPps = true;
                    startsFrame = true;
                    break;
                case H264NalType.AccessUnitDelimiter or H264NalType.Sei:
                    startsFrame = true;
                    break;
            }
        }

        return new PayloadInspection
        {
            // A PPS alone may also come before a picture that refers to others; an SPS comes only where decoding can begin.
            StartsKeyframe = hasSps || hasIdrStart || (hasPps && !hasOtherSlice),
            StartsFrame = startsFrame,
            IsNonReference = any && !isReferenced,
            MayReorder = sps.MayReorder,
            Resolution = sps.Resolution,
            ProfileLevelId = sps.ProfileLevelId,
        };
    }

    // first_mb_in_slice comes first; 0 is a single 1 bit.
    private static bool OpensPicture(ReadOnlySpan<byte> body) => !body.IsEmpty && (body[0] & 0x80) != 0;
}
