using System.Buffers.Binary;
using System.Numerics;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// Requests for lost packets (RFC 4585 §6.2.1): each item names one sequence number and, by a bit each, the sixteen behind it.
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|  FMT=1  |    PT=205     |             length            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          SSRC of packet sender, then SSRC of media source     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |            PID                |             BLP               |
/// </code>
/// Enumerates the sequence numbers in wire order.
/// </summary>
public ref struct GenericNack
{
    private const int Format = 1;
    private const int ItemsOffset = 12;

    private ReadOnlySpan<byte> _items;
    private ushort _packetId;
    private ushort _bitmask;
    private ushort _current;

    /// <summary>Who asks.</summary>
    public Ssrc Sender { get; private init; }

    /// <summary>The stream whose packets are asked for.</summary>
    public Ssrc Media { get; private init; }

    /// <summary>The sequence number last moved to.</summary>
    public readonly ushort Current => _current;

    /// <summary>This enumerator, for <c>foreach</c>.</summary>
    public readonly GenericNack GetEnumerator() => this;

    /// <summary>Reads a packet of the reader; false for another type or format.</summary>
    public static bool TryParse(in RtcpPacketView packet, out GenericNack nack)
    {
        nack = default;
        if (!packet.IsFeedback(RtcpPacketType.TransportFeedback, Format)) return false;
        nack = new GenericNack { Sender = packet.SsrcAt(0), Media = packet.SsrcAt(4), _items = packet.Body[8..] };
        return true;
    }

    /// <summary>Moves to the next sequence number asked for.</summary>
    public bool MoveNext()
    {
        if (_bitmask != 0)
        {
            _current = (ushort)(_packetId + 1 + BitOperations.TrailingZeroCount(_bitmask));
            _bitmask &= (ushort)(_bitmask - 1);
            return true;
        }

        if (_items.Length < 4) return false;
        _current = _packetId = BinaryPrimitives.ReadUInt16BigEndian(_items);
        _bitmask = BinaryPrimitives.ReadUInt16BigEndian(_items[2..]);
        _items = _items[4..];
        return true;
    }

    /// <summary>
    /// Writes requests for as many of the sequence numbers as fit, numbers in ascending (wrapping) order packing best. Gives the length
    /// written, 0 where not even one fits or there are none.
    /// </summary>
    /// <param name="destination">Where to write.</param>
    /// <param name="sender">Who asks.</param>
    /// <param name="media">The stream whose packets are asked for.</param>
    /// <param name="sequences">The sequence numbers.</param>
    /// <param name="taken">How many of them went into the packet; call again with the rest.</param>
    public static int Write(Span<byte> destination, Ssrc sender, Ssrc media, ReadOnlySpan<ushort> sequences, out int taken)
    {
        taken = 0;
        var length = ItemsOffset;
        while (taken < sequences.Length && length + 4 <= destination.Length)
        {
            var packetId = sequences[taken++];
            ushort bitmask = 0;
            while (taken < sequences.Length)
            {
                var bit = (ushort)(sequences[taken] - packetId - 1);
                if (bit > 15) break;
                bitmask |= (ushort)(1 << bit);
                taken++;
            }

            BinaryPrimitives.WriteUInt16BigEndian(destination[length..], packetId);
            BinaryPrimitives.WriteUInt16BigEndian(destination[(length + 2)..], bitmask);
            length += 4;
        }

        if (taken == 0) return 0;
        return RtcpPacketView.WriteFeedbackHeader(destination, RtcpPacketType.TransportFeedback, Format, sender, media, length);
    }
}
