using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Ice;

namespace Sluice.Protocols.WebRtc.Peers;

/// <summary>What signalling has settled about a peer before its first datagram.</summary>
/// <param name="Local">Our ICE credentials; the fragment is eight characters, so that demultiplexing compares one number.</param>
/// <param name="Remote">The peer's ICE credentials.</param>
/// <param name="Role">Our role in the DTLS handshake.</param>
/// <param name="Fingerprints">The certificate fingerprints the peer may show.</param>
public sealed record PeerParameters(IceCredentials Local, IceCredentials Remote, DtlsRole Role, DtlsFingerprint[] Fingerprints);
