using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Vp8;
using Sluice.Protocols.Media.Codecs.Vp9;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>RFC 7741: the pieces behind the descriptors are the frame. A frame must begin with the start of partition 0.</summary>
internal sealed class Vp8Depacketizer() : Depacketizer(Codec.Vp8)
{
    private bool _hasStart;
    private bool _isDisposable;
    private byte _version;

    private protected override void Reset()
    {
        _hasStart = false;
        _isDisposable = false;
    }

    private protected override bool TryAppend(ref FrameBuffer buffer, ReadOnlySpan<byte> payload)
    {
        if (!Vp8Descriptor.TryParse(payload, out var descriptor) || descriptor.StartsFrame == _hasStart) return false;
        _hasStart = true;
        _isDisposable = descriptor.IsNonReference;
        return buffer.TryAppend(payload[descriptor.Length..]);
    }

    private protected override bool TryFinish(ref FrameBuffer buffer, bool isAfterGap, out FrameFlags flags)
    {
        flags = _isDisposable ? FrameFlags.Disposable : FrameFlags.None;
        if (!Vp8FrameHeader.TryParse(buffer.Current, out var header)) return false;
        if (!header.IsKeyframe) return true;
        flags |= FrameFlags.Keyframe;
        if (Format is not null && Format.Resolution == header.Resolution && _version == header.Version) return true;
        _version = header.Version;
        Span<byte> record = stackalloc byte[16];
        var length = VpConfiguration.Of(header.Version, 8, 1, header.Resolution).Write(record);
        Format = new FrameFormat(Codec.Vp8, CodecFacts.ClockRateOf(Codec.Vp8), 0, header.Resolution, record[..length]);
        return true;
    }
}
