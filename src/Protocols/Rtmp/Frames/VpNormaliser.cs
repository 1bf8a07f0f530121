using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Vp8;
using Sluice.Protocols.Media.Codecs.Vp9;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtmp.Frames;

/// <summary>VP8 and VP9: frames are normal as they are, and keyframes tell what the configuration record would.</summary>
internal sealed class VpNormaliser(Codec codec) : FrameNormaliser(codec)
{
    private VpConfiguration? _announced;
    private Vp9FrameHeader _described;
    private Resolution _resolution;

    public override bool TryConfigure(ReadOnlySpan<byte> record)
    {
        if (!VpConfiguration.TryParse(record, out var configuration)) return false;
        _announced = configuration;
        Format = null;
        _resolution = default;
        return true;
    }

    public override FrameFault Normalise(ReadOnlySpan<byte> coded, bool isCalledKeyframe, out NormalFrame frame)
    {
        frame = default;
        if (coded.IsEmpty) return FrameFault.Empty;
        if (coded.Length > MaxFrame) return FrameFault.TooLarge;
        if (!TryRead(coded, out var isKeyframe)) return FrameFault.Malformed;
        if (Format is null) return FrameFault.NoConfiguration;
        frame = new NormalFrame { Format = Format, Flags = isKeyframe ? FrameFlags.Keyframe : FrameFlags.None, Payload = coded };
        return FrameFault.None;
    }

    private bool TryRead(ReadOnlySpan<byte> coded, out bool isKeyframe)
    {
        isKeyframe = false;
        if (Codec == Codec.Vp8)
        {
            if (!Vp8FrameHeader.TryParse(coded, out var header)) return false;
            isKeyframe = header.IsKeyframe;
            if (isKeyframe && header.Resolution != _resolution) Describe(_announced ?? VpConfiguration.Of(0, 8, 0, header.Resolution), header.Resolution);
            return true;
        }

        if (!Vp9FrameHeader.TryParse(coded, out var picture)) return false;
        isKeyframe = picture.IsKeyframe;
        if (!isKeyframe || (Format is not null && picture == _described)) return true;
        _described = picture;
        Describe(_announced ?? VpConfiguration.Of(picture.Profile, picture.BitDepth, picture.ChromaSubsampling, picture.Resolution), picture.Resolution);
        return true;
    }

    private void Describe(in VpConfiguration configuration, Resolution resolution)
    {
        _resolution = resolution;
        Span<byte> record = stackalloc byte[16];
        Format = new FrameFormat(Codec, CodecFacts.ClockRateOf(Codec), 0, resolution, record[..configuration.Write(record)]);
    }
}
