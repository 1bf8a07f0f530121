using System.Buffers.Binary;

namespace Sluice.Protocols.WebRtc.Dtls;

/// <summary>
/// The datagrams of our last flight: waiting to be sent, then kept to be sent again.
/// <para>Plaintext records get a new sequence number whenever they are sent, from a count of our own that replaces OpenSSL's
/// (RFC 6347 §4.2.4 wants that): a peer that dropped a ChangeCipherSpec which came too early would take its repetition for a replay.
/// Encrypted records are repeated byte for byte, as the number is under the tag; a peer without the key has not noted it yet.</para>
/// Bounded: more than <see cref="MaxBytes"/> is no flight a handshake of ours makes.
/// </summary>
internal sealed class DtlsFlight
{
    public const int MaxBytes = 32 * 1024;
    public const int MaxDatagram = 1200;
    private byte[] _bytes = [];
    private int _length;
    private int _sent;
    private ulong _nextSequence; // of epoch 0

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
        Number(destination[..length]);
        return true;
    }

    private void Number(Span<byte> datagram)
    {
        var at = 0;
        for (var walk = new DtlsRecords(datagram); walk.MoveNext(); at += walk.Record.Length)
        {
            if (walk.Epoch == 0) BinaryPrimitives.WriteUInt64BigEndian(datagram[(at + DtlsRecords.EpochOffset)..], _nextSequence++);
        }
    }
}
