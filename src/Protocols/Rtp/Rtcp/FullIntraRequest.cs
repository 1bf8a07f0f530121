using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// A command to send a keyframe (RFC 5104 §4.3.1). A number repeated is the same command repeated.
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|  FMT=4  |    PT=206     |             length            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          SSRC of packet sender, then zero                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                 SSRC of the stream asked                      |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// | command number|                   zero                        |
/// </code>
/// Enumerates the commands in wire order.
/// </summary>
public ref struct FullIntraRequest
{
    /// <summary>Bytes of a packet with one command.</summary>
    public const int Length = 20;

    private const int Format = 4;
    private const int EntryLength = 8;

    private ReadOnlySpan<byte> _entries;
    private FullIntraCommand _current;

    /// <summary>Who commands.</summary>
    public Ssrc Sender { get; private init; }

    /// <summary>The command last moved to.</summary>
    public readonly FullIntraCommand Current => _current;

    /// <summary>This enumerator, for <c>foreach</c>.</summary>
    public readonly FullIntraRequest GetEnumerator() => this;

    /// <summary>Reads a packet of the reader; false for another type or format.</summary>
    public static bool TryParse(in RtcpPacketView packet, out FullIntraRequest request)
    {
        request = default;
        if (!packet.IsFeedback(RtcpPacketType.PayloadFeedback, Format)) return false;
        request = new FullIntraRequest { Sender = packet.SsrcAt(0), _entries = packet.Body[8..] };
        return true;
    }

    /// <summary>Moves to the next command.</summary>
    public bool MoveNext()
    {
        if (_entries.Length < EntryLength) return false;
        _current = new FullIntraCommand(new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(_entries)), _entries[4]);
        _entries = _entries[EntryLength..];
        return true;
    }

    /// <summary>Writes a packet with one command and gives its length.</summary>
    public static int Write(Span<byte> destination, Ssrc sender, FullIntraCommand command)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], (uint)command.Number << 24);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], command.Media.Value);
        return RtcpPacketView.WriteFeedbackHeader(destination, RtcpPacketType.PayloadFeedback, Format, sender, default, Length);
    }
}

/// <summary>One command of a full intra request.</summary>
/// <param name="Media">The stream that shall send a keyframe.</param>
/// <param name="Number">Counts the commands to this stream, modulo 256.</param>
public readonly record struct FullIntraCommand(Ssrc Media, byte Number);
