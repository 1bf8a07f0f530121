using System.Buffers.Binary;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// Walks the packets of a compound (RFC 3550 §6.1) or reduced-size (RFC 5506) RTCP datagram. It never throws: the walk ends at the first
/// packet that is not whole, and <see cref="Malformed"/> then says so. Packets before that one were valid.
/// </summary>
public ref struct RtcpReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;
    private RtcpPacketView _current;

    /// <summary>True once the walk met a packet with a wrong version, a length beyond the datagram, or impossible padding.</summary>
    public bool Malformed { get; private set; }

    /// <summary>The packet last moved to.</summary>
    public readonly RtcpPacketView Current => _current;

    /// <summary>This reader, for <c>foreach</c>; a <c>foreach</c> walks a copy, so <see cref="Malformed"/> needs an explicit walk.</summary>
    public readonly RtcpReader GetEnumerator() => this;

    /// <summary>Moves to the next packet; false at the end or at the first malformed one.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty || Malformed) return false;
        if (_rest.Length < RtcpPacketView.HeaderLength || _rest[0] >> 6 != 2) return Fail();
        var length = (BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]) + 1) * 4;
        if (length > _rest.Length) return Fail();
        var padding = 0;
        if ((_rest[0] & 0x20) != 0)
        {
            padding = _rest[length - 1];
            if (padding == 0 || padding > length - RtcpPacketView.HeaderLength) return Fail();
        }

        _current = new RtcpPacketView((RtcpPacketType)_rest[1], _rest[0] & 0x1f, _rest[RtcpPacketView.HeaderLength..(length - padding)]);
        _rest = _rest[length..];
        return true;
    }

    private bool Fail()
    {
        Malformed = true;
        _current = default;
        return false;
    }
}
