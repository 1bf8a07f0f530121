using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>Our side of a session: what goes into the description we send. The caller draws all secrets and numbers.</summary>
/// <param name="IceUfrag">Our ICE user name fragment, unique in the node.</param>
/// <param name="IcePwd">Our ICE password, at least 22 characters.</param>
/// <param name="Fingerprint">The digest of our certificate.</param>
/// <param name="Candidates">Our addresses, the preferred one first; written with UDP before TCP, since some clients look at the first only.</param>
public sealed record LocalTransport(
    string IceUfrag, string IcePwd, SdpFingerprint Fingerprint, IReadOnlyList<IceCandidateLine> Candidates)
{
    /// <summary>True where we are an ICE-lite agent: on a public address, only answering checks (RFC 8445 §2.5).</summary>
    public bool IsIceLite { get; init; } = true;

    /// <summary>True where we take candidates that come later.</summary>
    public bool AcceptsTrickle { get; init; } = true;

    /// <summary>True where we follow a controlling agent that nominates again.</summary>
    public bool AcceptsRenomination { get; init; }

    /// <summary>The session's number; any, below 2^63 (RFC 9429 §5.2.1).</summary>
    public ulong SessionId { get; init; }

    /// <summary>Grows with each description of the session.</summary>
    public int SessionVersion { get; init; } = 1;

    /// <summary>
    /// The id of the MediaStream viewers see, and our canonical name. Never a stream key: every viewer reads it.
    /// </summary>
    public string StreamId { get; init; } = "sluice";

    /// <summary>
    /// Chooses the sources of the n-th section of a kind; needed towards viewers only. The retransmissions' source is left out of the
    /// description where the viewer takes none.
    /// </summary>
    public Func<MediaKind, int, SsrcPair>? AssignSsrcs { get; init; }
}
