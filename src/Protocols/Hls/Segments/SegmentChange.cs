namespace Sluice.Protocols.Hls.Segments;

/// <summary>What a call to a <see cref="Segmenter"/> has changed.</summary>
[Flags]
public enum SegmentChange
{
    /// <summary>Nothing that a reader would notice.</summary>
    None = 0,

    /// <summary>The growing part has more bytes.</summary>
    Chunk = 1,

    /// <summary>A part is complete.</summary>
    Part = 2,

    /// <summary>A segment is complete.</summary>
    Segment = 4,

    /// <summary>A segment has begun.</summary>
    Begun = 8,

    /// <summary>The segment that has begun does not continue the one before: the other renditions' must not either.</summary>
    Discontinuity = 16,
}
