namespace Sluice.Protocols.Hls.Segments;

/// <summary>
/// A part of a segment (RFC 8216bis §3.3): CMAF chunks, one or several. One thread writes it; any thread may read what there is, while it grows.
/// </summary>
/// <param name="index">Its number in its segment, from 0 on.</param>
/// <param name="isIndependent">It begins with a frame at which decoding can begin.</param>
public sealed class MediaPart(int index, bool isIndependent)
{
    private ReadOnlyMemory<byte>[] _chunks = [];
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
    public ReadOnlyMemory<byte>[] Chunks => Volatile.Read(ref _chunks);

    /// <summary>Bytes so far.</summary>
    public int Length => Volatile.Read(ref _length);

    /// <summary>All its bytes in one piece; only once it is complete.</summary>
    public ReadOnlyMemory<byte> Bytes => Chunks[0];

    internal void Append(ReadOnlyMemory<byte> chunk)
    {
        Volatile.Write(ref _chunks, [.. _chunks, chunk]);
        Volatile.Write(ref _length, _length + chunk.Length);
    }

    /// <summary>Puts the same bytes in one piece, or at another place.</summary>
    internal void Move(ReadOnlyMemory<byte> whole) => Volatile.Write(ref _chunks, [whole]);

    internal void Complete(long duration, ReadOnlyMemory<byte> whole)
    {
        Duration = duration;
        if (_chunks.Length != 1) Move(whole);
        Volatile.Write(ref _isComplete, true);
    }
}
