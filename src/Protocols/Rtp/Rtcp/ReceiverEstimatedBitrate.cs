using System.Buffers.Binary;
using System.Numerics;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>
/// The receiver's limit for what a sender may send, <c>goog-remb</c> (draft-alvestrand-rmcat-remb-03 §2.2).
/// <code>
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P| FMT=15  |    PT=206     |             length            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          SSRC of packet sender, then zero                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  'R' 'E' 'M' 'B'                                              |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   SSRC count  | exponent  |  mantissa (18 bits)               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     SSRCs the limit is for                    |
/// </code>
/// </summary>
public readonly ref struct ReceiverEstimatedBitrate
{
    private const int Format = 15;
    private const uint Name = 0x52454d42;
    private const int MantissaBits = 18;
    private const int FixedLength = 20;

    private readonly ReadOnlySpan<byte> _sources;

    private ReceiverEstimatedBitrate(Ssrc sender, long bitsPerSecond, ReadOnlySpan<byte> sources)
    {
        Sender = sender;
        BitsPerSecond = bitsPerSecond;
        _sources = sources;
    }

    /// <summary>Who limits.</summary>
    public Ssrc Sender { get; }

    /// <summary>The limit for all streams together, in bits per second.</summary>
    public long BitsPerSecond { get; }

    /// <summary>How many streams the limit names.</summary>
    public int Count => _sources.Length / 4;

    /// <summary>The stream at an index below <see cref="Count"/>.</summary>
    public Ssrc this[int index] => new(BinaryPrimitives.ReadUInt32BigEndian(_sources.Slice(index * 4, 4)));

    /// <summary>
    /// Reads a packet of the reader; false for another type, format or name, for an SSRC list that is not whole, and for a bitrate above
    /// 2^63.
    /// </summary>
    public static bool TryParse(in RtcpPacketView packet, out ReceiverEstimatedBitrate estimate)
    {
        estimate = default;
        var body = packet.Body;
        if (!packet.IsFeedback(RtcpPacketType.PayloadFeedback, Format) || body.Length < FixedLength - 4) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(body[8..]) != Name) return false;
        var word = BinaryPrimitives.ReadUInt32BigEndian(body[12..]);
        var sources = (int)(word >> 24) * 4;
        if (body.Length < 16 + sources) return false;
        var exponent = (int)(word >> MantissaBits & 0x3f);
        long mantissa = word & ((1 << MantissaBits) - 1);
        if (mantissa != 0 && exponent > BitOperations.LeadingZeroCount((ulong)mantissa) - 1) return false;
        estimate = new ReceiverEstimatedBitrate(packet.SsrcAt(0), mantissa << exponent, body.Slice(16, sources));
        return true;
    }

    /// <summary>Bytes of a packet that names so many streams.</summary>
    public static int LengthOf(int sources) => FixedLength + sources * 4;

    /// <summary>
    /// Writes a limit for at most 255 streams and gives its length. The wire keeps 18 significant bits; the rest is rounded down.
    /// </summary>
    public static int Write(Span<byte> destination, Ssrc sender, long bitsPerSecond, ReadOnlySpan<Ssrc> sources)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bitsPerSecond);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sources.Length, 255, nameof(sources));
        for (var i = 0; i < sources.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[(FixedLength + i * 4)..], sources[i].Value);
        }

        var exponent = Math.Max(0, 64 - BitOperations.LeadingZeroCount((ulong)bitsPerSecond) - MantissaBits);
        var word = (uint)sources.Length << 24 | (uint)exponent << MantissaBits | (uint)(bitsPerSecond >> exponent);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], word);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Name);
        return RtcpPacketView.WriteFeedbackHeader(
            destination, RtcpPacketType.PayloadFeedback, Format, sender, default, LengthOf(sources.Length));
    }
}
