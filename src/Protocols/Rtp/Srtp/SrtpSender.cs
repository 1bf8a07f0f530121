using System.Buffers.Binary;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// Protects what one side of a session sends (RFC 3711 §3.3, RFC 7714). Holds no state for RTP, as the caller numbers its packets, and
/// one SRTCP index for all RTCP. Allocates nothing per packet. One thread at a time.
/// <para>Never protect two different packets with the same SSRC, sequence number and rollover counter: in counter modes that gives the
/// plaintext away. A retransmission of the very same bytes is fine.</para>
/// </summary>
public sealed class SrtpSender : IDisposable
{
    private const uint MaxRtcpIndex = 0x7fff_ffff;
    private readonly SrtpTransform _transform;

    /// <summary>Derives the session keys; <paramref name="keys"/> may be disposed afterwards.</summary>
    public SrtpSender(SrtpKeys keys)
        : this(keys, SrtpTransform.Best)
    {
    }

    internal SrtpSender(SrtpKeys keys, CryptoPath path)
    {
        Profile = keys.Profile;
        _transform = SrtpTransform.Create(keys, path);
    }

    /// <summary>The profile in use.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>Bytes that protection adds to an RTP packet.</summary>
    public int RtpOverhead => Profile.RtpOverhead();

    /// <summary>Bytes that protection adds to a compound RTCP packet.</summary>
    public int RtcpOverhead => Profile.RtcpOverhead();

    /// <summary>The index the next RTCP packet will carry; 31 bits.</summary>
    public uint NextRtcpIndex { get; internal set; }

    /// <summary>Asks for the keys to be brought into the cache: worth it where many sessions take turns.</summary>
    public void Prefetch() => _transform.Prefetch();

    /// <summary>
    /// Encrypts one RTP packet.
    /// </summary>
    /// <param name="destination">
    /// Begins with the complete header; behind it room for payload and <see cref="RtpOverhead"/>. What lies further back is not touched.
    /// </param>
    /// <param name="headerLength">Length of the header with CSRCs and extensions, which stay readable but are authenticated.</param>
    /// <param name="payload">
    /// The plaintext, read straight from wherever it lies. It may overlap <paramref name="destination"/>: best in its final place, right
    /// behind the header; anywhere else costs a move.
    /// </param>
    /// <param name="rolloverCounter">How often the sequence number has wrapped: the upper 32 bits of the 48-bit packet index.</param>
    /// <param name="batch">
    /// Where the tag may be left to, for a destination that does not move until <see cref="SrtpBatch.Complete"/> was called; null to have it written now.
    /// </param>
    /// <returns>The length of the protected packet.</returns>
    /// <exception cref="ArgumentException">The header is shorter than 12 bytes or the destination too small.</exception>
    public int ProtectRtp(Span<byte> destination, int headerLength, ReadOnlySpan<byte> payload, uint rolloverCounter, SrtpBatch? batch = null)
    {
        var length = headerLength + payload.Length + RtpOverhead;
        if (headerLength < RtpHeader.MinLength) throw new ArgumentException("An RTP header has at least 12 bytes.", nameof(headerLength));
        if (destination.Length < length) throw new ArgumentException("No room for payload and tag.", nameof(destination));

        var inPlace = destination.Slice(headerLength, payload.Length);
        if (payload.Overlaps(inPlace, out var offset) && offset != 0)
        {
            payload.CopyTo(inPlace);
            payload = inPlace;
        }

        var index = (ulong)rolloverCounter << 16 | BinaryPrimitives.ReadUInt16BigEndian(destination[2..]);
        _transform.SealRtp(destination[..length], headerLength, payload, index, batch);
        return length;
    }

    /// <summary>
    /// Encrypts a compound RTCP packet in place with the next SRTCP index (RFC 3711 §3.4).
    /// </summary>
    /// <param name="packet">The packet, with room for <see cref="RtcpOverhead"/> behind it.</param>
    /// <param name="length">The length of the plaintext packet; at least 8.</param>
    /// <returns>The length of the protected packet.</returns>
    /// <exception cref="ArgumentException">The packet is too short or has no room behind it.</exception>
    /// <exception cref="InvalidOperationException">2^31 packets were sent and the session needs new keys.</exception>
    public int ProtectRtcp(Span<byte> packet, int length)
    {
        var total = length + RtcpOverhead;
        if (length < SrtpTransform.RtcpHeaderLength) throw new ArgumentException("An RTCP packet has at least 8 bytes.", nameof(length));
        if (packet.Length < total) throw new ArgumentException("No room for index and tag.", nameof(packet));
        if (NextRtcpIndex > MaxRtcpIndex) throw new InvalidOperationException("The SRTCP index is used up.");

        _transform.SealRtcp(packet[..total], length, NextRtcpIndex);
        NextRtcpIndex++;
        return total;
    }

    /// <summary>Overwrites the session keys. No other member may be called afterwards.</summary>
    public void Dispose() => _transform.Dispose();
}
