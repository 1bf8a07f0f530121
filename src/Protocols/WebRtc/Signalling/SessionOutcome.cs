namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>Why a WHIP or WHEP request was not carried out; the HTTP edge turns each into one status code.</summary>
public enum SessionError
{
    /// <summary>It was carried out.</summary>
    None = 0,

    /// <summary>The body is no SDP, or an SDP that no WebRTC session can come from (400).</summary>
    BadSdp,

    /// <summary>No codec both sides know, or none the live stream has (406).</summary>
    NoCommonCodec,

    /// <summary>No such session: never made, ended, or of another channel (404).</summary>
    NotFound,

    /// <summary>The session was there and another publisher has taken its place: do not come back by yourself (410).</summary>
    Replaced,

    /// <summary>The entity tag names an older ICE session (412).</summary>
    PreconditionFailed,

    /// <summary>An ICE restart without an entity tag (428).</summary>
    PreconditionRequired,

    /// <summary>The request does not fit the session's state: a second answer, a layer that does not exist (409).</summary>
    Conflict,

    /// <summary>A limit of the node or of the address is reached (503 with Retry-After, or 429).</summary>
    TooMany,
}

/// <summary>The outcome of a request on a session.</summary>
/// <param name="Error">None where it was carried out.</param>
/// <param name="Reason">A sentence for the person at the other end: the cause and the remedy. Empty on success.</param>
/// <param name="SessionId">The session's id: unguessable, URL-safe.</param>
/// <param name="Body">The SDP or SDP fragment to answer with; empty where there is none.</param>
/// <param name="ETag">The strong entity tag of the current ICE session, quotes included (RFC 9725 §4.3.1).</param>
public sealed record SessionOutcome(SessionError Error, string Reason, string SessionId = "", string Body = "", string ETag = "")
{
    /// <summary>True where the request was carried out.</summary>
    public bool Succeeded => Error == SessionError.None;

    /// <summary>A refusal.</summary>
    public static SessionOutcome Refuse(SessionError error, string reason) => new(error, reason);
}
