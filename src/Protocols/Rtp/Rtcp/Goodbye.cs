using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// Streams that end (RFC 3550 §6.6).
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|    SC   |   PT=BYE=203  |             length            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                          SC SSRCs                             |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |     length    |               reason (optional)              ...
/// </code>
/// </summary>
public readonly ref struct Goodbye
{
    private readonly ReadOnlySpan<byte> _sources;

    private Goodbye(ReadOnlySpan<byte> sources, ReadOnlySpan<byte> reason)
    {
        _sources = sources;
        Reason = reason;
    }

    /// <summary>How many streams end.</summary>
    public int Count => _sources.Length / 4;

    /// <summary>Why, UTF-8 text of the peer; empty where it does not say.</summary>
    public ReadOnlySpan<byte> Reason { get; }

    /// <summary>The stream at an index below <see cref="Count"/>.</summary>
    public Ssrc this[int index] => new(BinaryPrimitives.ReadUInt32BigEndian(_sources.Slice(index * 4, 4)));

    /// <summary>Reads a packet of the reader; false for another type or a body too short. A reason that is not whole is ignored.</summary>
    public static bool TryParse(in RtcpPacketView packet, out Goodbye goodbye)
    {
        goodbye = default;
        var length = packet.Count * 4;
        if (packet.Type != RtcpPacketType.Goodbye || packet.Body.Length < length) return false;
        var rest = packet.Body[length..];
        var reason = !rest.IsEmpty && rest[0] < rest.Length ? rest.Slice(1, rest[0]) : default;
        goodbye = new Goodbye(packet.Body[..length], reason);
        return true;
    }

    /// <summary>Writes a goodbye for at most 31 streams, without a reason, and gives its length.</summary>
    public static int Write(Span<byte> destination, ReadOnlySpan<Ssrc> sources)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sources.Length, 31, nameof(sources));
        for (var i = 0; i < sources.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[(4 + i * 4)..], sources[i].Value);
        }

        return RtcpPacketView.WriteHeader(destination, RtcpPacketType.Goodbye, sources.Length, 4 + sources.Length * 4);
    }
}
