using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;

namespace Sluice.Outputs.Hls;

/// <summary>Which of the renditions a stream could offer are of use to players of HLS.</summary>
internal static class HlsOffers
{
    /// <summary>Sound in AAC, which every player takes, where the publisher sends something else. Pictures are given out as they are: players reorder them.</summary>
    public static bool IsOfUse(LiveStream stream, Track offered)
    {
        if (offered.Id.Kind != MediaKind.Audio || CodecOf(offered) != Codec.Aac) return false;
        foreach (var track in stream.Tracks)
        {
            if (track.Id.Kind == MediaKind.Audio && track.Id.Number == offered.Id.Number && CodecOf(track) == Codec.Aac) return false;
        }

        return true;
    }

    public static Codec CodecOf(Track track) => track.Frames.Format?.Codec ?? track.Format?.Codec ?? Codec.Unknown;
}
