using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>What of a server's answer a client needs to connect.</summary>
internal sealed record PeerAnswer(IceCredentials Credentials, NetworkAddress Server, DtlsFingerprint Fingerprint, DtlsRole OwnRole)
{
    private const uint Loopback = 0x7f00_0001;

    /// <summary>Reads an answer; an IPv4 address over UDP is wanted, loopback before others.</summary>
    public static bool TryParse(string sdp, [NotNullWhen(true)] out PeerAnswer? answer, out string problem)
    {
        answer = null;
        if (SessionDescription.TryParse(sdp, out var description) is { } error)
        {
            problem = error.ToString()!;
            return false;
        }

        problem = "the answer accepts no stream";
        MediaDescription? media = null;
        foreach (var section in description.Media)
        {
            if (!section.IsRejected) media ??= section;
        }

        if (media is null) return false;
        problem = "the answer names no IPv4 address over UDP";
        NetworkAddress? server = null;
        foreach (var section in description.Media)
        {
            foreach (var candidate in section.Attributes.Candidates)
            {
                if (candidate.Transport != TransportProtocol.Udp || !candidate.TryGetAddress(out var address) || !address.IsIPv4) continue;
                if (server is null || address.IPv4 == Loopback) server = address;
            }
        }

        if (server is null) return false;
        problem = "the answer lacks ICE credentials or a fingerprint";
        if (description.Inherited(media, "ice-ufrag") is not { } ufrag || description.Inherited(media, "ice-pwd") is not { } password) return false;
        var prints = description.FingerprintsOf(media);
        if (prints.Count == 0 || !DtlsFingerprint.TryCreate(prints[0].Algorithm, prints[0].ToBytes(), out var fingerprint) || fingerprint is null) return false;
        var role = description.SetupOf(media) == SdpSetup.Active ? DtlsRole.Server : DtlsRole.Client;
        answer = new PeerAnswer(new IceCredentials(ufrag, password), server.Value, fingerprint, role);
        problem = "";
        return true;
    }
}
