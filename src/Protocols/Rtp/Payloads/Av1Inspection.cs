using Sluice.Protocols.Media.Codecs.Av1;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>Finds frames and coded video sequences in AV1 payloads.</summary>
internal static class Av1Inspection
{
    public static PayloadInspection Inspect(ReadOnlySpan<byte> payload)
    {
        var reader = new Av1PayloadReader(payload);
        if (reader.Malformed) return default;
        var sequence = default(Av1SequenceHeader);
        var hasSequence = false;
        var startsFrame = false;
        byte temporal = 0, spatial = 0;
        while (reader.TryRead(out var element))
        {
            if (!element.Starts || !Av1Obu.TryParse(element.Bytes, out var obu)) continue;
            switch (obu.Header.Type)
            {
                case Av1ObuType.SequenceHeader:
                    hasSequence = true;
                    startsFrame = true;
                    if (element.Ends && Av1SequenceHeader.TryParse(obu.Payload, out var parsed)) sequence = parsed;
                    break;
                case Av1ObuType.Frame or Av1ObuType.FrameHeader:
                    startsFrame = true;
                    temporal = obu.Header.TemporalId;
                    spatial = obu.Header.SpatialId;
                    break;
                case Av1ObuType.TileGroup:
                    temporal = obu.Header.TemporalId;
                    spatial = obu.Header.SpatialId;
                    break;
            }
        }

        return new PayloadInspection
        {
            StartsKeyframe = reader.Header.StartsSequence || hasSequence,
            StartsFrame = startsFrame || reader.Header.StartsSequence,
            Resolution = sequence.Resolution,
            TemporalId = temporal,
            SpatialId = spatial,
        };
    }
}
