using System.Diagnostics;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>
/// The bytes of the frame under construction, behind those of frames not yet taken. Grows by doubling up to two frames of the largest size;
/// keeps what it has grown to.
/// </summary>
internal struct FrameBuffer
{
    private const int Smallest = 16 * 1024;

    private byte[] _bytes;
    private int _start;

    /// <summary>Bytes of the frame under construction.</summary>
    public int Length { get; private set; }

    /// <summary>Where the frame under construction begins, for <see cref="Slice"/>.</summary>
    public readonly int Start => _start;

    /// <summary>The frame under construction.</summary>
    public readonly Span<byte> Current => _bytes.AsSpan(_start, Length);

    /// <summary>Bytes of a frame that was completed.</summary>
    public readonly ReadOnlySpan<byte> Slice(int start, int length) => _bytes.AsSpan(start, length);

    /// <summary>The frame is complete: the next one begins behind it.</summary>
    public void Commit()
    {
        _start += Length;
        Length = 0;
    }

    /// <summary>Completed frames were taken: what is under construction moves to the front.</summary>
    public void Compact()
    {
        if (_start == 0) return;
        if (Length > 0) Current.CopyTo(_bytes);
        _start = 0;
    }

    /// <summary>Throws away what was written after a length.</summary>
    public void Truncate(int length)
    {
        Debug.Assert(length <= Length);
        Length = length;
    }

    /// <summary>Adds bytes; false where the frame would become too large.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (!TryReserve(bytes.Length, out var room)) return false;
        bytes.CopyTo(room);
        return true;
    }

    /// <summary>Adds bytes that the caller writes; false where the frame would become too large.</summary>
    public bool TryReserve(int count, out Span<byte> room)
    {
        room = default;
        if (count > Depacketizer.MaxFrame - Length) return false;
        var needed = _start + Length + count;
        if (_bytes is null || needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(Smallest, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed)), 2u * Depacketizer.MaxFrame));
        }

        room = _bytes.AsSpan(_start + Length, count);
        Length += count;
        return true;
    }
}
