namespace Sluice.Protocols.WebRtc.Dtls;

/// <summary>Who opens the handshake: the side whose SDP says <c>a=setup:active</c> is the client (RFC 8842 §5.2).</summary>
public enum DtlsRole : byte
{
    /// <summary>Waits for the ClientHello.</summary>
    Server = 0,

    /// <summary>Sends the ClientHello.</summary>
    Client = 1,
}

/// <summary>Where a DTLS session stands.</summary>
public enum DtlsState : byte
{
    /// <summary>Not started, or the handshake is under way.</summary>
    Handshaking = 0,

    /// <summary>The peer holds the certificate it announced, and SRTP keys can be exported.</summary>
    Connected,

    /// <summary>Over without success; <see cref="DtlsSession.Failure"/> says why.</summary>
    Failed,

    /// <summary>Over by our or the peer's close_notify, or by a fatal alert of the peer after the handshake.</summary>
    Closed,
}

/// <summary>Why a DTLS session failed.</summary>
public enum DtlsFailure : byte
{
    /// <summary>It did not.</summary>
    None = 0,

    /// <summary>The peer's certificate fits none of the announced fingerprints: somebody else is on the path (RFC 8122 §6.2).</summary>
    FingerprintMismatch,

    /// <summary>Both sides have no SRTP profile in common (RFC 5764 §4.1).</summary>
    NoSrtpProfile,

    /// <summary>The peer broke the protocol, refused us by an alert, or shares no cipher with us.</summary>
    HandshakeFailed,

    /// <summary>No end of the handshake within <see cref="DtlsSession.HandshakeLimit"/>.</summary>
    TimedOut,

    /// <summary>More datagrams or bytes than any handshake needs.</summary>
    Flooded,
}
