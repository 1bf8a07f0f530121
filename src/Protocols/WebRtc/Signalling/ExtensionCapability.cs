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

    // What is agreed and never sent only confuses: towards viewers that is all which concerns the path, until there is a bandwidth estimate to make.
    private static readonly HeaderExtensionKind[] AudioToViewer = [.. Audio.Where(IsSentToViewers)];
    private static readonly HeaderExtensionKind[] VideoToViewer = [.. Video.Where(IsSentToViewers)];

    /// <summary>What we take from a publisher, in the order we would offer it.</summary>
    public static IReadOnlyList<HeaderExtensionKind> FromPublisher(MediaKind kind) => kind == MediaKind.Audio ? Audio : Video;

    /// <summary>What we send to a viewer, in the order we offer it.</summary>
    public static IReadOnlyList<HeaderExtensionKind> ToViewer(MediaKind kind) => kind == MediaKind.Audio ? AudioToViewer : VideoToViewer;

    private static bool IsSentToViewers(HeaderExtensionKind kind) => kind == HeaderExtensionKind.Mid || HeaderExtensions.DescribesMedia(kind);
}
