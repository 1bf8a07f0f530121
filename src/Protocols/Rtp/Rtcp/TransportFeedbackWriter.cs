using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// Writes transport feedback packets, choosing for each stretch of packets the chunk that covers most of them. See
/// <see cref="TransportFeedback"/> for the format.
/// </summary>
public static class TransportFeedbackWriter
{
    /// <summary>Stands in a list of deltas for a packet that did not arrive.</summary>
    public const short NotReceived = short.MinValue;

    /// <summary>
    /// An upper bound of the bytes a report on so many packets needs: chunks of at least seven packets, two bytes of delta each, and
    /// padding to 32 bits.
    /// </summary>
    public static int LongestLength(int packets) => TransportFeedback.ChunksOffset + (packets + 6) / 7 * 2 + packets * 2 + 3;

    /// <summary>Writes a report and gives its length.</summary>
    /// <param name="destination">At least <see cref="LongestLength"/> bytes.</param>
    /// <param name="sender">Who reports.</param>
    /// <param name="media">One of the streams reported on.</param>
    /// <param name="baseSequence">The number of the first packet.</param>
    /// <param name="referenceTime">The zero of the arrival times in units of 64 ms; the lower 24 bits are written.</param>
    /// <param name="feedbackCount">Counts our feedback packets.</param>
    /// <param name="deltas">
    /// For each packet from the base on, ticks of 250 µs since the arrival before it (the first: since the reference time), or
    /// <see cref="NotReceived"/>. 1 to 65535 entries.
    /// </param>
    public static int Write(
        Span<byte> destination,
        Ssrc sender,
        Ssrc media,
        ushort baseSequence,
        int referenceTime,
        byte feedbackCount,
        ReadOnlySpan<short> deltas)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(deltas.Length - 1), 65534u, nameof(deltas));
        BinaryPrimitives.WriteInt32BigEndian(destination[16..], referenceTime << 8 | feedbackCount);
        BinaryPrimitives.WriteUInt16BigEndian(destination[14..], (ushort)deltas.Length);
        BinaryPrimitives.WriteUInt16BigEndian(destination[12..], baseSequence);

        var position = TransportFeedback.ChunksOffset;
        for (var rest = deltas; !rest.IsEmpty; position += 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[position..], NextChunk(rest, out var covered));
            rest = rest[covered..];
        }

        foreach (var delta in deltas)
        {
            switch (SymbolOf(delta))
            {
                case StatusChunk.SmallDelta:
                    destination[position++] = (byte)delta;
                    break;
                case StatusChunk.LargeDelta:
                    BinaryPrimitives.WriteInt16BigEndian(destination[position..], delta);
                    position += 2;
                    break;
            }
        }

        // The length counts words; deltas seldom end on one. RTCP padding carries its count in the last byte.
        var padding = -position & 3;
        if (padding > 0)
        {
            destination.Slice(position, padding).Clear();
            destination[position + padding - 1] = (byte)padding;
        }

        var length = RtcpPacketView.WriteFeedbackHeader(
            destination, RtcpPacketType.TransportFeedback, TransportFeedback.Format, sender, media, position + padding);
        if (padding > 0)
        {
            destination[0] |= 0x20;
        }

        return length;
    }

    private static int SymbolOf(short delta) => delta switch
    {
        NotReceived => StatusChunk.NotReceived,
        >= 0 and <= 255 => StatusChunk.SmallDelta,
        _ => StatusChunk.LargeDelta,
    };

    private static ushort NextChunk(ReadOnlySpan<short> rest, out int covered)
    {
        var first = SymbolOf(rest[0]);
        var run = 1;
        var longestRun = Math.Min(rest.Length, StatusChunk.LongestRun);
        while (run < longestRun && SymbolOf(rest[run]) == first)
        {
            run++;
        }

        // A vector always stands for all its symbols, unless the report ends within it: one-bit symbols must do for fourteen.
        var longestVector = Math.Min(rest.Length, StatusChunk.OneBitSymbols);
        var small = 0;
        while (small < longestVector && SymbolOf(rest[small]) != StatusChunk.LargeDelta)
        {
            small++;
        }

        var width = small == longestVector ? 1 : 2;
        var vector = Math.Min(rest.Length, StatusChunk.OneBitSymbols / width);
        if (run >= vector)
        {
            covered = run;
            return StatusChunk.Run(first, run);
        }

        covered = vector;
        var chunk = width == 2 ? 0xc000 : 0x8000;
        for (var i = 0; i < covered; i++)
        {
            chunk |= SymbolOf(rest[i]) << (StatusChunk.OneBitSymbols - (i + 1) * width);
        }

        return (ushort)chunk;
    }
}
