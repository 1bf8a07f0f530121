using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// A source description (RFC 3550 §6.5) of which only the canonical name matters here: streams with one CNAME share one clock.
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|    SC   |  PT=SDES=202  |             length            |
/// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
/// |                             SSRC                              |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |    CNAME=1    |     length    | text ...   items end with 0,  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                               padded to 32 bits               |
/// </code>
/// </summary>
public ref struct SourceDescription
{
    private const byte CanonicalNameItem = 1;

    private ReadOnlySpan<byte> _rest;
    private int _chunks;

    /// <summary>The stream of the chunk last moved to.</summary>
    public Ssrc Ssrc { get; private set; }

    /// <summary>The CNAME of the chunk last moved to, UTF-8; empty where the chunk has none.</summary>
    public ReadOnlySpan<byte> CanonicalName { get; private set; }

    /// <summary>Begins a walk over the chunks of a packet; false for another type.</summary>
    public static bool TryParse(in RtcpPacketView packet, out SourceDescription description)
    {
        description = default;
        if (packet.Type != RtcpPacketType.SourceDescription) return false;
        description = new SourceDescription { _rest = packet.Body, _chunks = packet.Count };
        return true;
    }

    /// <summary>Moves to the next chunk; false at the end or at a chunk that is not whole.</summary>
    public bool MoveNext()
    {
        if (_chunks == 0 || _rest.Length < 4) return false;
        _chunks--;
        Ssrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(_rest));
        CanonicalName = default;
        var position = 4;
        while (position < _rest.Length && _rest[position] != 0)
        {
            if (position + 2 > _rest.Length || position + 2 + _rest[position + 1] > _rest.Length) return End();
            if (_rest[position] == CanonicalNameItem)
            {
                CanonicalName = _rest.Slice(position + 2, _rest[position + 1]);
            }

            position += 2 + _rest[position + 1];
        }

        if (position == _rest.Length) return End();
        _rest = _rest[Math.Min((position + 4) & ~3, _rest.Length)..];
        return true;
    }

    /// <summary>Bytes of a description of one stream with a CNAME of so many bytes.</summary>
    public static int LengthOf(int nameLength) => RtcpPacketView.HeaderLength + ((4 + 2 + nameLength + 4) & ~3);

    /// <summary>Writes a description of one stream with its CNAME (at most 255 bytes) and gives its length.</summary>
    public static int Write(Span<byte> destination, Ssrc ssrc, ReadOnlySpan<byte> canonicalName)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(canonicalName.Length, 255, nameof(canonicalName));
        var length = LengthOf(canonicalName.Length);
        destination[8..length].Clear();
        canonicalName.CopyTo(destination[10..]);
        destination[9] = (byte)canonicalName.Length;
        destination[8] = CanonicalNameItem;
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ssrc.Value);
        return RtcpPacketView.WriteHeader(destination, RtcpPacketType.SourceDescription, 1, length);
    }

    private bool End()
    {
        _chunks = 0;
        Ssrc = default;
        CanonicalName = default;
        return false;
    }
}
