using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>The blocks of an extended report that Sluice reads; others pass by their number.</summary>
public enum ExtendedBlockType : byte
{
    /// <summary>Receiver reference time (RFC 3611 §4.4).</summary>
    ReceiverReferenceTime = 4,

    /// <summary>Delay since the last receiver reference time (RFC 3611 §4.5).</summary>
    DelaySinceLastReceiverReport = 5,
}

/// <summary>
/// An extended report (RFC 3611), by which a receiver that sends nothing can measure the round trip: it states its clock, and the sender
/// answers with the time that has passed.
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|reserved |   PT=XR=207   |             length            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                              SSRC                             |
/// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
/// |     BT=4      |   reserved    |       block length = 2        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                NTP timestamp (64 bits)                        |
/// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
/// |     BT=5      |   reserved    |      block length = 3n        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |        n times: SSRC, last RR (LRR), delay since it (DLRR)    |
/// </code>
/// Enumerates the blocks in wire order.
/// </summary>
public ref struct ExtendedReport
{
    /// <summary>Bytes of a report with one reference time.</summary>
    public const int ReferenceTimeLength = 20;

    private const int FixedLength = 4;
    private const int SubBlockLength = 12;

    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _block;

    /// <summary>Who reports.</summary>
    public Ssrc Sender { get; private init; }

    /// <summary>The type of the block last moved to.</summary>
    public ExtendedBlockType BlockType { get; private set; }

    /// <summary>The clock a <see cref="ExtendedBlockType.ReceiverReferenceTime"/> block states.</summary>
    public readonly NtpTime ReferenceTime => new(BinaryPrimitives.ReadUInt64BigEndian(_block));

    /// <summary>How many entries a <see cref="ExtendedBlockType.DelaySinceLastReceiverReport"/> block has.</summary>
    public readonly int DelayCount => _block.Length / SubBlockLength;

    /// <summary>The entry at an index below <see cref="DelayCount"/>.</summary>
    public readonly ReceiverDelay Delay(int index)
    {
        var entry = _block.Slice(index * SubBlockLength, SubBlockLength);
        return new ReceiverDelay(
            new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(entry)),
            BinaryPrimitives.ReadUInt32BigEndian(entry[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(entry[8..]));
    }

    /// <summary>Begins a walk over the blocks of a packet; false for another type or a body too short.</summary>
    public static bool TryParse(in RtcpPacketView packet, out ExtendedReport report)
    {
        report = default;
        if (packet.Type != RtcpPacketType.ExtendedReport || packet.Body.Length < FixedLength) return false;
        report = new ExtendedReport { Sender = packet.SsrcAt(0), _rest = packet.Body[FixedLength..] };
        return true;
    }

    /// <summary>
    /// Moves to the next block; false at the end or at a block that is not whole. Blocks of the two known types whose length does not
    /// suit their type are passed over.
    /// </summary>
    public bool MoveNext()
    {
        while (_rest.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]) * 4;
            if (_rest.Length < 4 + length) break;
            BlockType = (ExtendedBlockType)_rest[0];
            _block = _rest.Slice(4, length);
            _rest = _rest[(4 + length)..];
            var suits = BlockType switch
            {
                ExtendedBlockType.ReceiverReferenceTime => length == 8,
                ExtendedBlockType.DelaySinceLastReceiverReport => length % SubBlockLength == 0,
                _ => true,
            };
            if (suits) return true;
        }

        _rest = default;
        _block = default;
        return false;
    }

    /// <summary>Writes a report that states our clock and gives its length.</summary>
    public static int WriteReferenceTime(Span<byte> destination, Ssrc sender, NtpTime now)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[12..], now.Value);
        WriteBlockHeader(destination, sender, ExtendedBlockType.ReceiverReferenceTime, 8);
        return RtcpPacketView.WriteHeader(destination, RtcpPacketType.ExtendedReport, 0, ReferenceTimeLength);
    }

    /// <summary>Bytes of a report with so many delays.</summary>
    public static int DelaysLength(int delays) => 12 + delays * SubBlockLength;

    /// <summary>Writes a report that answers reference times and gives its length.</summary>
    public static int WriteDelays(Span<byte> destination, Ssrc sender, ReadOnlySpan<ReceiverDelay> delays)
    {
        for (var i = 0; i < delays.Length; i++)
        {
            var entry = destination.Slice(DelaysLength(i), SubBlockLength);
            BinaryPrimitives.WriteUInt32BigEndian(entry, delays[i].Receiver.Value);
            BinaryPrimitives.WriteUInt32BigEndian(entry[4..], delays[i].LastReferenceTime);
            BinaryPrimitives.WriteUInt32BigEndian(entry[8..], delays[i].Delay);
        }

        WriteBlockHeader(destination, sender, ExtendedBlockType.DelaySinceLastReceiverReport, delays.Length * SubBlockLength);
        return RtcpPacketView.WriteHeader(destination, RtcpPacketType.ExtendedReport, 0, DelaysLength(delays.Length));
    }

    private static void WriteBlockHeader(Span<byte> destination, Ssrc sender, ExtendedBlockType type, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], checked((ushort)(length / 4)));
        destination[9] = 0;
        destination[8] = (byte)type;
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], sender.Value);
    }
}

/// <summary>The answer to one receiver's reference time (RFC 3611 §4.5).</summary>
/// <param name="Receiver">Whose reference time is answered.</param>
/// <param name="LastReferenceTime">The middle 32 bits of it.</param>
/// <param name="Delay">Time since it arrived, in units of 1/65536 s.</param>
public readonly record struct ReceiverDelay(Ssrc Receiver, uint LastReferenceTime, uint Delay);
