using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Hls.Segments;

/// <summary>
/// Makes parts and segments of the frames of one rendition (RFC 8216bis §3). Of a channel's renditions one leads and is cut at its key pictures; the others are
/// cut where it was. One thread. A part is complete when the frame behind it is known, so that its duration is no guess.
/// </summary>
public sealed class Segmenter
{
    private const int MaxBoundaries = 16;
    private const int MaxEvents = 32;

    // Seconds. What claims to be reordered by more is left as it is.
    private const int MaxReordering = 1;

    // Microseconds: what is stated of a part or a last frame is never 0.
    private const long Least = 1000;

    private readonly SegmentWindow _window;
    private readonly Queue<Boundary> _boundaries = new();
    private readonly Queue<Announcement> _events = new();
    private readonly long _chunk;
    private readonly long _aim;
    private readonly long _hole;
    private CmafFragmentWriter? _writer;
    private MediaInit? _init;
    private MediaSegment? _segment;
    private MediaPart? _part;
    private FrameFormat? _refused;
    private int _inits;
    private int _reordering;

    // Microseconds on the channel's time line.
    private long _segmentStart;
    private long _partStart;
    private long _chunkStart;
    private long _keyStart;
    private long _stated;
    private long _lastTime;
    private long _frameDuration;
    private int _next;
    private ProducerTime? _producer;

    private readonly record struct Boundary(long Time, int Discontinuities);

    private readonly record struct Announcement(uint Id, long Time, ReadOnlyMemory<byte> Tag);

    /// <param name="window">Where the segments go.</param>
    /// <param name="timing">What is aimed at.</param>
    public Segmenter(SegmentWindow window, SegmentTiming timing)
    {
        _window = window;
        _chunk = SegmentWindow.ToMicroseconds(timing.Chunk);
        _aim = SegmentWindow.ToMicroseconds(timing.Segment);
        _hole = SegmentWindow.ToMicroseconds(timing.LongestHole);
    }

    /// <summary>It decides where segments end; another waits for <see cref="CutAt"/>.</summary>
    public bool Leads { get; set; }

    /// <summary>A segment is being made.</summary>
    public bool IsOpen => _segment is not null;

    /// <summary>The newest format; null before the first frame.</summary>
    public FrameFormat? Format => _init?.Format;

    /// <summary>The newest initialization section; null before the first frame.</summary>
    public MediaInit? Init => _init;

    /// <summary>The newest format is one that MP4 cannot carry; its frames are dropped.</summary>
    public bool IsRefused => _refused is not null;

    /// <summary>Where the newest segment began, in microseconds of the channel's time line.</summary>
    public long SegmentStart => _segmentStart;

    /// <summary>When the newest segment's first frame is shown or heard, in the same.</summary>
    public long SegmentShownAt { get; private set; }

    /// <summary>The newest frame's decoding time as it is written, in microseconds of the channel's time line.</summary>
    public long Position => _lastTime;

    /// <summary>Frames that have become part of segments.</summary>
    public long TakenFrames { get; private set; }

    /// <summary>How long frames last, smoothed, in microseconds; 0 while unknown.</summary>
    public double AverageFrame { get; private set; }

    /// <summary>Frames a second in the newest complete segment; 0 while there is none.</summary>
    public double FrameRate { get; private set; }

    /// <summary>True while a segment would be ended by a key picture: the leader asks its encoder for one.</summary>
    public bool WantsKeyframe => Leads && _segment is not null && _lastTime - _segmentStart >= _aim * 9 / 10;

    /// <summary>
    /// Takes a frame. Its decoding time is on the channel's time line, in ticks of its format; frames that do not lie behind the one before are dropped.
    /// </summary>
    /// <param name="frame">The frame; copied.</param>
    /// <param name="capturedAt">The wall-clock time it is shown or heard at.</param>
    public SegmentChange Push(in Frame frame, NtpTime capturedAt)
    {
        var offset = frame.CompositionOffset;
        if (_segment is null) _reordering = offset > 0 && offset <= MaxReordering * frame.Format.ClockRate ? offset : 0;
        return Place(frame.At(frame.DecodeTime + _reordering, offset - _reordering), capturedAt);
    }

    private SegmentChange Place(in Frame frame, NtpTime capturedAt)
    {
        var format = frame.Format;
        var time = MediaTime.ToMicroseconds(frame.DecodeTime, format.ClockRate);
        if (_segment is not null && time <= _lastTime) return SegmentChange.None;
        var isKey = frame.IsKeyframe || format.Kind == MediaKind.Audio;
        var changes = _init is null || _init.Reordering != _reordering || !(ReferenceEquals(_init.Format, format) || _init.Format.Equals(format));

        // Other parameters without a key picture cannot be decoded: their first picture was lost.
        if ((_segment is null || changes) && !isKey) return SegmentChange.None;
        if (changes && !IsCarried(format)) return SegmentChange.None;

        var change = SegmentChange.None;
        if (_segment is null)
        {
            if (changes) Equip(format);
            change = Begin(time, capturedAt, isKey, _window.Discontinuities);
        }
        else
        {
            var isHole = time - _lastTime > _hole;
            if (!isHole) Observe(time - _lastTime);
            var number = changes || (isHole && Leads) ? _window.Discontinuities + 1 : 0;
            if (Cuts(time, isKey, changes || isHole, ref number))
            {
                change = isHole ? End(_lastTime + Math.Max(_frameDuration, Least), 0) : End(time, frame.DecodeTime);
                if (changes) Equip(format);
                change |= Begin(time, capturedAt, isKey, number);
            }
            else if (_part is not null && time + _frameDuration - _partStart > _window.PartTarget)
            {
                change = EndPart(time, frame.DecodeTime);
            }
            else if (_part is not null && time - _chunkStart >= _chunk)
            {
                change = FlushChunk(frame.DecodeTime);
            }
        }

        BeginPart(time, isKey, frame.DecodeTime, capturedAt);
        if (_writer!.TryAdd(0, in frame) == FragmentAdd.Full)
        {
            change |= FlushChunk(frame.DecodeTime);
            _writer.TryAdd(0, in frame);
        }

        _segment!.Frames++;
        TakenFrames++;
        if (isKey) _keyStart = time;
        if ((change & SegmentChange.Begun) != 0) SegmentShownAt = time + MediaTime.ToMicroseconds(frame.CompositionOffset, format.ClockRate);
        _lastTime = time;
        return change;
    }

    /// <summary>
    /// Has a segment end before its first frame (a picture: key picture) that is shown at or after a time. The oldest boundary is forgotten where many wait.
    /// </summary>
    /// <param name="time">In microseconds of the channel's time line.</param>
    /// <param name="discontinuities">The discontinuity number of what follows.</param>
    public void CutAt(long time, int discontinuities)
    {
        if (_boundaries.Count == MaxBoundaries) discontinuities = Math.Max(discontinuities, _boundaries.Dequeue().Discontinuities);
        _boundaries.Enqueue(new Boundary(time, discontinuities));
    }

    /// <summary>Puts an ID3 tag before the next chunk that is written; the oldest is forgotten where many wait.</summary>
    /// <param name="id">The event's number, the same in every rendition.</param>
    /// <param name="time">When it is of meaning, in microseconds of the channel's time line; not before the chunk it comes with.</param>
    /// <param name="tag">The tag; not copied.</param>
    public void Announce(uint id, long time, ReadOnlyMemory<byte> tag)
    {
        if (_events.Count == MaxEvents) _events.Dequeue();
        _events.Enqueue(new Announcement(id, time, tag));
    }

    /// <summary>The stream is over: ends part and segment.</summary>
    public SegmentChange Finish()
    {
        _boundaries.Clear();
        if (_segment is null) return SegmentChange.None;
        var change = End(_lastTime + Math.Max(_frameDuration, Least), 0);
        _segment = null;
        return change;
    }

    /// <summary>Another stream begins: what follows has this discontinuity number.</summary>
    public void Continue(int discontinuities)
    {
        Finish();
        _events.Clear();
        _window.BeginEpoch();
        _next = discontinuities;
    }

    private bool Cuts(long time, bool isKey, bool breaks, ref int number)
    {
        var cuts = breaks;
        while (_boundaries.TryPeek(out var boundary) && time + _frameDuration / 2 >= boundary.Time)
        {
            // Pictures wait for a key picture, but not until the next boundary.
            var isLate = _boundaries.Count > 1 || time - boundary.Time > _window.LongestSegment / 2;
            if (!isKey && !isLate && !cuts) break;
            _boundaries.Dequeue();
            var breaksThere = boundary.Discontinuities > _window.Discontinuities;
            if (boundary.Time - _segmentStart < _window.PartTarget && !breaksThere) continue;
            cuts = true;
            if (breaksThere) number = boundary.Discontinuities;
        }

        if (cuts) return true;
        var longest = _window.LongestSegment;
        var elapsed = time - _segmentStart;
        if (Leads && isKey)
        {
            // Where the next key picture would come too late, the early one is better; none that was asked for is too early.
            var soonest = _init!.Format.Kind == MediaKind.Video ? _aim * 8 / 10 : _aim * 9 / 10;
            if (elapsed >= soonest || elapsed + (time - Math.Max(_keyStart, _segmentStart)) > longest) return true;
        }

        // What would be stated now, and the longest part that may follow.
        return _segment!.Duration + Math.Clamp(time - _stated, 0, _window.PartTarget) + _window.PartTarget > longest;
    }

    private SegmentChange Begin(long time, NtpTime capturedAt, bool isKey, int discontinuities)
    {
        discontinuities = Math.Max(discontinuities, _next);
        var breaks = discontinuities > _window.Discontinuities;
        if (breaks || _segment is null || Math.Abs(_stated - time) > _hole) _stated = time;
        _segment = _window.Begin(_init!, capturedAt.ToUtc(), discontinuities, isKey);
        _segmentStart = time;
        return breaks ? SegmentChange.Begun | SegmentChange.Discontinuity : SegmentChange.Begun;
    }

    private SegmentChange End(long time, long decodeTime)
    {
        var change = EndPart(time, decodeTime);
        if (time > _segmentStart) FrameRate = _segment!.Frames * 1e6 / (time - _segmentStart);
        _window.Complete(_segment!);
        return change | SegmentChange.Segment;
    }

    private void BeginPart(long time, bool isKey, long decodeTime, NtpTime capturedAt)
    {
        if (_part is not null) return;
        _part = _segment!.BeginPart(isKey);
        _partStart = time;
        _chunkStart = time;
        _producer = new ProducerTime(capturedAt, decodeTime);
    }

    private SegmentChange EndPart(long time, long decodeTime)
    {
        if (_part is null) return SegmentChange.None;
        FlushChunk(decodeTime);

        // Durations are stated so that they add up to the time line: what one part may not say, since it would be too long, the next ones say.
        if (AverageFrame > 0.8 * _window.PartTarget) _window.AllowPart(Math.Min((long)(AverageFrame * 1.1), _aim));
        var duration = Math.Clamp(time - _stated, Least, _window.PartTarget);
        _stated += duration;
        if (time - _stated > _hole) _stated = time;
        _segment!.EndPart(_part, duration);
        _part = null;
        return SegmentChange.Part;
    }

    private SegmentChange FlushChunk(long decodeTime)
    {
        if (_writer is null || _writer.Frames == 0) return SegmentChange.None;
        if (decodeTime > 0) _writer.EndAt(0, decodeTime);
        var start = _part!.Length > 0 ? FragmentStart.None : _segment!.PartCount == 0 ? FragmentStart.Segment : FragmentStart.Chunk;
        var space = _segment!.Space;
        var from = space.Length;
        _writer.Write(space, new FragmentPrefix { Start = start, ProducerTime = _producer, Events = TakeEvents() });
        _producer = null;
        _part.Append(space.Since(from));
        _chunkStart = _lastTime + _frameDuration;
        return SegmentChange.Chunk;
    }

    private TimedEvent[] TakeEvents()
    {
        if (_events.Count == 0) return [];
        var clockRate = _init!.Format.ClockRate;
        var taken = new TimedEvent[_events.Count];
        for (var i = 0; i < taken.Length; i++)
        {
            var (id, time, tag) = _events.Dequeue();
            var ticks = (ulong)Math.Max(0, MediaTime.ToTicks(Math.Max(time, _chunkStart), clockRate));
            taken[i] = new TimedEvent(TimedEvent.Id3Scheme, "", id, (uint)clockRate, ticks, uint.MaxValue, tag);
        }

        return taken;
    }

    private void Observe(long duration)
    {
        _frameDuration = duration;
        AverageFrame = AverageFrame == 0 ? duration : AverageFrame + (duration - AverageFrame) / 32;
    }

    private bool IsCarried(FrameFormat format)
    {
        if (_refused is not null && _refused.Equals(format)) return false;
        _refused = CmafInit.CanWrite(format) ? null : format;
        return _refused is null;
    }

    private void Equip(FrameFormat format)
    {
        var track = new CmafTrack(1, format);
        _init = new MediaInit(_inits++, format, CmafInit.Write([track], new CmafInitOptions { HasNegativeOffsets = _reordering != 0 }), _reordering);
        _writer = new CmafFragmentWriter([track]) { NextSequence = _writer?.NextSequence ?? 1 };
    }
}
