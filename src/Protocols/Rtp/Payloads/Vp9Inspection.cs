using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Vp9;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>Finds frames and keyframes in VP9 payloads.</summary>
internal static class Vp9Inspection
{
    public static PayloadInspection Inspect(ReadOnlySpan<byte> payload)
    {
        if (!Vp9Descriptor.TryParse(payload, out var descriptor)) return default;
        return new PayloadInspection
        {
            StartsKeyframe = descriptor.StartsKeyframe,
            StartsFrame = descriptor.StartsFrame,
            EndsFrame = descriptor.EndsFrame,
            IsSwitchingUpPoint = descriptor.IsSwitchingUpPoint,
            Resolution = ResolutionOf(payload, descriptor),
            TemporalId = descriptor.TemporalId,
            SpatialId = descriptor.SpatialId,
            Ids = descriptor.Ids,
        };
    }

    // The scalability structure speaks for the highest layer, the frame header for its own.
    private static Resolution ResolutionOf(ReadOnlySpan<byte> payload, in Vp9Descriptor descriptor)
    {
        if (!descriptor.Resolution.IsEmpty || !descriptor.StartsKeyframe) return descriptor.Resolution;
        return Vp9FrameHeader.TryParse(payload[descriptor.Length..], out var header) ? header.Resolution : default;
    }
}
