namespace Sluice.Protocols.Rtp.Packets;

/// <summary>What a datagram on a shared WebRTC port is, told by its first two bytes.</summary>
public enum PacketKind : byte
{
    /// <summary>None of the protocols below (or ZRTP and TURN channels, which Sluice does not speak).</summary>
    Unknown = 0,

    /// <summary>STUN (RFC 8489).</summary>
    Stun,

    /// <summary>DTLS (RFC 9147 and earlier).</summary>
    Dtls,

    /// <summary>RTP or SRTP.</summary>
    Rtp,

    /// <summary>RTCP or SRTCP.</summary>
    Rtcp,
}

/// <summary>
/// Tells the protocols of one port apart (RFC 7983 §7, and RFC 5761 §4 for RTP against RTCP).
/// <code>
///              +----------------+
///              |        [0..3] -+--> STUN
///   first byte |      [16..19] -+--> ZRTP
///    -------&gt;  |      [20..63] -+--> DTLS
///              |      [64..79] -+--> TURN channel
///              |    [128..191] -+--> RTP, or RTCP where the second byte is 192..223
///              +----------------+
/// </code>
/// </summary>
public static class PacketDemux
{
    private const int SmallestRtp = 12;
    private const int SmallestRtcp = 4;

    /// <summary>
    /// Classifies a datagram without parsing it. A datagram too short for the fixed header of its protocol is
    /// <see cref="PacketKind.Unknown"/>.
    /// </summary>
    public static PacketKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 2) return PacketKind.Unknown;
        return datagram[0] switch
        {
            <= 3 => PacketKind.Stun,
            >= 20 and <= 63 => PacketKind.Dtls,
            >= 128 and <= 191 when IsRtcpType(datagram[1]) => datagram.Length >= SmallestRtcp ? PacketKind.Rtcp : PacketKind.Unknown,
            >= 128 and <= 191 => datagram.Length >= SmallestRtp ? PacketKind.Rtp : PacketKind.Unknown,
            _ => PacketKind.Unknown,
        };
    }

    private static bool IsRtcpType(byte second) => second is >= 192 and <= 223;
}
