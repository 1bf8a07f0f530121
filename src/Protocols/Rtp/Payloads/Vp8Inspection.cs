using Sluice.Protocols.Media.Codecs.Vp8;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>Finds frames and keyframes in VP8 payloads.</summary>
internal static class Vp8Inspection
{
    public static PayloadInspection Inspect(ReadOnlySpan<byte> payload)
    {
        if (!Vp8Descriptor.TryParse(payload, out var descriptor)) return default;
        var isKeyframe = StartsKeyframe(payload, descriptor);
        var resolution = isKeyframe && Vp8FrameHeader.TryParse(payload[descriptor.Length..], out var header) ? header.Resolution : default;
        return new PayloadInspection
        {
            StartsKeyframe = isKeyframe,
            StartsFrame = descriptor.StartsFrame,
            IsNonReference = descriptor.IsNonReference,
            IsSwitchingUpPoint = descriptor.IsLayerSync,
            Resolution = resolution,
            TemporalId = descriptor.TemporalId,
            Ids = descriptor.Ids,
        };
    }

    /// <summary>The inverse key frame flag is the lowest bit of the frame's first byte (RFC 7741 §4.3).</summary>
    public static bool StartsKeyframe(ReadOnlySpan<byte> payload, in Vp8Descriptor descriptor) =>
        descriptor.StartsFrame && (payload[descriptor.Length] & 1) == 0;
}
