namespace Sluice.Protocols.WebRtc.Stun;

/// <summary>The class of a STUN message: the two bits C1 and C0 of its type (RFC 8489 §5).</summary>
public enum StunClass : byte
{
    /// <summary>A request: wants an answer with the same transaction id.</summary>
    Request = 0,

    /// <summary>An indication: is never answered.</summary>
    Indication = 1,

    /// <summary>A success response.</summary>
    Success = 2,

    /// <summary>An error response; carries <see cref="StunAttributeType.ErrorCode"/>.</summary>
    Error = 3,
}

/// <summary>The method of a STUN message: twelve bits (RFC 8489 §5). ICE knows one.</summary>
public enum StunMethod : ushort
{
    /// <summary>Binding (RFC 8489 §18.2): the only method of ICE.</summary>
    Binding = 1,
}
