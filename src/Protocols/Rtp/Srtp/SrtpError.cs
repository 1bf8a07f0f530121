namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>Why a packet was not accepted. A packet that was not accepted changes no state; its bytes may be discarded only.</summary>
public enum SrtpError : byte
{
    /// <summary>The packet is authentic and was decrypted.</summary>
    None = 0,

    /// <summary>Not a whole RTP or RTCP packet of version 2 with room for the tag.</summary>
    TooShort,

    /// <summary>The tag does not fit: forged, damaged, of another key, or SRTCP that claims to be unencrypted.</summary>
    AuthenticationFailed,

    /// <summary>Taken before, or too old for the replay window (RFC 3711 §3.3.2).</summary>
    Replayed,

    /// <summary>A new SSRC although <see cref="SrtpReceiver.MaxStreams"/> are known; those go on.</summary>
    TooManyStreams,
}
