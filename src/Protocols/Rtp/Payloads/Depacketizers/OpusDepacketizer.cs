using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Opus;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>RFC 7587 §4.2: a payload is a packet. One that breaks RFC 6716 §3.4 is dropped.</summary>
internal sealed class OpusDepacketizer : Depacketizer
{
    private const int ClockRate = 48_000;

    public OpusDepacketizer(int channels)
        : base(Codec.Opus)
    {
        Span<byte> record = stackalloc byte[OpusHead.MinLength];
        var head = new OpusHead((byte)(channels == 1 ? 1 : 2), 0, ClockRate, 0, 0, 1, (byte)(channels == 1 ? 0 : 1));
        Format = new FrameFormat(Codec.Opus, ClockRate, head.Channels, default, record[..head.Write(record)]);
    }

    private protected override void Reset()
    {
    }

    private protected override bool TryAppend(ref FrameBuffer buffer, ReadOnlySpan<byte> payload) =>
        OpusPacket.TryParse(payload, out _) && buffer.TryAppend(payload);

    private protected override bool TryFinish(ref FrameBuffer buffer, bool isAfterGap, out FrameFlags flags)
    {
        flags = FrameFlags.Keyframe;
        return true;
    }
}
