using System.Diagnostics.CodeAnalysis;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// SRTP protection profiles by their number in DTLS (RFC 5764 §4.1.2, RFC 7714 §14.2). Encryption and authentication are always both on.
/// </summary>
public enum SrtpProfile : ushort
{
    /// <summary>None agreed.</summary>
    None = 0,

    /// <summary>AES-128 in counter mode with an 80-bit HMAC-SHA1 tag: what every WebRTC peer has.</summary>
    [SuppressMessage("Naming", "CA1707", Justification = "The tag length is set apart from the hash's name, as in the RFC.")]
    Aes128CmSha1_80 = 0x0001,

    /// <summary>AES-128 in Galois/counter mode: preferred, as it costs a third of the former.</summary>
    AeadAes128Gcm = 0x0007,

    /// <summary>AES-256 in Galois/counter mode.</summary>
    AeadAes256Gcm = 0x0008,
}

/// <summary>The sizes that come with each profile, in bytes.</summary>
public static class SrtpProfiles
{
    /// <summary>The largest number of bytes a profile adds to an RTP packet.</summary>
    public const int MaxRtpOverhead = 16;

    /// <summary>The largest number of bytes a profile adds to a compound RTCP packet.</summary>
    public const int MaxRtcpOverhead = 20;

    /// <summary>The length of the master key and of both session encryption keys.</summary>
    public static int KeyLength(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.Aes128CmSha1_80 or SrtpProfile.AeadAes128Gcm => 16,
        SrtpProfile.AeadAes256Gcm => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "Not an SRTP profile."),
    };

    /// <summary>The length of the master salt: 112 bits in counter mode, 96 bits in GCM (RFC 7714 §8.1).</summary>
    public static int SaltLength(this SrtpProfile profile) => profile == SrtpProfile.Aes128CmSha1_80 ? 14 : 12;

    /// <summary>The length of the authentication tag.</summary>
    public static int TagLength(this SrtpProfile profile) => profile == SrtpProfile.Aes128CmSha1_80 ? 10 : 16;

    /// <summary>Bytes added to an RTP packet: the tag.</summary>
    public static int RtpOverhead(this SrtpProfile profile) => profile.TagLength();

    /// <summary>Bytes added to a compound RTCP packet: the tag and the word with the SRTCP index.</summary>
    public static int RtcpOverhead(this SrtpProfile profile) => profile.TagLength() + 4;

    /// <summary>How much a DTLS session must export: two keys and two salts (RFC 5764 §4.2).</summary>
    public static int ExportLength(this SrtpProfile profile) => 2 * (profile.KeyLength() + profile.SaltLength());

    /// <summary>True where the profile is one this library implements.</summary>
    public static bool IsSupported(this SrtpProfile profile) =>
        profile is SrtpProfile.Aes128CmSha1_80 or SrtpProfile.AeadAes128Gcm or SrtpProfile.AeadAes256Gcm;
}
