namespace Sluice.Protocols.Hls.Segments;

/// <summary>
/// One media segment: parts, one after the other. One thread writes it; once it is complete only <see cref="ReleaseParts"/> changes it, and any thread may read.
/// </summary>
/// <param name="sequence">Its media sequence number.</param>
/// <param name="discontinuities">Its discontinuity sequence number.</param>
/// <param name="init">Its initialization section.</param>
/// <param name="capturedAt">The wall-clock time of its first frame.</param>
/// <param name="isIndependent">Decoding can begin at its beginning.</param>
public sealed class MediaSegment(long sequence, int discontinuities, MediaInit init, DateTime capturedAt, bool isIndependent)
{
    private MediaPart[] _parts = [];
    private bool _isComplete;
    private byte[]? _whole;

    /// <summary>Its media sequence number.</summary>
    public long Sequence => sequence;

    /// <summary>Its discontinuity sequence number: above that of the segment before where it does not continue it.</summary>
    public int Discontinuities => discontinuities;

    /// <summary>Its initialization section.</summary>
    public MediaInit Init => init;

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

    /// <summary>All its bytes, once it is complete; null before, and after they were released. Not to be changed.</summary>
    public byte[]? Whole => Volatile.Read(ref _whole);

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
        Volatile.Write(ref _whole, null);
    }

    internal MediaPart BeginPart(bool startsIndependent)
    {
        var part = new MediaPart(PartCount, startsIndependent);
        Volatile.Write(ref _parts, [.. _parts, part]);
        return part;
    }

    internal void EndPart(MediaPart part, long duration)
    {
        part.Complete(duration);
        Duration += duration;
        Length += part.Length;
        PartCount++;
    }

    // One array for the whole: it is sent often, and in one piece.
    internal void Complete()
    {
        var whole = new byte[Length];
        var at = 0;
        foreach (var part in _parts)
        {
            var start = at;
            foreach (var chunk in part.Chunks)
            {
                chunk.CopyTo(whole.AsMemory(at));
                at += chunk.Length;
            }

            part.Move(whole.AsMemory(start, at - start));
        }

        Volatile.Write(ref _whole, whole);
        Volatile.Write(ref _isComplete, true);
    }
}
