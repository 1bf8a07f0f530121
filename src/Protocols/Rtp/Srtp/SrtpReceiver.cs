using System.Buffers.Binary;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// Checks and decrypts what the peer sends (RFC 3711 §3.3, RFC 7714), in place. Follows the rollover counter of every SSRC and refuses
/// replays; an SSRC becomes known with its first authentic packet. Allocates nothing per packet, one window per new SSRC.
/// One thread at a time.
/// <para>Not supported: encrypted header extensions (RFC 6904), master key identifiers, SRTCP without encryption.</para>
/// </summary>
public sealed class SrtpReceiver : IDisposable
{
    /// <summary>
    /// How many SSRCs are followed, for RTP and for RTCP each. Packets of further ones are refused with
    /// <see cref="SrtpError.TooManyStreams"/>; nothing is ever evicted, as that would allow replays.
    /// </summary>
    public const int MaxStreams = 64;

    private const ulong MaxIndex = (1UL << 48) - 1;
    private readonly SrtpTransform _transform;
    private readonly ReplayTable _rtp = new(MaxStreams);
    private readonly ReplayTable _rtcp = new(MaxStreams);

    /// <summary>Derives the session keys; <paramref name="keys"/> may be disposed afterwards.</summary>
    public SrtpReceiver(SrtpKeys keys)
        : this(keys, SrtpTransform.Best)
    {
    }

    internal SrtpReceiver(SrtpKeys keys, CryptoPath path)
    {
        Profile = keys.Profile;
        _transform = SrtpTransform.Create(keys, path);
    }

    /// <summary>The profile in use.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>SSRCs whose RTP was accepted so far.</summary>
    public int StreamCount => _rtp.Count;

    /// <summary>Decrypts one RTP packet in place.</summary>
    /// <param name="packet">The SRTP packet; afterwards the plain RTP packet in its first <paramref name="length"/> bytes.</param>
    /// <param name="length">The length of the plain packet, or 0.</param>
    /// <returns><see cref="SrtpError.None"/>, or why the packet must be dropped.</returns>
    public SrtpError UnprotectRtp(Span<byte> packet, out int length) => UnprotectRtp(packet, out length, out _);

    /// <summary>Decrypts one RTP packet in place and tells its 48-bit index.</summary>
    /// <param name="packet">The SRTP packet; afterwards the plain RTP packet in its first <paramref name="length"/> bytes.</param>
    /// <param name="length">The length of the plain packet, or 0.</param>
    /// <param name="index">Rollover counter and sequence number: grows without wrapping within an SSRC.</param>
    /// <returns><see cref="SrtpError.None"/>, or why the packet must be dropped.</returns>
    public SrtpError UnprotectRtp(Span<byte> packet, out int length, out ulong index)
    {
        length = 0;
        index = 0;
        var tag = Profile.TagLength();
        if (packet.Length < RtpHeader.MinLength + tag) return SrtpError.TooShort;
        var header = RtpHeader.LengthOf(packet[..^tag]);
        if (header < 0) return SrtpError.TooShort;

        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var window = _rtp.Find(ssrc);
        if (window is null)
        {
            if (_rtp.IsFull) return SrtpError.TooManyStreams;
            index = sequence; // a stream starts in round 0
        }
        else
        {
            index = EstimateIndex(window.Highest, sequence);
            if (index > MaxIndex || window.Contains(index)) return SrtpError.Replayed;
        }

        if (!_transform.TryOpenRtp(packet, header, index)) return SrtpError.AuthenticationFailed;
        if (window is null)
        {
            window = new ReplayWindow(index);
            _rtp.Add(ssrc, window);
        }

        window.Add(index);
        length = packet.Length - tag;
        return SrtpError.None;
    }

    /// <summary>Decrypts a compound RTCP packet in place.</summary>
    /// <param name="packet">The SRTCP packet; afterwards the plain compound packet in its first <paramref name="length"/> bytes.</param>
    /// <param name="length">The length of the plain packet, or 0.</param>
    /// <returns><see cref="SrtpError.None"/>, or why the packet must be dropped.</returns>
    public SrtpError UnprotectRtcp(Span<byte> packet, out int length)
    {
        length = 0;
        var overhead = Profile.RtcpOverhead();
        if (packet.Length < SrtpTransform.RtcpHeaderLength + overhead || packet[0] >> 6 != 2) return SrtpError.TooShort;

        var word = _transform.ReadRtcpIndex(packet);
        if ((word & SrtpTransform.RtcpEncryptedFlag) == 0) return SrtpError.AuthenticationFailed;
        var index = word & ~SrtpTransform.RtcpEncryptedFlag;
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var window = _rtcp.Find(ssrc);
        if (window is null && _rtcp.IsFull) return SrtpError.TooManyStreams;
        if (window is not null && window.Contains(index)) return SrtpError.Replayed;

        if (!_transform.TryOpenRtcp(packet, index)) return SrtpError.AuthenticationFailed;
        if (window is null)
        {
            window = new ReplayWindow(index);
            _rtcp.Add(ssrc, window);
        }

        window.Add(index);
        length = packet.Length - overhead;
        return SrtpError.None;
    }

    /// <summary>Overwrites the session keys. No other member may be called afterwards.</summary>
    public void Dispose() => _transform.Dispose();

    /// <summary>
    /// The index nearest to the highest one so far (RFC 3711 §3.3.1 and appendix A). There is no round before round 0, so a guess below
    /// zero means round 0.
    /// </summary>
    internal static ulong EstimateIndex(ulong highest, ushort sequence)
    {
        var index = SerialNumber.Extend((long)highest, sequence);
        return index < 0 ? sequence : (ulong)index;
    }
}
