using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Vp9;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>
/// RFC 9628: the pieces behind the descriptors are the frame. The frames of a picture's spatial layers follow one another in one frame, as
/// decoders take them; every one of them must be whole, the lowest layer first.
/// </summary>
internal sealed class Vp9Depacketizer() : Depacketizer(Codec.Vp9)
{
    private bool _isInLayer;
    private bool _hasLayer;
    private Vp9FrameHeader _described;
    private Resolution _announced; // of the highest layer, in this frame's scalability structure

    private protected override void Reset()
    {
        _isInLayer = false;
        _hasLayer = false;
        _announced = default;
    }

    private protected override bool TryAppend(ref FrameBuffer buffer, ReadOnlySpan<byte> payload)
    {
        if (!Vp9Descriptor.TryParse(payload, out var descriptor) || descriptor.StartsFrame == _isInLayer) return false;
        if (!_hasLayer && descriptor.SpatialId != 0) return false;
        if (!descriptor.Resolution.IsEmpty) _announced = descriptor.Resolution;
        _hasLayer = true;
        _isInLayer = !descriptor.EndsFrame;
        return buffer.TryAppend(payload[descriptor.Length..]);
    }

    private protected override bool TryFinish(ref FrameBuffer buffer, bool isAfterGap, out FrameFlags flags)
    {
        flags = FrameFlags.None;
        if (_isInLayer || !Vp9FrameHeader.TryParse(buffer.Current, out var header)) return false;
        if (!header.IsKeyframe) return true;
        flags = FrameFlags.Keyframe;
        var resolution = _announced.IsEmpty ? header.Resolution : _announced;
        if (Format is not null && _described == header && Format.Resolution == resolution) return true;
        _described = header;
        Span<byte> record = stackalloc byte[16];
        var length = VpConfiguration.Of(header.Profile, header.BitDepth, header.ChromaSubsampling, resolution).Write(record);
        Format = new FrameFormat(Codec.Vp9, CodecFacts.ClockRateOf(Codec.Vp9), 0, resolution, record[..length]);
        return true;
    }
}
