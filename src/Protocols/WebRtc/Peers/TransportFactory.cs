using System.Buffers.Binary;
using System.Security.Cryptography;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Protocols.WebRtc.Peers;

/// <summary>Makes our side of a new session: fresh ICE credentials, the node's fingerprint and addresses, SSRCs. Safe for any thread.</summary>
/// <param name="dtls">The node's certificate.</param>
/// <param name="candidates">The node's addresses now; they may change while it runs.</param>
public sealed class TransportFactory(DtlsContext dtls, Func<IReadOnlyList<IceCandidateLine>> candidates)
{
    private readonly SdpFingerprint _fingerprint = SdpFingerprint.Sha256(dtls.Fingerprint.Hash);

    /// <summary>An id for a session's URL: 128 bits, unguessable, URL-safe.</summary>
    public static string NewSessionId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>A random number for an SSRC or a first sequence number; never 0.</summary>
    public static uint NewNumber()
    {
        Span<byte> bytes = stackalloc byte[4];
        uint number;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            number = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }
        while (number == 0);
        return number;
    }

    /// <summary>Our side of a new session.</summary>
    /// <param name="streamId">The name of the stream viewers see.</param>
    public LocalTransport Make(string streamId = "sluice")
    {
        var credentials = NewCredentials();
        return new LocalTransport(credentials.Ufrag, credentials.Pwd, _fingerprint, candidates())
        {
            SessionId = NewNumber(),
            StreamId = streamId,
            AssignSsrcs = static (kind, _) => new SsrcPair(NewNumber(), kind == MediaKind.Video ? NewNumber() : 0),
        };
    }

    /// <summary>The same side with new ICE credentials, for a restart.</summary>
    public LocalTransport Renew(LocalTransport local)
    {
        var credentials = NewCredentials();
        return local with { IceUfrag = credentials.Ufrag, IcePwd = credentials.Pwd, Candidates = candidates(), SessionVersion = local.SessionVersion + 1 };
    }

    /// <summary>What the endpoint needs to know of what was agreed; null where the peer's fingerprints are none we take.</summary>
    public static PeerParameters? Settle(LocalTransport local, NegotiatedSession negotiated)
    {
        var fingerprints = new List<DtlsFingerprint>();
        foreach (var fingerprint in negotiated.Fingerprints)
        {
            if (DtlsFingerprint.TryCreate(fingerprint.Algorithm, fingerprint.ToBytes(), out var usable)) fingerprints.Add(usable!);
        }

        return fingerprints.Count == 0
            ? null
            : new PeerParameters(
                new IceCredentials(local.IceUfrag, local.IcePwd),
                new IceCredentials(negotiated.IceUfrag, negotiated.IcePwd),
                negotiated.IsDtlsClient ? DtlsRole.Client : DtlsRole.Server,
                [.. fingerprints]);
    }

    private static IceCredentials NewCredentials()
    {
        Span<byte> entropy = stackalloc byte[IceCredentials.EntropyLength];
        RandomNumberGenerator.Fill(entropy);
        return IceCredentials.Generate(entropy);
    }
}
