namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>The header extensions Sluice knows by name; members run from 0 so that they may index arrays.</summary>
public enum HeaderExtensionKind : byte
{
    /// <summary>An extension nobody here knows: never forwarded.</summary>
    Unknown = 0,

    /// <summary>The media section's id (RFC 9143 §15).</summary>
    Mid,

    /// <summary>The simulcast layer's id (RFC 8852).</summary>
    Rid,

    /// <summary>On RTX packets, the id of the layer they repair (RFC 8852).</summary>
    RepairedRid,

    /// <summary>The sender's clock when the packet left, 24 bits.</summary>
    AbsSendTime,

    /// <summary>The transport-wide sequence number of congestion control.</summary>
    TransportSequence,

    /// <summary>The transport-wide sequence number, version 2, with a feedback request.</summary>
    TransportSequenceV2,

    /// <summary>The loudness of the packet (RFC 6464).</summary>
    AudioLevel,

    /// <summary>The loudness of each contributing source (RFC 6465).</summary>
    CsrcAudioLevel,

    /// <summary>Smallest and largest delay the receiver shall play with.</summary>
    PlayoutDelay,

    /// <summary>The wall-clock time of capture.</summary>
    AbsCaptureTime,

    /// <summary>Camera, flip and rotation (3GPP TS 26.114 §7.4.5).</summary>
    VideoOrientation,

    /// <summary>Frame dependencies of scalable video (AV1 RTP specification, appendix A).</summary>
    DependencyDescriptor,

    /// <summary>Offset of transmission from the media timestamp (RFC 5450).</summary>
    TransmissionOffset,

    /// <summary>Screen or camera.</summary>
    VideoContentType,

    /// <summary>Capture, encode and pacing times of a frame.</summary>
    VideoTiming,

    /// <summary>Colour space and HDR metadata.</summary>
    ColorSpace,

    /// <summary>Target bitrate and resolution of each layer.</summary>
    VideoLayersAllocation,

    /// <summary>Frame boundaries and layers (RFC 9626).</summary>
    FrameMarking,

    /// <summary>Samples of the picture by which a receiver notices corruption.</summary>
    CorruptionDetection,
}

/// <summary>The one table between extension URIs and kinds.</summary>
public static class HeaderExtensions
{
    private static readonly string[] Uris =
    [
        "",
        MidExtension.Uri,
        RidExtension.Uri,
        RepairedRidExtension.Uri,
        AbsSendTimeExtension.Uri,
        TransportSequenceExtension.Uri,
        TransportSequenceExtension.UriV2,
        AudioLevelExtension.Uri,
        "urn:ietf:params:rtp-hdrext:csrc-audio-level",
        PlayoutDelayExtension.Uri,
        AbsCaptureTimeExtension.Uri,
        VideoOrientationExtension.Uri,
        DependencyDescriptor.Uri,
        "urn:ietf:params:rtp-hdrext:toffset",
        "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
        "http://www.webrtc.org/experiments/rtp-hdrext/video-timing",
        "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
        "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
        "urn:ietf:params:rtp-hdrext:framemarking",
        "http://www.webrtc.org/experiments/rtp-hdrext/corruption-detection",
    ];

    /// <summary>How many kinds there are, <see cref="HeaderExtensionKind.Unknown"/> included.</summary>
    public static int KindCount => Uris.Length;

    /// <summary>The URI of a kind; empty for <see cref="HeaderExtensionKind.Unknown"/>.</summary>
    public static string UriOf(HeaderExtensionKind kind) => Uris[(int)kind];

    /// <summary>
    /// True for what describes the picture or the sound itself and so goes along wherever the media goes; false for what concerns the path
    /// it came by. The dependency descriptor counts to the path: its frame numbers and templates hold within one encoding, and
    /// a viewer may be moved to another.
    /// </summary>
    public static bool DescribesMedia(HeaderExtensionKind kind) => kind is HeaderExtensionKind.VideoOrientation
        or HeaderExtensionKind.AbsCaptureTime or HeaderExtensionKind.AudioLevel or HeaderExtensionKind.ColorSpace
        or HeaderExtensionKind.VideoContentType;

    /// <summary>The kind of a URI, compared exactly; <see cref="HeaderExtensionKind.Unknown"/> where nobody here knows it.</summary>
    public static HeaderExtensionKind KindOf(ReadOnlySpan<char> uri)
    {
        for (var i = 1; i < Uris.Length; i++)
        {
            if (uri.SequenceEqual(Uris[i])) return (HeaderExtensionKind)i;
        }

        return HeaderExtensionKind.Unknown;
    }
}
