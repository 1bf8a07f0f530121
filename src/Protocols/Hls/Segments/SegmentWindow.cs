using System.Diagnostics.CodeAnalysis;

namespace Sluice.Protocols.Hls.Segments;

/// <summary>
/// The segments of one rendition that can be had, and what its playlist has promised. Outlives streams: sequence numbers go on. Not safe for several threads
/// at once.
/// </summary>
public sealed class SegmentWindow
{
    private readonly List<MediaSegment> _segments = [];
    private readonly SegmentTiming _timing;
    private int _epoch;
    private bool _hasBegun;

    /// <param name="timing">What is aimed at.</param>
    /// <param name="firstSequence">The media sequence number of the first segment.</param>
    /// <param name="discontinuities">The discontinuity sequence number of the first segment.</param>
    public SegmentWindow(SegmentTiming timing, long firstSequence = 0, int discontinuities = 0)
    {
        _timing = timing;
        NextSequence = firstSequence;
        Discontinuities = discontinuities;
        PartTarget = ToMicroseconds(timing.PartTarget);
    }

    /// <summary>Complete segments, and as the last the one that grows, if any.</summary>
    public IReadOnlyList<MediaSegment> Segments => _segments;

    /// <summary>The number the next new segment gets.</summary>
    public long NextSequence { get; private set; }

    /// <summary>The discontinuity sequence number of the newest segment.</summary>
    public int Discontinuities { get; private set; }

    /// <summary>The segment that grows; null between streams.</summary>
    public MediaSegment? Open => _segments.Count > 0 && !_segments[^1].IsComplete ? _segments[^1] : null;

    /// <summary>Segments that are complete.</summary>
    public int CompleteCount => _segments.Count - (Open is null ? 0 : 1);

    /// <summary>No part is longer, in microseconds. Grows for slow pictures until it was promised.</summary>
    public long PartTarget { get; private set; }

    /// <summary>No segment is longer once rounded, in seconds; 0 until it was promised.</summary>
    public int TargetDuration { get; private set; }

    /// <summary>The stream is over and none is waited for: nothing will be added unless a publisher comes back later.</summary>
    public bool IsEnded { get; set; }

    /// <summary>How long a segment may get, in microseconds.</summary>
    public long LongestSegment => TargetDuration > 0 ? TargetDuration * 1_000_000L + 490_000 : ToMicroseconds(_timing.LongestSegment);

    /// <summary>The longest complete segment so far, in microseconds.</summary>
    public long LongestSoFar { get; private set; }

    /// <summary>What <see cref="Promise"/> would settle on if this rendition were alone, in seconds; 0 where there is no segment to tell by.</summary>
    public int ExpectedTarget
    {
        get
        {
            if (_segments.Count == 0) return 0;
            var aim = SegmentAim;
            var longest = LongestSoFar > 0 ? Math.Max(aim, LongestSoFar) : aim * 2;
            if (Open is { } open) longest = Math.Max(longest, open.Duration);

            // Other renditions, and later segments, end a few frames later.
            return (int)Math.Max(1, (longest + PartTarget + 500_000) / 1_000_000);
        }
    }

    /// <summary>
    /// Settles the target duration and the part target: called before the first playlist is written, since they may not change afterwards
    /// (RFC 8216bis §6.2.1). All renditions of a channel promise the same (§6.2.4).
    /// </summary>
    public void Promise(int targetDuration)
    {
        if (TargetDuration == 0) TargetDuration = Math.Max(Math.Max(1, targetDuration), (int)((LongestSoFar + 500_000) / 1_000_000));
    }

    /// <summary>Sets the numbers of the first segment; only while there has been none.</summary>
    public void StartAt(long sequence, int discontinuities)
    {
        if (_segments.Count > 0 || LongestSoFar > 0) return;
        NextSequence = sequence;
        Discontinuities = discontinuities;
    }

    /// <summary>The segment of a number.</summary>
    public bool TryFind(long sequence, [NotNullWhen(true)] out MediaSegment? segment)
    {
        segment = null;
        if (_segments.Count == 0) return false;
        var index = sequence - _segments[0].Sequence;
        if (index < 0 || index >= _segments.Count) return false;
        segment = _segments[(int)index];
        return true;
    }

    /// <summary>Removes the oldest segments; never the one that grows.</summary>
    public void RemoveOldest(int count) => _segments.RemoveRange(0, Math.Min(count, CompleteCount));

    /// <summary>Begins the next segment; a discontinuity number above the newest segment's means that it does not continue it.</summary>
    internal MediaSegment Begin(MediaInit? init, DateTime capturedAt, int discontinuities, bool isIndependent)
    {
        Discontinuities = Math.Max(Discontinuities, discontinuities);
        var segment = new MediaSegment(NextSequence++, Discontinuities, init, capturedAt, isIndependent) { Epoch = _epoch, IsFirstOfEpoch = !_hasBegun };
        _hasBegun = true;

        // As the one before, and a little more.
        if (init is not null) segment.Expect(_segments.Count > 0 ? _segments[^1].Length * 9 / 8 : 0);
        _segments.Add(segment);
        IsEnded = false;
        return segment;
    }

    /// <summary>What follows is another stream.</summary>
    internal void BeginEpoch()
    {
        _epoch++;
        _hasBegun = false;
    }

    internal void Complete(MediaSegment segment)
    {
        segment.Complete();
        LongestSoFar = Math.Max(LongestSoFar, segment.Duration);
    }

    internal void Complete(MediaSegment segment, byte[] whole)
    {
        segment.Complete(whole);
        LongestSoFar = Math.Max(LongestSoFar, segment.Duration);
    }

    internal void AllowPart(long duration)
    {
        if (TargetDuration == 0) PartTarget = Math.Max(PartTarget, duration);
    }

    private long SegmentAim => ToMicroseconds(_timing.Segment);

    internal static long ToMicroseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
