using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;

namespace Sluice.Workers.Transcoding;

/// <summary>From where sound is wanted.</summary>
/// <param name="From">A time of the source; null for where the picture begins.</param>
/// <param name="MostBack">At most so long before now; null for no bound.</param>
/// <param name="Lead">So long before that, for decoder and encoder to settle.</param>
internal readonly record struct StartTime(long? From, TimeSpan? MostBack, TimeSpan Lead);

/// <summary>Finds the time a sound rendition begins at.</summary>
internal static class StartPoint
{
    private static readonly TimeSpan WithoutPicture = TimeSpan.FromSeconds(2);

    /// <summary>The time in the origin's ticks; the first to come where there is none yet.</summary>
    public static long Find(LiveStream? stream, Track origin, StartTime start)
    {
        if (origin.Frames.Format is not { } format || origin.Frames.NewestTime is not { } newest) return long.MinValue;
        var back = start.MostBack ?? WithoutPicture;
        var from = start.From ?? (start.MostBack is null ? BeginningOfPicture(stream, origin) : null);
        if (from is null || start.MostBack is not null) from = Math.Max(from ?? long.MinValue, newest - (long)(back.TotalSeconds * format.ClockRate));
        return from.Value - (long)(start.Lead.TotalSeconds * format.ClockRate);
    }

    // The newest key picture of the stream, on the sound's clock.
    private static long? BeginningOfPicture(LiveStream? stream, Track origin)
    {
        if (stream?.Find(MediaKind.Video, 0) is not { Timeline: { } pictures } video || origin.Timeline is not { } sound) return null;
        if (TimeOfKeyframe(video) is not { } time) return null;
        return sound.ToTimestamp(pictures.ToNtp(time));
    }

    private static long? TimeOfKeyframe(Track video)
    {
        if (video.Native == TrackFace.Frames) return video.Frames.NewestKeyframeTime;
        return video.Packets.TryRead(video.Packets.NewestKeyframe, out var view) ? view.Header.Timestamp : null;
    }
}
