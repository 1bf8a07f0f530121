using System.Globalization;
using System.Text;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Ice;

namespace Sluice.Bench.Load;

/// <summary>The offers of the generator: H.264 and Opus with what browsers ask for, viewers' with a retransmission stream, without header extensions.</summary>
internal static class PeerOffer
{
    public const byte VideoPayloadType = 106;
    public const byte AudioPayloadType = 111;
    private const byte RtxPayloadType = 107;

    /// <summary>A viewer's offer.</summary>
    public static string Watch(IceCredentials credentials, DtlsFingerprint fingerprint) => Write(credentials, fingerprint, "recvonly", 0, 0);

    /// <summary>A publisher's offer; a kind whose SSRC is 0 is not published.</summary>
    public static string Publish(IceCredentials credentials, DtlsFingerprint fingerprint, uint videoSsrc, uint audioSsrc) =>
        Write(credentials, fingerprint, "sendonly", videoSsrc, audioSsrc);

    private static string Write(IceCredentials credentials, DtlsFingerprint fingerprint, string direction, uint videoSsrc, uint audioSsrc)
    {
        var isViewer = videoSsrc == 0 && audioSsrc == 0;
        var bundle = (isViewer || audioSsrc != 0 ? " 0" : "") + (isViewer || videoSsrc != 0 ? " 1" : "");
        var text = new StringBuilder(2048);
        text.Append(CultureInfo.InvariantCulture, $"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE{bundle}\r\n");
        if (isViewer || audioSsrc != 0)
        {
            Section(text, "audio", AudioPayloadType, "0");
            text.Append(CultureInfo.InvariantCulture, $"a=rtpmap:{AudioPayloadType} opus/48000/2\r\na=fmtp:{AudioPayloadType} minptime=10;useinbandfec=1\r\n");
            Source(text, audioSsrc);
        }

        if (isViewer || videoSsrc != 0)
        {
            Section(text, "video", VideoPayloadType, "1", isViewer ? $" {RtxPayloadType}" : "");
            text.Append(CultureInfo.InvariantCulture, $"a=rtpmap:{VideoPayloadType} H264/90000\r\n");
            text.Append(CultureInfo.InvariantCulture, $"a=fmtp:{VideoPayloadType} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n");
            foreach (var feedback in (ReadOnlySpan<string>)["nack", "nack pli", "ccm fir"])
                text.Append(CultureInfo.InvariantCulture, $"a=rtcp-fb:{VideoPayloadType} {feedback}\r\n");
            if (isViewer) text.Append(CultureInfo.InvariantCulture, $"a=rtpmap:{RtxPayloadType} rtx/90000\r\na=fmtp:{RtxPayloadType} apt={VideoPayloadType}\r\n");
            Source(text, videoSsrc);
        }

        return text.ToString();

        void Section(StringBuilder to, string kind, byte payloadType, string mid, string more = "")
        {
            to.Append(CultureInfo.InvariantCulture, $"m={kind} 9 UDP/TLS/RTP/SAVPF {payloadType}{more}\r\nc=IN IP4 0.0.0.0\r\n");
            to.Append(CultureInfo.InvariantCulture, $"a=ice-ufrag:{credentials.Ufrag}\r\na=ice-pwd:{credentials.Pwd}\r\na=fingerprint:{fingerprint}\r\n");
            to.Append(CultureInfo.InvariantCulture, $"a=setup:actpass\r\na=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\na=rtcp-rsize\r\n");
        }

        static void Source(StringBuilder to, uint ssrc)
        {
            if (ssrc != 0) to.Append(CultureInfo.InvariantCulture, $"a=msid:bench bench\r\na=ssrc:{ssrc} cname:bench\r\n");
        }
    }
}
