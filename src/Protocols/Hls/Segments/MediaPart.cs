namespace Sluice.Protocols.Hls.Segments;

/// <summary>
/// A part of a segment (RFC 8216bis §3.3): CMAF chunks, one or several. One thread writes it; any thread may read what there is, while it grows.
/// </summary>
/// <param name="index">Its number in its segment, from 0 on.</param>
/// <param name="isIndependent">It begins with a frame at which decoding can begin.</param>
public sealed class MediaPart(int index, bool isIndependent)
{
    private byte[][] _chunks = [];
    private int _length;
    private bool _isComplete;

    /// <summary>Its number in its segment.</summary>
    public int Index => index;

    /// <summary>It begins with a frame at which decoding can begin.</summary>
    public bool IsIndependent => isIndependent;

    /// <summary>How long it lasts, in microseconds; of meaning once it is complete.</summary>
    public long Duration { get; private set; }

    /// <summary>Nothing is added any more. Read it before <see cref="Chunks"/>.</summary>
    public bool IsComplete => Volatile.Read(ref _isComplete);

    /// <summary>The chunks so far; neither they nor the array change.</summary>
    public byte[][] Chunks => Volatile.Read(ref _chunks);

    /// <summary>Bytes so far.</summary>
    public int Length => Volatile.Read(ref _length);

    internal void Append(byte[] chunk)
    {
        Volatile.Write(ref _chunks, [.. _chunks, chunk]);
        Volatile.Write(ref _length, _length + chunk.Length);
    }

    internal void Complete(long duration)
    {
        Duration = duration;
        Volatile.Write(ref _isComplete, true);
    }
}
