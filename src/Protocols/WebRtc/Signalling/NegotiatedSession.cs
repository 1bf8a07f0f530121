using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>All that offer and answer settled: how to reach the peer and what to exchange with it.</summary>
public sealed record NegotiatedSession
{
    /// <summary>What a failed negotiation leaves.</summary>
    public static NegotiatedSession None { get; } = new();

    /// <summary>The peer's ICE user name fragment.</summary>
    public string IceUfrag { get; init; } = "";

    /// <summary>The peer's ICE password.</summary>
    public string IcePwd { get; init; } = "";

    /// <summary>The digests of the peer's certificate; the one it shows must match one of them.</summary>
    public IReadOnlyList<SdpFingerprint> Fingerprints { get; init; } = [];

    /// <summary>True where we send the first ClientHello (<c>setup:active</c>); false where the peer does.</summary>
    public bool IsDtlsClient { get; init; }

    /// <summary>The sections agreed, in the order of the description.</summary>
    public IReadOnlyList<NegotiatedMedia> Media { get; init; } = [];

    /// <summary>The peer's candidates with numeric addresses, of component 1; at most <see cref="Negotiator.MaxCandidates"/>.</summary>
    public IReadOnlyList<IceCandidateLine> Candidates { get; init; } = [];

    /// <summary>True where the peer sends no further candidates.</summary>
    public bool HasEndOfCandidates { get; init; }

    /// <summary>True where the peer trickles candidates (RFC 8838).</summary>
    public bool SupportsTrickle { get; init; }

    /// <summary>True where the peer asked for renomination and we granted it.</summary>
    public bool SupportsRenomination { get; init; }

    /// <summary>True where the peer is an ICE-lite agent itself.</summary>
    public bool RemoteIsIceLite { get; init; }
}
