namespace Sluice.Protocols.WebRtc.Dtls;

/// <summary>
/// The datagrams of our last flight: waiting to be sent, then kept to be sent again, byte for byte. A resent record looks to the peer
/// like a datagram the network doubled, which its replay window sorts out (RFC 6347 §4.1.2.6).
/// Bounded: more than <see cref="MaxBytes"/> is no flight a handshake of ours makes.
/// </summary>
internal sealed class DtlsFlight
{
    public const int MaxBytes = 32 * 1024;
    public const int MaxDatagram = 1200;
    private byte[] _bytes = [];
    private int _length;
    private int _sent;

    /// <summary>True where datagrams wait to be sent.</summary>
    public bool IsPending => _sent < _length;

    public bool IsEmpty => _length == 0;

    /// <summary>
    /// Begins a new flight of records written one after the other; what still waits to be sent stays in front of it. False, and nothing
    /// is changed, where they are too many or no records.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> records)
    {
        var waiting = _bytes.AsSpan(_sent, _length - _sent);
        if (waiting.Length + records.Length > MaxBytes) return false;
        for (var walk = new DtlsRecords(records); !walk.AtEnd;)
        {
            if (!walk.MoveNext()) return false;
        }

        _bytes = [.. waiting, .. records];
        _length = _bytes.Length;
        _sent = 0;
        return true;
    }

    /// <summary>Sends all of it again.</summary>
    public void Rewind() => _sent = 0;

    /// <summary>Forgets it.</summary>
    public void Clear()
    {
        _bytes = [];
        _sent = _length = 0;
    }

    /// <summary>Takes as many whole records as a datagram holds.</summary>
    public bool TryTake(Span<byte> destination, out int length)
    {
        length = 0;
        var walk = new DtlsRecords(_bytes.AsSpan(_sent, _length - _sent));
        while (walk.MoveNext())
        {
            if (length > 0 && length + walk.Record.Length > MaxDatagram) break;
            length += walk.Record.Length;
        }

        if (length == 0) return false;
        if (length > destination.Length) throw new ArgumentException("No room for a datagram.", nameof(destination));
        _bytes.AsSpan(_sent, length).CopyTo(destination);
        _sent += length;
        return true;
    }
}
