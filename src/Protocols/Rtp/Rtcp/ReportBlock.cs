using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// How one stream arrived at a receiver (RFC 3550 §6.4.1).
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                 SSRC of the reported stream                   |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// | fraction lost |       cumulative number of packets lost       |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |           extended highest sequence number received           |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                      interarrival jitter                      |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         last SR (LSR)                         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                   delay since last SR (DLSR)                  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </summary>
/// <param name="Ssrc">The stream reported on.</param>
/// <param name="FractionLost">Loss since the last report in units of 1/256.</param>
/// <param name="CumulativeLost">Packets lost since the start, 24 bits signed: duplicates can make it negative.</param>
/// <param name="HighestSequence">Sequence cycles in the upper, highest sequence number in the lower 16 bits.</param>
/// <param name="Jitter">Interarrival jitter in ticks of the stream's clock.</param>
/// <param name="LastSenderReport">The middle 32 bits of the last sender report's NTP time, 0 where none came.</param>
/// <param name="DelaySinceLastSenderReport">Time since that report in units of 1/65536 s.</param>
public readonly record struct ReportBlock(
    Ssrc Ssrc,
    byte FractionLost,
    int CumulativeLost,
    uint HighestSequence,
    uint Jitter,
    uint LastSenderReport,
    uint DelaySinceLastSenderReport)
{
    /// <summary>Bytes of a block.</summary>
    public const int Length = 24;

    internal const int MostInPacket = 31;
    private const int LargestLost = 0x7f_ffff;

    internal static ReportBlock Read(ReadOnlySpan<byte> bytes) => new(
        new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
        bytes[4],
        BinaryPrimitives.ReadInt32BigEndian(bytes[4..]) << 8 >> 8,
        BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));

    internal void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], DelaySinceLastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], HighestSequence);
        var lost = Math.Clamp(CumulativeLost, -LargestLost - 1, LargestLost) & 0xff_ffff;
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], (uint)FractionLost << 24 | (uint)lost);
        BinaryPrimitives.WriteUInt32BigEndian(destination, Ssrc.Value);
    }

    internal static void WriteAll(Span<byte> destination, ReadOnlySpan<ReportBlock> blocks)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blocks.Length, MostInPacket, nameof(blocks));
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i].Write(destination[(i * Length)..]);
        }
    }
}

/// <summary>The report blocks of one sender or receiver report, over its bytes.</summary>
public readonly ref struct ReportBlockList
{
    private readonly ReadOnlySpan<byte> _bytes;

    internal ReportBlockList(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>How many blocks there are.</summary>
    public int Count => _bytes.Length / ReportBlock.Length;

    /// <summary>The block at an index below <see cref="Count"/>.</summary>
    public ReportBlock this[int index] => ReportBlock.Read(_bytes.Slice(index * ReportBlock.Length, ReportBlock.Length));
}
