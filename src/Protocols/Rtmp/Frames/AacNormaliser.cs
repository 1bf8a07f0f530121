using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtmp.Frames;

/// <summary>AAC. ADTS headers, which some encoders leave before their frames, go.</summary>
internal sealed class AacNormaliser() : FrameNormaliser(Codec.Aac)
{
    private const int AdtsHeader = 7;
    private const int AdtsChecksum = 2;

    public override bool TryConfigure(ReadOnlySpan<byte> record)
    {
        if (record.Length > FrameFormat.MaxConfiguration || !AudioSpecificConfig.TryParse(record, out var config)) return false;
        var rate = config.HasSbr ? config.OutputSampleRate : config.SampleRate;
        var format = new FrameFormat(Codec.Aac, rate, Math.Max(1, config.OutputChannels), default, record);
        if (!format.Equals(Format)) Format = format;
        return true;
    }

    public override FrameFault Normalise(ReadOnlySpan<byte> coded, bool isCalledKeyframe, out NormalFrame frame)
    {
        frame = default;
        if (coded.IsEmpty) return FrameFault.Empty;
        if (coded.Length > MaxFrame) return FrameFault.TooLarge;
        if (Format is null) return FrameFault.NoConfiguration;

        // Raw AAC never begins like this: it would be a frame that ends at once. The header must also say the frame's own length.
        if (coded is [0xff, _, _, _, _, _, _, ..] && (coded[1] & 0xf6) == 0xf0 && ((coded[3] & 3) << 11 | coded[4] << 3 | coded[5] >> 5) == coded.Length)
        {
            var header = AdtsHeader + ((coded[1] & 1) == 0 ? AdtsChecksum : 0);
            if (coded.Length <= header) return FrameFault.Empty;
            coded = coded[header..];
        }

        frame = new NormalFrame { Format = Format, Flags = FrameFlags.Keyframe, Payload = coded };
        return FrameFault.None;
    }
}
