using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Packetizers;

/// <summary>RFC 7587 §4.2: a packet is a payload.</summary>
internal sealed class OpusPacketizer(int maxPayload) : Packetizer(Codec.Opus, Math.Max(maxPayload, MaxPacket))
{
    // The longest frame there is (1275 bytes, RFC 6716 §3.2.1) and a few bytes of packing; its datagram still fits into an Ethernet frame.
    private const int MaxPacket = 1300;

    private bool _isPlanned;

    private protected override bool Plan(in Frame frame)
    {
        _isPlanned = frame.Payload.Length is > 0 && frame.Payload.Length <= MaxPayload;
        return _isPlanned;
    }

    private protected override int Write(in Frame frame, Span<byte> destination, out bool isLast)
    {
        isLast = true;
        if (!_isPlanned) return 0;
        _isPlanned = false;
        frame.Payload.CopyTo(destination);
        return frame.Payload.Length;
    }
}
