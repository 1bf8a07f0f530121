using System.Buffers;

namespace Sluice.Protocols.Hls.Segments;

/// <summary>
/// The memory one segment is written into, once: chunks, parts and the whole are all pieces of it. What was written never changes. Where it was too small it goes on in
/// a larger copy; pieces of the one before stay as they are. One thread writes.
/// </summary>
internal sealed class SegmentSpace : IBufferWriter<byte>
{
    private const int Least = 4096;

    private byte[] _bytes;

    /// <param name="expected">Bytes that are expected to come.</param>
    public SegmentSpace(long expected) => _bytes = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(expected, Least, Array.MaxLength));

    /// <param name="whole">All there is; not copied.</param>
    public SegmentSpace(byte[] whole)
    {
        _bytes = whole;
        Length = whole.Length;
    }

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written since.</summary>
    public ReadOnlyMemory<byte> Since(int start) => _bytes.AsMemory(start, Length - start);

    /// <summary>Pieces from before lie in memory that is not used any more.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>Nothing more comes: gives back room that was not needed where that is much.</summary>
    public void Trim()
    {
        if (_bytes.Length - Length > Math.Max(Length / 4, Least)) Move(Length);
    }

    /// <inheritdoc />
    public void Advance(int count) => Length += count;

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Reserve(int count)
    {
        var needed = Length + (long)Math.Max(count, 1);
        if (needed > _bytes.Length) Move((int)Math.Min(Array.MaxLength, Math.Max(needed, _bytes.Length * 3L / 2)));
    }

    private void Move(int capacity)
    {
        var larger = GC.AllocateUninitializedArray<byte>(capacity);
        _bytes.AsSpan(0, Length).CopyTo(larger);
        _bytes = larger;
        HasMoved |= Length > 0;
    }
}
