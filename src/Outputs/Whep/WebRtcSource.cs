using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Outputs.Whep;

/// <summary>Which renditions WebRTC can carry.</summary>
internal static class WebRtcSource
{
    /// <summary>
    /// False for sound that browsers do not take by RTP, and for pictures that are not shown in the order they come in: browsers show them as they come, and the
    /// picture jumps back and forth. A track that has not begun counts as usable.
    /// </summary>
    public static bool IsUsable(Track track) => !track.HasReordering && track.Format?.Codec is not Codec.Aac;

    /// <summary>
    /// What can be made on demand for a viewer's line; null where there is nothing. Pictures that cannot be made now count as nothing, since other ways out show them.
    /// Sound that cannot is waited for: what keeps it from being made passes, and meanwhile the picture goes on.
    /// </summary>
    public static Track? FirstOffered(LiveStream stream, OutgoingTrack line)
    {
        for (var i = 0; i < stream.Offered.Count; i++)
        {
            var track = stream.Offered[i];
            if (track.Id.Kind != line.Kind || track.Id.Number != line.Number || !IsUsable(track) || !line.Decodes(track)) continue;
            if (line.Kind == MediaKind.Audio || track.Obstacle?.Invoke() is null) return track;
        }

        return null;
    }

    /// <summary>True where the publisher sends, and has begun to send, something for the line.</summary>
    public static bool HasBegun(LiveStream stream, OutgoingTrack line) => Begun(stream, line.Kind, line.Number) is not null;

    /// <summary>What viewers are told of a source; null where the stream has none of that number, or none that has begun.</summary>
    public static StreamTrackDescription? Describe(LiveStream stream, MediaKind kind, int number)
    {
        if (Begun(stream, kind, number) is not { } source) return null;
        var alternatives = new List<TrackFormat>();
        string? note = null;
        foreach (var track in stream.Offered)
        {
            if (track.Id.Kind != kind || track.Id.Number != number || !IsUsable(track) || track.Format is not { } format) continue;
            if (track.Obstacle?.Invoke() is { } obstacle) note = $"It is not converted now: {obstacle}.";
            else alternatives.Add(format);
        }

        var reason = ObstacleOf(source);
        if (reason is not null && alternatives.Count == 0) note ??= "This server has nothing to convert it with.";
        return new StreamTrackDescription(source.Format!) { Alternatives = alternatives, Obstacle = reason, Note = note };
    }

    private static string? ObstacleOf(Track track)
    {
        if (IsUsable(track)) return null;
        return track.HasReordering
            ? "The stream's video has B-frames, which no browser shows in order by WebRTC."
            : $"The stream's audio is {track.Format!.Codec.ToString().ToUpperInvariant()}, which WebRTC does not carry.";
    }

    // Of several renditions one that WebRTC carries, where there is one.
    private static Track? Begun(LiveStream stream, MediaKind kind, int number)
    {
        Track? found = null;
        for (var i = 0; i < stream.Tracks.Count; i++)
        {
            var track = stream.Tracks[i];
            if (track.Id.Kind != kind || track.Id.Number != number || track.Format is null) continue;
            if (IsUsable(track)) return track;
            found ??= track;
        }

        return found;
    }
}
