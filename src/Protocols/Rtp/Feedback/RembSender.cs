using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>
/// Tells a publisher that only knows <c>goog-remb</c> how much it may send. Without any word the encoder stays at its start bitrate; so
/// the limit is repeated, and sent at once when it falls. One thread uses it.
/// </summary>
public sealed class RembSender
{
    /// <summary>Between two repetitions.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const int FallPercent = 97; // a fall by more than 3 % does not wait

    private long _limit;
    private long _sent;

    /// <summary>When <see cref="Take"/> has a packet; <see cref="Instant.Never"/> before the first limit.</summary>
    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <summary>Sets the limit for all streams together, in bits per second: a configured ceiling or an estimate.</summary>
    public void SetLimit(Instant now, long bitsPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bitsPerSecond);
        _limit = bitsPerSecond;
        if (NextTimeout == Instant.Never || _limit < _sent / 100 * FallPercent)
        {
            NextTimeout = Instant.Min(NextTimeout, now);
        }
    }

    /// <summary>Writes the packet where one is due, and gives its length or 0.</summary>
    /// <param name="now">The present.</param>
    /// <param name="sender">The SSRC we report under.</param>
    /// <param name="media">The publisher's streams, at most 255.</param>
    /// <param name="destination">At least <see cref="ReceiverEstimatedBitrate.LengthOf"/> bytes.</param>
    public int Take(Instant now, Ssrc sender, ReadOnlySpan<Ssrc> media, Span<byte> destination)
    {
        if (!NextTimeout.IsDue(now)) return 0;
        NextTimeout = now + Interval;
        _sent = _limit;
        return ReceiverEstimatedBitrate.Write(destination, sender, _limit, media);
    }
}
