namespace Sluice.Protocols.Rtmp.Chunks;

/// <summary>Bytes on their way to the peer. Bounded: what does not fit is refused whole, and the owner decides what that means.</summary>
internal sealed class OutputQueue(int limit)
{
    private byte[] _bytes = new byte[Math.Min(limit, 4096)];
    private int _start;
    private int _end;

    /// <summary>Bytes waiting.</summary>
    public int Count => _end - _start;

    /// <summary>Bytes that still fit.</summary>
    public int Free => limit - Count;

    /// <summary>Makes room for so many bytes and counts them as waiting; false at the limit.</summary>
    public bool TryReserve(int count, out Span<byte> room)
    {
        room = default;
        if (count > Free) return false;
        if (_bytes.Length - _end < count)
        {
            var target = _bytes.Length - Count >= count ? _bytes : new byte[Math.Min(limit, Math.Max(_bytes.Length * 2, Count + count))];
            _bytes.AsSpan(_start, Count).CopyTo(target);
            _bytes = target;
            _end = Count;
            _start = 0;
        }

        room = _bytes.AsSpan(_end, count);
        _end += count;
        return true;
    }

    /// <summary>Appends bytes; false at the limit.</summary>
    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!TryReserve(bytes.Length, out var room)) return false;
        bytes.CopyTo(room);
        return true;
    }

    /// <summary>Moves what fits to the destination; false where nothing waits.</summary>
    public bool TryTake(Span<byte> destination, out int taken)
    {
        taken = Math.Min(destination.Length, Count);
        _bytes.AsSpan(_start, taken).CopyTo(destination);
        _start += taken;
        if (_start == _end) _start = _end = 0;
        return taken > 0;
    }
}
