namespace Sluice.Protocols.Hls.Segments;

/// <summary>How long parts and segments are meant to be.</summary>
public sealed record SegmentTiming
{
    /// <summary>The usual: parts of 200 ms, segments of 2 s.</summary>
    public static SegmentTiming Default { get; } = new();

    /// <summary>What a part aims at.</summary>
    public TimeSpan Part { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>What a part is made of while it grows: whoever streams it gets a piece this often.</summary>
    public TimeSpan Chunk { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The shortest segment that is ended for a key picture, but for a tenth.</summary>
    public TimeSpan Segment { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest segment where nothing was promised yet; then it is cut between key pictures.</summary>
    public TimeSpan LongestSegment { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>A hole in the time line that is longer becomes a discontinuity.</summary>
    public TimeSpan LongestHole { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// The part target (RFC 8216bis §4.4.3.7): a little above the aim, so that a whole number of frames of every usual rate fits between 85 % of it and it.
    /// </summary>
    public TimeSpan PartTarget => Part * 1.05;
}
