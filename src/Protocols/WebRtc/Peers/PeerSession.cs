using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Peers;

/// <summary>Why a peer is gone; a closed set.</summary>
public enum PeerEnd : byte
{
    /// <summary>It is not.</summary>
    None = 0,

    /// <summary>Our side closed it.</summary>
    Closed,

    /// <summary>The peer closed it: a DTLS close_notify.</summary>
    ClosedByPeer,

    /// <summary>No connectivity check came in time.</summary>
    NeverConnected,

    /// <summary>The peer stopped renewing its consent (RFC 7675).</summary>
    Lost,

    /// <summary>The DTLS handshake failed: wrong fingerprint, no common SRTP profile, or no answer.</summary>
    HandshakeFailed,
}

/// <summary>
/// What a peer is for: publishing or watching. The endpoint that owns the peer calls it, always on its own thread. After every Handle call
/// the endpoint takes RTCP until there is no more, and reads <see cref="NextTimeout"/>.
/// </summary>
public abstract class PeerSession
{
    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public abstract Instant NextTimeout { get; }

    /// <summary>The peer has been adopted by a shard: media will follow once it is connected.</summary>
    public abstract void HandleAdopted(Instant now, Peer peer);

    /// <summary>DTLS is done, keys are set: media may flow both ways.</summary>
    public abstract void HandleConnected(Instant now);

    /// <summary>One authenticated RTP packet in the clear; the span is valid and writable during the call.</summary>
    public abstract void HandleRtp(Instant now, Span<byte> packet);

    /// <summary>One authenticated RTCP packet, compound or reduced-size, in the clear.</summary>
    public abstract void HandleRtcp(Instant now, ReadOnlySpan<byte> packet);

    /// <summary>Time has come, or somebody woke the shard for this peer.</summary>
    public abstract void HandleTimeout(Instant now);

    /// <summary>Writes the next RTCP packet in the clear; false when there is none.</summary>
    public abstract bool TryTakeRtcp(Instant now, Span<byte> destination, out int length);

    /// <summary>The peer is gone. Called exactly once, also for a peer that never came; then on any thread.</summary>
    public abstract void HandleEnded(Instant now, PeerEnd reason);
}
