using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Tcp;

/// <summary>
/// The bytes one TCP connection still has to send: datagrams, each after its length in two bytes (RFC 4571 §2). Bounded: a datagram that does not fit is
/// refused whole, so that the peer never sees half a frame. Memory grows by doubling up to the limit and is kept.
/// </summary>
internal sealed class FrameQueue(int limit)
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>Bytes not sent yet.</summary>
    public ReadOnlySpan<byte> Pending => _buffer.AsSpan(_start, _end - _start);

    public bool IsEmpty => _start == _end;

    /// <summary>Queues one datagram; false where it does not fit.</summary>
    public bool TryAdd(ReadOnlySpan<byte> datagram)
    {
        var needed = DatagramFraming.PrefixLength + datagram.Length;
        if (datagram.Length > DatagramFraming.MaxDatagramLength || _end - _start + needed > limit) return false;
        if (_end + needed > _buffer.Length) MakeRoom(needed);
        DatagramFraming.TryWrite(datagram, _buffer.AsSpan(_end), out _);
        _end += needed;
        return true;
    }

    /// <summary>Forgets bytes the kernel took.</summary>
    public void Consume(int count)
    {
        _start += count;
        if (_start == _end) _start = _end = 0;
    }

    private void MakeRoom(int needed)
    {
        var pending = _end - _start;
        var target = _buffer;
        // Move within the buffer only where at least half of it is free, so that bytes are not moved again and again.
        if (pending + needed > _buffer.Length / 2 && _buffer.Length < limit)
        {
            var size = Math.Max(4096, _buffer.Length);
            while (size < pending + needed) size *= 2;
            target = new byte[Math.Min(limit, Math.Max(size, Math.Min(limit, _buffer.Length * 2)))];
        }

        _buffer.AsSpan(_start, pending).CopyTo(target);
        _buffer = target;
        _start = 0;
        _end = pending;
    }
}
