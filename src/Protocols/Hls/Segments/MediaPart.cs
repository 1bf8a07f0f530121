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

    /// <summary>All its bytes in one piece, once it is complete.</summary>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            var chunks = Chunks;
            if (chunks.Length == 1) return chunks[0];
            var whole = new byte[Length];
            var at = 0;
            foreach (var chunk in chunks)
            {
                chunk.CopyTo(whole.AsMemory(at));
                at += chunk.Length;
            }

            return whole;
        }
    }

    internal void Append(byte[] chunk)
    {
        Volatile.Write(ref _chunks, [.. _chunks, chunk]);
        Volatile.Write(ref _length, _length + chunk.Length);
    }

    /// <summary>Puts the same bytes at another place: the array of the whole segment.</summary>
    internal void Move(ReadOnlyMemory<byte> whole) => Volatile.Write(ref _chunks, [whole]);

    internal void Complete(long duration)
    {
        Duration = duration;
        if (_chunks.Length > 1) Move(Bytes);
        Volatile.Write(ref _isComplete, true);
    }
}
