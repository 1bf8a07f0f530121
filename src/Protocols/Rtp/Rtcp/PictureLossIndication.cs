using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// A request for a keyframe because a picture was lost (RFC 4585 §6.3.1).
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|  FMT=1  |    PT=206     |           length=2            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          SSRC of packet sender, then SSRC of media source     |
/// </code>
/// </summary>
/// <param name="Sender">Who asks.</param>
/// <param name="Media">The stream that shall have a keyframe.</param>
public readonly record struct PictureLossIndication(Ssrc Sender, Ssrc Media)
{
    /// <summary>Bytes of the packet.</summary>
    public const int Length = 12;

    private const int Format = 1;

    /// <summary>Reads a packet of the reader; false for another type or format.</summary>
    public static bool TryParse(in RtcpPacketView packet, out PictureLossIndication indication)
    {
        var matches = packet.IsFeedback(RtcpPacketType.PayloadFeedback, Format);
        indication = matches ? new(packet.SsrcAt(0), packet.SsrcAt(4)) : default;
        return matches;
    }

    /// <summary>Writes the packet and gives its length.</summary>
    public int Write(Span<byte> destination) =>
        RtcpPacketView.WriteFeedbackHeader(destination, RtcpPacketType.PayloadFeedback, Format, Sender, Media, Length);
}
