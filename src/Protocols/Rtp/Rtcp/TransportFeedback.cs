using System.Buffers.Binary;
using System.Numerics;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>What a transport feedback says about one packet.</summary>
/// <param name="Sequence">The transport-wide sequence number.</param>
/// <param name="Received">True where the packet arrived before the feedback was made.</param>
/// <param name="ArrivalTicks">
/// When it arrived, in ticks of 250 µs since the zero of the feedback's reference time; 0 where it did not.
/// </param>
public readonly record struct PacketArrival(ushort Sequence, bool Received, long ArrivalTicks);

/// <summary>
/// The arrival of each packet of a transport (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|  FMT=15 |    PT=205     |           length              |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          SSRC of packet sender, then SSRC of media source     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |      base sequence number     |      packet status count      |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |        reference time, 64 ms (signed)         | feedback count|
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  status chunks, 16 bits each, then receive deltas, padded     |
///
/// run length:    |0| S |   run of 1 to 8191      |
/// status vector: |1|0| fourteen 1-bit symbols    |    |1|1| seven 2-bit symbols      |
/// symbols: 0 not received, 1 delta of 1 byte (unsigned), 2 delta of 2 bytes (signed), 3 reserved; deltas in 250 µs
/// </code>
/// Enumerates the packets in sequence order.
/// </summary>
public ref struct TransportFeedback
{
    /// <summary>Ticks of a receive delta in a unit of the reference time.</summary>
    public const int TicksPerReferenceUnit = 256;

    /// <summary>Nanoseconds of a tick of a receive delta.</summary>
    public const long NanosecondsPerTick = 250_000;

    internal const int Format = 15;
    internal const int ChunksOffset = 20;

    private ReadOnlySpan<byte> _chunks;
    private ReadOnlySpan<byte> _deltas;
    private ushort _next;
    private int _left;
    private long _ticks;
    private StatusChunk _chunk;
    private PacketArrival _current;

    /// <summary>Who reports.</summary>
    public Ssrc Sender { get; private init; }

    /// <summary>One of the streams reported on; the numbers belong to the transport.</summary>
    public Ssrc Media { get; private init; }

    /// <summary>The number of the first packet reported on.</summary>
    public ushort BaseSequence { get; private init; }

    /// <summary>How many packets the report covers.</summary>
    public int StatusCount { get; private init; }

    /// <summary>The zero of the arrival times in units of 64 ms, 24 bits signed, wrapping.</summary>
    public int ReferenceTime { get; private init; }

    /// <summary>Counts the feedback packets of the reporter, modulo 256.</summary>
    public byte FeedbackCount { get; private init; }

    /// <summary>The packet last moved to.</summary>
    public readonly PacketArrival Current => _current;

    /// <summary>This enumerator, for <c>foreach</c>.</summary>
    public readonly TransportFeedback GetEnumerator() => this;

    /// <summary>
    /// Reads a packet of the reader. False for another type or format, for chunks that do not cover the status count, for deltas that are
    /// not whole and for the reserved symbol: after true, enumerating gives exactly <see cref="StatusCount"/> packets.
    /// </summary>
    public static bool TryParse(in RtcpPacketView packet, out TransportFeedback feedback)
    {
        feedback = default;
        var body = packet.Body;
        if (!packet.IsFeedback(RtcpPacketType.TransportFeedback, Format) || body.Length < ChunksOffset - 4) return false;
        int count = BinaryPrimitives.ReadUInt16BigEndian(body[10..]);
        var rest = body[(ChunksOffset - 4)..];
        int covered = 0, chunkBytes = 0, deltaBytes = 0;
        while (covered < count)
        {
            if (rest.Length < chunkBytes + 2) return false;
            var chunk = new StatusChunk(BinaryPrimitives.ReadUInt16BigEndian(rest[chunkBytes..]));
            chunkBytes += 2;
            var length = Math.Min(chunk.Length, count - covered);
            if (length == 0 || !chunk.TryCountDeltaBytes(length, out var bytes)) return false;
            deltaBytes += bytes;
            covered += length;
        }

        if (rest.Length < chunkBytes + deltaBytes) return false;
        var baseSequence = BinaryPrimitives.ReadUInt16BigEndian(body[8..]);
        var reference = BinaryPrimitives.ReadInt32BigEndian(body[12..]) >> 8;
        feedback = new TransportFeedback
        {
            Sender = packet.SsrcAt(0),
            Media = packet.SsrcAt(4),
            BaseSequence = baseSequence,
            StatusCount = count,
            ReferenceTime = reference,
            FeedbackCount = body[15],
            _chunks = rest[..chunkBytes],
            _deltas = rest.Slice(chunkBytes, deltaBytes),
            _next = baseSequence,
            _left = count,
            _ticks = (long)reference * TicksPerReferenceUnit,
        };
        return true;
    }

    /// <summary>Moves to the next packet the report covers.</summary>
    public bool MoveNext()
    {
        if (_left == 0) return false;
        if (_chunk.Length == 0)
        {
            _chunk = new StatusChunk(BinaryPrimitives.ReadUInt16BigEndian(_chunks));
            _chunks = _chunks[2..];
        }

        var symbol = _chunk.Take();
        if (symbol == StatusChunk.SmallDelta)
        {
            _ticks += _deltas[0];
            _deltas = _deltas[1..];
        }
        else if (symbol == StatusChunk.LargeDelta)
        {
            _ticks += BinaryPrimitives.ReadInt16BigEndian(_deltas);
            _deltas = _deltas[2..];
        }

        var received = symbol != StatusChunk.NotReceived;
        _current = new PacketArrival(_next++, received, received ? _ticks : 0);
        _left--;
        return true;
    }
}
