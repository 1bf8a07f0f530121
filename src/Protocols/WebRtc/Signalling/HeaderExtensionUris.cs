using Sluice.Protocols.Media;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>The RTP header extensions Sluice understands, by the names <c>a=extmap</c> gives them.</summary>
public static class HeaderExtensionUris
{
    /// <summary>The section a packet belongs to (RFC 9143 §15).</summary>
    public const string Mid = "urn:ietf:params:rtp-hdrext:sdes:mid";

    /// <summary>The simulcast layer a packet belongs to (RFC 8852 §3.1).</summary>
    public const string Rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";

    /// <summary>The simulcast layer a retransmission belongs to (RFC 8852 §3.2).</summary>
    public const string RepairedRid = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";

    /// <summary>When a packet left its sender, 24 bits.</summary>
    public const string AbsSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";

    /// <summary>A sequence number over all sources of a transport.</summary>
    public const string TransportWideCc = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    /// <summary>How loud the sound in a packet is (RFC 6464).</summary>
    public const string AudioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

    /// <summary>The least and greatest delay the sender wishes for playing.</summary>
    public const string PlayoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

    /// <summary>When a frame was captured, NTP time.</summary>
    public const string AbsCaptureTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

    /// <summary>The frames a frame depends on (AV1 RTP specification, appendix A).</summary>
    public const string DependencyDescriptor =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

    /// <summary>How the picture is turned (3GPP TS 26.114).</summary>
    public const string VideoOrientation = "urn:3gpp:video-orientation";

    /// <summary>Whether the picture is a screen or a camera's.</summary>
    public const string VideoContentType = "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type";

    /// <summary>The picture's colour space and HDR values.</summary>
    public const string ColorSpace = "http://www.webrtc.org/experiments/rtp-hdrext/color-space";

    private static readonly string[] Audio = [Mid, AbsSendTime, TransportWideCc, AudioLevel, AbsCaptureTime];

    private static readonly string[] Video =
    [
        Mid, Rid, RepairedRid, AbsSendTime, TransportWideCc, PlayoutDelay, AbsCaptureTime, DependencyDescriptor, VideoOrientation,
        VideoContentType, ColorSpace,
    ];

    // A viewer gets one stream a section, so that no packet names a layer.
    private static readonly string[] VideoToViewer =
    [
        Mid, AbsSendTime, TransportWideCc, PlayoutDelay, AbsCaptureTime, DependencyDescriptor, VideoOrientation, VideoContentType, ColorSpace,
    ];

    /// <summary>What we take from a publisher.</summary>
    public static IReadOnlyList<string> FromPublisher(MediaKind kind) => kind == MediaKind.Audio ? Audio : Video;

    /// <summary>What we send to a viewer.</summary>
    public static IReadOnlyList<string> ToViewer(MediaKind kind) => kind == MediaKind.Audio ? Audio : VideoToViewer;
}
