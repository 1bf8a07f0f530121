namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>What an agent made of one STUN datagram.</summary>
public enum IceHandling : byte
{
    /// <summary>
    /// Malformed, forged, for another session, not a Binding request, or the agent has failed: dropped without an answer. An answer to a
    /// forgery would only help whoever aims at the address it came from.
    /// </summary>
    Refused = 0,

    /// <summary>There is an answer to send; nothing else changed. An error response is an answer too.</summary>
    Answered = 1,

    /// <summary>There is an answer to send, and the path was proven to reach the peer: datagrams on it may be taken from now on.</summary>
    Validated = 2,

    /// <summary>There is an answer to send, and <see cref="IceLiteAgent.Selected"/> has moved to this path, which may be new as well.</summary>
    Nominated = 3,
}
