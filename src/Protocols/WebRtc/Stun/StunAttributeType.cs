namespace Sluice.Protocols.WebRtc.Stun;

/// <summary>
/// The attribute types this room understands (RFC 8489 §18.3, RFC 8445 §16.1). A type below 0x8000 that is not here must be comprehended
/// and is not: a request that carries one gets error 420.
/// </summary>
public enum StunAttributeType : ushort
{
    /// <summary>MAPPED-ADDRESS (RFC 8489 §14.1): comprehended, not used.</summary>
    MappedAddress = 0x0001,

    /// <summary>USERNAME (RFC 8489 §14.3): in ICE the two fragments, the receiver's first, with a colon between.</summary>
    Username = 0x0006,

    /// <summary>MESSAGE-INTEGRITY (RFC 8489 §14.5): HMAC-SHA1 over everything before it.</summary>
    MessageIntegrity = 0x0008,

    /// <summary>ERROR-CODE (RFC 8489 §14.8).</summary>
    ErrorCode = 0x0009,

    /// <summary>UNKNOWN-ATTRIBUTES (RFC 8489 §14.10): which types were the cause of error 420.</summary>
    UnknownAttributes = 0x000a,

    /// <summary>REALM (RFC 8489 §14.9): comprehended, not used; ICE has short-term credentials.</summary>
    Realm = 0x0014,

    /// <summary>NONCE (RFC 8489 §14.10): comprehended, not used.</summary>
    Nonce = 0x0015,

    /// <summary>MESSAGE-INTEGRITY-SHA256 (RFC 8489 §14.6): may follow MESSAGE-INTEGRITY; not checked, and no substitute for it.</summary>
    MessageIntegritySha256 = 0x001c,

    /// <summary>XOR-MAPPED-ADDRESS (RFC 8489 §14.2).</summary>
    XorMappedAddress = 0x0020,

    /// <summary>PRIORITY (RFC 8445 §7.1.1): what a peer-reflexive candidate learned from this check shall have.</summary>
    Priority = 0x0024,

    /// <summary>USE-CANDIDATE (RFC 8445 §7.1.2): nominates the pair; no value.</summary>
    UseCandidate = 0x0025,

    /// <summary>SOFTWARE (RFC 8489 §14.14): for people only.</summary>
    Software = 0x8022,

    /// <summary>FINGERPRINT (RFC 8489 §14.7): CRC-32 of everything before it; always last.</summary>
    Fingerprint = 0x8028,

    /// <summary>ICE-CONTROLLED (RFC 8445 §7.1.3): the sender believes it is controlled; the value is its tie-breaker.</summary>
    IceControlled = 0x8029,

    /// <summary>ICE-CONTROLLING (RFC 8445 §7.1.3): the sender believes it is controlling; the value is its tie-breaker.</summary>
    IceControlling = 0x802a,

    /// <summary>NOMINATION of draft-thatcher-ice-renomination, as Chromium sends it: a later nomination has a higher number.</summary>
    Nomination = 0xc001,

    /// <summary>Chromium's network description: ignored.</summary>
    GoogNetworkInfo = 0xc057,
}
