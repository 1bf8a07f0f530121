using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>A payload type both sides agreed on.</summary>
/// <param name="PayloadType">The number on the wire, 0 to 127.</param>
/// <param name="Format">The codec with the peer's parameters.</param>
/// <param name="RtxPayloadType">The number retransmissions travel under (RFC 4588); null where none was agreed.</param>
/// <param name="Feedback">The feedback the media's receiver may send.</param>
public sealed record NegotiatedPayload(byte PayloadType, TrackFormat Format, byte? RtxPayloadType, PayloadFeedback Feedback)
{
    /// <summary>True where all of the given feedback was agreed.</summary>
    public bool Allows(PayloadFeedback feedback) => (Feedback & feedback) == feedback;
}

/// <summary>A header extension both sides agreed on.</summary>
/// <param name="Id">Its id in this section, 1 to 255.</param>
/// <param name="Kind">What it is; never <see cref="HeaderExtensionKind.Unknown"/>.</param>
public readonly record struct NegotiatedExtension(int Id, HeaderExtensionKind Kind);

/// <summary>An RTP source and the source of its retransmissions (RFC 5576 §4.2, FID).</summary>
/// <param name="Ssrc">The media's source.</param>
/// <param name="RtxSsrc">Its retransmissions' source; 0 where there is none.</param>
public readonly record struct SsrcPair(uint Ssrc, uint RtxSsrc);
