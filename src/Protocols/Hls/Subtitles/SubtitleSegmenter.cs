using System.Runtime.InteropServices;
using Sluice.Protocols.Hls.Segments;

namespace Sluice.Protocols.Hls.Subtitles;

/// <summary>
/// Makes parts and segments of the cues of one language, each with the times of one of the rendition that leads. One thread. A part says all that is to be seen in its
/// time, and so does a whole segment: both can be read alone (RFC 8216bis §3.1.4).
/// </summary>
/// <param name="window">Where the segments go.</param>
public sealed class SubtitleSegmenter(SegmentWindow window)
{
    /// <summary>Cues that wait or are seen at most; the one that ends first makes room.</summary>
    public const int MaxCues = 64;

    // Microseconds: clocks of publishers differ from ours by less.
    private const long MostLate = 10_000_000;

    private readonly List<SubtitleCue> _cues = [];
    private readonly List<SubtitleCue> _seen = [];
    private SegmentWindow? _lead;
    private MediaSegment? _model;
    private MediaSegment? _segment;
    private long _next;
    private long _began;
    private long _start;
    private long _position;
    private long _ids;

    /// <summary>Follows a rendition from a segment on. Cues of what was followed before are forgotten.</summary>
    /// <param name="lead">Its window.</param>
    /// <param name="sequence">The segment's number.</param>
    public void Follow(SegmentWindow lead, long sequence)
    {
        _lead = lead;
        _next = sequence;
        _began = -1;
        _cues.Clear();
    }

    /// <summary>
    /// Takes a cue. What should have appeared before the part that is being made appears with it, for as long; what was over ten seconds before the first segment is for nobody.
    /// </summary>
    /// <param name="from">When it appears, in microseconds of the channel's time line.</param>
    /// <param name="duration">How long it is to be seen.</param>
    /// <param name="text">Plain text.</param>
    public void Add(long from, long duration, string text)
    {
        if (from + duration < _began - MostLate) return;
        if (_segment is not null) from = Math.Max(from, _position);
        if (_cues.Count == MaxCues)
        {
            var first = 0;
            for (var i = 1; i < _cues.Count; i++)
            {
                if (_cues[i].To < _cues[first].To) first = i;
            }

            _cues.RemoveAt(first);
        }

        _cues.Add(new SubtitleCue(++_ids, from, from + duration, text));
    }

    /// <summary>Goes one step after what is followed; call it until it says that nothing has changed.</summary>
    /// <param name="zero">The wall-clock time of the channel's time 0, UTC.</param>
    public SegmentChange Advance(DateTime zero)
    {
        if (_segment is null)
        {
            if (_lead is null || !_lead.TryFind(_next, out _model)) return SegmentChange.None;
            _start = _position = Math.Max(0, (_model.CapturedAt - zero).Ticks / TimeSpan.TicksPerMicrosecond);
            if (_began < 0) _began = _start;
            _segment = window.Begin(null, _model.CapturedAt, _model.Discontinuities, isIndependent: true);
            window.AllowPart(_lead.PartTarget);
            return SegmentChange.Begun;
        }

        var model = _model!;
        if (model.Find(_segment.PartCount) is { IsComplete: true } part)
        {
            _segment.AddPart(part.Duration, Say(_position, _position + part.Duration));
            _position += part.Duration;
            return SegmentChange.Part;
        }

        if (!model.IsComplete) return SegmentChange.None;
        window.Complete(_segment, Say(_start, _position));
        _segment = null;
        _next = model.Sequence + 1;
        _cues.RemoveAll(c => c.To <= _position);
        return SegmentChange.Segment;
    }

    private byte[] Say(long from, long to)
    {
        _seen.Clear();
        foreach (var cue in _cues)
        {
            if (cue.IsSeen(from, to)) _seen.Add(cue);
        }

        // In the order in which they appear, as the format wants it.
        _seen.Sort(static (a, b) => a.From != b.From ? a.From.CompareTo(b.From) : a.Id.CompareTo(b.Id));
        return WebVtt.Write(_start, CollectionsMarshal.AsSpan(_seen));
    }
}
