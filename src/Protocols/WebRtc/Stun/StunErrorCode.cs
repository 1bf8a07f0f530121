namespace Sluice.Protocols.WebRtc.Stun;

/// <summary>The error codes ICE uses (RFC 8489 §14.8, RFC 8445 §16.1).</summary>
public static class StunErrorCode
{
    /// <summary>The request is malformed.</summary>
    public const int BadRequest = 400;

    /// <summary>The integrity check failed. This server stays silent instead, see <c>IceLiteAgent</c>.</summary>
    public const int Unauthenticated = 401;

    /// <summary>The request has attributes that must be understood and are not.</summary>
    public const int UnknownAttribute = 420;

    /// <summary>Both agents believe to have the same role.</summary>
    public const int RoleConflict = 487;
}
