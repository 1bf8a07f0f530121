using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Recordings;

/// <summary>One track of a stream as its recorder reads it: a cursor, and how its times lie in the file.</summary>
/// <param name="track">The track.</param>
/// <param name="renditions">All renditions of its source; null where it is the only one.</param>
internal sealed class RecorderTrack(Track track, Renditions? renditions = null) : IDisposable
{
    private Instant _firstArrival = Instant.Never;
    private long _firstTime;

    public Track Track => track;

    public Renditions? Renditions => renditions;

    /// <summary>Another rendition that takes its place as soon as it has a key picture; null while there is none.</summary>
    public RecorderTrack? Successor { get; set; }

    public FrameCursor Cursor { get; } = new(track);

    public PendingFrames Pending { get; } = new();

    /// <summary>Its place in the file that is open; -1 where it is not in it.</summary>
    public int Index { get; set; } = -1;

    /// <summary>What the file that is open says of it.</summary>
    public FrameFormat? Format { get; set; }

    /// <summary>The track's time that is 0 in the file.</summary>
    public long Offset { get; set; }

    /// <summary>The last frame's time in the file; -1 before the first.</summary>
    public long LastTime { get; set; } = -1;

    public bool IsVideo => track.Id.Kind == MediaKind.Video;

    /// <summary>It has a format that a file can hold.</summary>
    public bool IsKnown => track.Frames.Format is { } format && CmafInit.CanWrite(format);

    /// <summary>It has a format that no file can hold.</summary>
    public bool IsUnwritable => track.Frames.Format is { } format && !CmafInit.CanWrite(format);

    /// <summary>Moves what has come to <see cref="Pending"/>.</summary>
    public void Collect()
    {
        while (Cursor.TryTake(out var frame))
        {
            if (_firstArrival == Instant.Never)
            {
                _firstArrival = Cursor.ArrivedAt;
                _firstTime = frame.DecodeTime;
            }

            Pending.Add(in frame);
        }
    }

    /// <summary>Takes the next frame, what waits first. Of the track that leads only: it is not collected meanwhile.</summary>
    public bool TryTake(out Frame frame)
    {
        if (!Pending.TryPeek(out frame)) return Cursor.TryTake(out frame);
        Pending.Drop();
        return true;
    }

    /// <summary>This track's time at the moment another one's clock shows <paramref name="time"/>.</summary>
    /// <param name="lead">The other track.</param>
    /// <param name="leadFormat">Its format.</param>
    /// <param name="time">A time of it.</param>
    /// <param name="leadArrival">When its frame of that time arrived.</param>
    public long TimeAt(RecorderTrack lead, FrameFormat leadFormat, long time, Instant leadArrival)
    {
        var rate = track.Frames.Format!.ClockRate;
        if (lead.Track.Timeline is { } theirs && track.Timeline is { } ours)
        {
            var wall = theirs.ToNtp(Scale(time, leadFormat.ClockRate, theirs.ClockRate));
            return Scale(ours.ToTimestamp(wall), ours.ClockRate, rate);
        }

        // Inputs of frames (FLV, transport streams) have one clock for all tracks; of RTP without a report only the arrival is known.
        if (track.Native == TrackFace.Frames && lead.Track.Native == TrackFace.Frames) return Scale(time, leadFormat.ClockRate, rate);
        if (_firstArrival == Instant.Never) return long.MinValue;
        return _firstTime + (long)((leadArrival - _firstArrival).TotalSeconds * rate);
    }

    public void Dispose()
    {
        Successor?.Dispose();
        Cursor.Dispose();
    }

    /// <summary>A span in ticks of a clock.</summary>
    public static long Ticks(TimeSpan span, int clockRate) => (long)((Int128)span.Ticks * clockRate / TimeSpan.TicksPerSecond);

    /// <summary>Ticks of one clock in those of another.</summary>
    public static long Scale(long ticks, int from, int to) => from == to ? ticks : (long)((Int128)ticks * to / from);
}
