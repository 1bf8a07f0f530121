using System.Buffers.Binary;

namespace Sluice.Protocols.WebRtc.Dtls;

/// <summary>The content of a DTLS record (RFC 6347 §4.1).</summary>
internal enum DtlsContent : byte
{
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
}

/// <summary>
/// Walks the records of a datagram, or of the border-less stream that OpenSSL writes into a memory BIO. Stops at the first bytes that are
/// no record.
/// </summary>
internal ref struct DtlsRecords(ReadOnlySpan<byte> bytes)
{
    public const int HeaderLength = 13;

    /// <summary>Where 16 bits of epoch and 48 bits of sequence number lie.</summary>
    public const int EpochOffset = 3;

    private const int LengthOffset = 11;
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The current record with its header.</summary>
    public ReadOnlySpan<byte> Record { get; private set; }

    /// <summary>The current record's content.</summary>
    public readonly DtlsContent Content => (DtlsContent)Record[0];

    /// <summary>The current record's epoch: 0 is plaintext.</summary>
    public readonly ushort Epoch => BinaryPrimitives.ReadUInt16BigEndian(Record[EpochOffset..]);

    /// <summary>True where every byte belonged to a record so far.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Moves to the next record.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < HeaderLength || _rest[0] is < (byte)DtlsContent.ChangeCipherSpec or > (byte)DtlsContent.ApplicationData) return false;
        if (_rest[1] != 0xfe) return false; // DTLS 1.0 and 1.2 both; a ClientHello comes as 1.0
        var length = HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(_rest[LengthOffset..]);
        if (length > _rest.Length) return false;
        Record = _rest[..length];
        _rest = _rest[length..];
        return true;
    }
}
