using Sluice.Control.Tracks;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Captions;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>
/// One track of the stream that is on, on its way into a rendition: the cursor, and where the track's time lies on the channel's time line. Only the consumers'
/// thread.
/// </summary>
internal sealed class HlsFeed : IDisposable
{
    // A mapping that is off by less is left alone: nobody sees or hears it.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(40);

    private readonly FrameCursor _cursor;
    private readonly WallClock _clock;
    private long _offset;
    private bool _isMapped;
    private int _clockRate;

    public HlsFeed(Track track, HlsRendition rendition, WallClock clock)
    {
        Track = track;
        Rendition = rendition;
        _clock = clock;
        _cursor = new FrameCursor(track);
    }

    public Track Track { get; }

    public HlsRendition Rendition { get; }

    /// <summary>Frames were taken, or where to begin is settled.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>What the last frame taken has changed.</summary>
    public SegmentChange LastChange { get; private set; }

    /// <summary>Begins at the time the picture does; before the first take.</summary>
    public void BeginAt(NtpTime at)
    {
        HasBegun = true;
        if (Track.Timeline is { } timeline) _cursor.SkipTo(timeline.ToTimestamp(at));
    }

    /// <summary>Takes one frame into the rendition; false where there is none.</summary>
    /// <param name="zero">The wall-clock time of the channel's time 0.</param>
    public bool TryTake(NtpTime zero)
    {
        LastChange = SegmentChange.None;
        if (!_cursor.TryTake(out var frame)) return false;
        if (!_isMapped || _clockRate != frame.Format.ClockRate) Map(in frame, zero);
        var time = frame.DecodeTime + _offset;
        if (time < 0) return true;
        var capturedAt = zero + Span(time + frame.CompositionOffset);
        if (Rendition.Kind == MediaKind.Video && Rendition.Captions != CaptionServices.All) Rendition.Captions |= CaptionScan.Find(in frame);
        lock (Rendition.Gate) LastChange = Rendition.Segmenter.Push(frame.At(time, frame.CompositionOffset), capturedAt);
        return true;
    }

    /// <summary>The wall-clock time of the newest frame's capture, as the track's clock has it now, seen from where it was placed.</summary>
    public TimeSpan Drift(NtpTime zero)
    {
        if (!_isMapped || Track.Timeline is not { } timeline) return TimeSpan.Zero;
        var position = MediaTime.ToTicks(Rendition.Segmenter.Position, _clockRate);
        return timeline.ToNtp(Scale(position - _offset, _clockRate, timeline.ClockRate)) - (zero + Span(position));
    }

    /// <summary>Moves what is to come, where sound and picture were placed before their clocks were known well.</summary>
    public void Correct(TimeSpan drift)
    {
        if (drift.Duration() < Tolerance) return;
        _offset += drift.Ticks * _clockRate / TimeSpan.TicksPerSecond;
    }

    public void Dispose() => _cursor.Dispose();

    private void Map(in Frame frame, NtpTime zero)
    {
        _clockRate = frame.Format.ClockRate;
        var at = Track.Timeline is { } timeline
            ? timeline.ToNtp(Scale(frame.DecodeTime, _clockRate, timeline.ClockRate))
            : _clock.ToNtp(_cursor.ArrivedAt);
        _offset = MediaTime.ToTicks((at - zero).Ticks / TimeSpan.TicksPerMicrosecond, _clockRate) - frame.DecodeTime;
        _isMapped = true;
    }

    private TimeSpan Span(long ticks) => TimeSpan.FromMicroseconds(MediaTime.ToMicroseconds(ticks, _clockRate));

    private static long Scale(long ticks, int from, int to) => from == to ? ticks : MediaTime.ToTicks(MediaTime.ToMicroseconds(ticks, from), to);
}
