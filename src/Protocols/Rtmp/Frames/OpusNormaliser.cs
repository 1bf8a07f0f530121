using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Opus;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtmp.Frames;

/// <summary>Opus. Without a header the packets themselves say how many channels there are.</summary>
internal sealed class OpusNormaliser() : FrameNormaliser(Codec.Opus)
{
    private const int ClockRate = 48_000;

    public override bool TryConfigure(ReadOnlySpan<byte> record)
    {
        if (record.Length > FrameFormat.MaxConfiguration || !OpusHead.TryParse(record, out var head)) return false;
        var format = new FrameFormat(Codec.Opus, ClockRate, head.Channels, default, record);
        if (!format.Equals(Format)) Format = format;
        return true;
    }

    public override FrameFault Normalise(ReadOnlySpan<byte> coded, bool isCalledKeyframe, out NormalFrame frame)
    {
        frame = default;
        if (coded.IsEmpty) return FrameFault.Empty;
        if (!OpusPacket.TryParse(coded, out var packet)) return FrameFault.Malformed;
        if (Format is null)
        {
            Span<byte> record = stackalloc byte[OpusHead.MinLength];
            var channels = (byte)packet.Channels;
            var head = new OpusHead(channels, 0, ClockRate, 0, 0, 1, (byte)(channels == 1 ? 0 : 1));
            Format = new FrameFormat(Codec.Opus, ClockRate, channels, default, record[..head.Write(record)]);
        }

        frame = new NormalFrame { Format = Format, Flags = FrameFlags.Keyframe, Payload = coded };
        return FrameFault.None;
    }
}
