using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Micro.Stands;

/// <summary>What offers need for an answer.</summary>
internal static class Signalling
{
    /// <summary>What a browser posts that wants to watch.</summary>
    public const string ViewerOffer = "chromium-156/recvonly-default";

    /// <summary>What a browser posts that wants to publish.</summary>
    public const string PublisherOffer = "chromium-156/sendonly-default";

    /// <summary>The node's certificate.</summary>
    public static DtlsContext Dtls { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static readonly TransportFactory Factory =
        new(Dtls, static () => [IceCandidateLine.Host(NetworkAddress.FromIPv4(0xc633_6401, 7000), TransportProtocol.Udp)]);

    /// <summary>Our side of a session.</summary>
    public static LocalTransport LocalTransport() => Factory.Make();
}
