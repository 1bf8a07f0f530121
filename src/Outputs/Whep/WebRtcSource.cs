using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;

namespace Sluice.Outputs.Whep;

/// <summary>Which renditions WebRTC can carry.</summary>
internal static class WebRtcSource
{
    /// <summary>
    /// False for sound that browsers do not take by RTP, and for pictures that are not shown in the order they come in: browsers show them as they come, and the
    /// picture jumps back and forth. A track that has not begun counts as usable.
    /// </summary>
    public static bool IsUsable(Track track) => !track.HasReordering && track.Format?.Codec is not Codec.Aac;

    /// <summary>The first rendition that can be made on demand and is of use; null where there is none.</summary>
    public static Track? FirstOffered(LiveStream stream, MediaKind kind, int number)
    {
        for (var i = 0; i < stream.Offered.Count; i++)
        {
            var track = stream.Offered[i];
            if (track.Id.Kind == kind && track.Id.Number == number && IsUsable(track)) return track;
        }

        return null;
    }

    /// <summary>The format viewers are told of a source; null where the stream has nothing WebRTC can carry.</summary>
    public static TrackFormat? FormatOf(LiveStream stream, MediaKind kind, int number)
    {
        for (var i = 0; i < stream.Tracks.Count; i++)
        {
            var track = stream.Tracks[i];
            if (track.Id.Kind == kind && track.Id.Number == number && IsUsable(track) && track.Format is { } format) return format;
        }

        return FirstOffered(stream, kind, number)?.Format;
    }
}
