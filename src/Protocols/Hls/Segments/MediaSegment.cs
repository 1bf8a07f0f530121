namespace Sluice.Protocols.Hls.Segments;

/// <summary>
/// One media segment: parts, one after the other. One thread writes it; once it is complete only <see cref="ReleaseParts"/> changes it, and any thread may read.
/// </summary>
/// <param name="sequence">Its media sequence number.</param>
/// <param name="discontinuities">Its discontinuity sequence number.</param>
/// <param name="init">Its initialization section; null where it is text.</param>
/// <param name="capturedAt">The wall-clock time of its first frame.</param>
/// <param name="isIndependent">Decoding can begin at its beginning.</param>
public sealed class MediaSegment(long sequence, int discontinuities, MediaInit? init, DateTime capturedAt, bool isIndependent)
{
    private MediaPart[] _parts = [];
    private bool _isComplete;
    private SegmentSpace? _space;
    private int _partStart;

    /// <summary>Its media sequence number.</summary>
    public long Sequence => sequence;

    /// <summary>Its discontinuity sequence number: above that of the segment before where it does not continue it.</summary>
    public int Discontinuities => discontinuities;

    /// <summary>Its initialization section; null where it is text.</summary>
    public MediaInit? Init => init;

    /// <summary>The wall-clock time of its first frame, UTC.</summary>
    public DateTime CapturedAt => capturedAt;

    /// <summary>Decoding can begin at its beginning.</summary>
    public bool IsIndependent => isIndependent;

    /// <summary>Which stream it belongs to: grows with every stream of the channel.</summary>
    public int Epoch { get; init; }

    /// <summary>It is the first of its stream.</summary>
    public bool IsFirstOfEpoch { get; init; }

    /// <summary>Its complete parts and the growing one; empty once they were released.</summary>
    public MediaPart[] Parts => Volatile.Read(ref _parts);

    /// <summary>All its bytes, once it is complete; null before, and after they were released.</summary>
    public ReadOnlyMemory<byte>? Whole => IsComplete ? Volatile.Read(ref _space)?.Since(0) : null;

    /// <summary>Pictures or packets of sound in it.</summary>
    public int Frames { get; internal set; }

    /// <summary>Duration of its complete parts, in microseconds.</summary>
    public long Duration { get; private set; }

    /// <summary>Bytes of its complete parts.</summary>
    public long Length { get; private set; }

    /// <summary>Complete parts; the number of the next.</summary>
    public int PartCount { get; private set; }

    /// <summary>Nothing is added any more.</summary>
    public bool IsComplete => Volatile.Read(ref _isComplete);

    /// <summary>The part of a number, complete or growing; null where there is none (any more).</summary>
    public MediaPart? Find(int index)
    {
        var parts = Parts;
        return (uint)index < (uint)parts.Length ? parts[index] : null;
    }

    /// <summary>Lets go of the bytes: they are kept elsewhere, or not at all.</summary>
    public void ReleaseParts()
    {
        Volatile.Write(ref _parts, []);
        Volatile.Write(ref _space, null);
    }

    /// <summary>Where its bytes are written, chunk after chunk.</summary>
    internal SegmentSpace Space => _space!;

    /// <summary>Makes room for its bytes, before the first is written.</summary>
    internal void Expect(long bytes) => _space = new SegmentSpace(bytes);

    internal MediaPart BeginPart(bool startsIndependent)
    {
        var part = new MediaPart(PartCount, startsIndependent);
        Volatile.Write(ref _parts, [.. _parts, part]);
        return part;
    }

    internal void EndPart(MediaPart part, long duration)
    {
        part.Complete(duration, Space.Since(_partStart));
        _partStart = Space.Length;
        Duration += duration;
        Length += part.Length;
        PartCount++;
    }

    /// <summary>A part of text: whole from the beginning, and no piece of the segment.</summary>
    internal void AddPart(long duration, byte[] bytes)
    {
        var part = BeginPart(startsIndependent: true);
        part.Append(bytes);
        part.Complete(duration, bytes);
        Duration += duration;
        PartCount++;
    }

    /// <summary>A segment of text: what it says as a whole is not what its parts say in turn.</summary>
    internal void Complete(byte[] whole)
    {
        _space = new SegmentSpace(whole);
        Length = whole.Length;
        Volatile.Write(ref _isComplete, true);
    }

    internal void Complete()
    {
        Space.Trim();
        if (Space.HasMoved)
        {
            var at = 0;
            var whole = Space.Since(0);
            foreach (var part in _parts)
            {
                part.Move(whole.Slice(at, part.Length));
                at += part.Length;
            }
        }

        Volatile.Write(ref _isComplete, true);
    }
}
