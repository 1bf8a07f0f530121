using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>The RTP header extensions we agree to, by who sends and what.</summary>
public static class ExtensionCapability
{
    private static readonly HeaderExtensionKind[] Audio =
    [
        HeaderExtensionKind.Mid,
        HeaderExtensionKind.AbsSendTime,
        HeaderExtensionKind.TransportSequence,
        HeaderExtensionKind.AudioLevel,
        HeaderExtensionKind.AbsCaptureTime,
    ];

    private static readonly HeaderExtensionKind[] Video =
    [
        HeaderExtensionKind.Mid,
        HeaderExtensionKind.Rid,
        HeaderExtensionKind.RepairedRid,
        HeaderExtensionKind.AbsSendTime,
        HeaderExtensionKind.TransportSequence,
        HeaderExtensionKind.PlayoutDelay,
        HeaderExtensionKind.AbsCaptureTime,
        HeaderExtensionKind.DependencyDescriptor,
        HeaderExtensionKind.VideoOrientation,
        HeaderExtensionKind.VideoContentType,
        HeaderExtensionKind.ColorSpace,
    ];

    // A viewer gets one stream a section, so that no packet names a layer.
    private static readonly HeaderExtensionKind[] VideoToViewer =
        [.. Video.Where(static kind => kind is not (HeaderExtensionKind.Rid or HeaderExtensionKind.RepairedRid))];

    /// <summary>What we take from a publisher, in the order we would offer it.</summary>
    public static IReadOnlyList<HeaderExtensionKind> FromPublisher(MediaKind kind) => kind == MediaKind.Audio ? Audio : Video;

    /// <summary>What we send to a viewer, in the order we offer it.</summary>
    public static IReadOnlyList<HeaderExtensionKind> ToViewer(MediaKind kind) => kind == MediaKind.Audio ? Audio : VideoToViewer;
}
