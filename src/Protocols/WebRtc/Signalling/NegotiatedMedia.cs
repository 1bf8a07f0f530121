using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>A media section both sides agreed on. Rejected sections have none.</summary>
public sealed record NegotiatedMedia
{
    /// <summary>The section's place in the description, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The section's mid; empty where the peer gives none.</summary>
    public required string Mid { get; init; }

    /// <summary>Audio or video.</summary>
    public required MediaKind Kind { get; init; }

    /// <summary>How many sections of this kind come before it; the n-th section carries the n-th track of its kind.</summary>
    public int Ordinal { get; init; }

    /// <summary>Which way media flows, as we see it: <c>recvonly</c> from a publisher, <c>sendonly</c> to a viewer.</summary>
    public required SdpDirection Direction { get; init; }

    /// <summary>The payload types agreed, the preferred one first; never empty.</summary>
    public required IReadOnlyList<NegotiatedPayload> Payloads { get; init; }

    /// <summary>The header extensions agreed.</summary>
    public IReadOnlyList<NegotiatedExtension> Extensions { get; init; } = [];

    /// <summary>True where one-byte and two-byte header extensions may mix.</summary>
    public bool AllowMixedExtensions { get; init; }

    /// <summary>True where RTCP may come without a report (RFC 5506).</summary>
    public bool ReducedSizeRtcp { get; init; }

    /// <summary>
    /// The simulcast layers a publisher sends, in its order of priority; one name where it names its only encoding, empty where it names none.
    /// </summary>
    public IReadOnlyList<string> Rids { get; init; } = [];

    /// <summary>
    /// The sources a publisher announces, with their retransmissions; in the order of its SIM group where it has one. May be empty: then the
    /// mid and rid header extensions tell sources apart.
    /// </summary>
    public IReadOnlyList<SsrcPair> RemoteSsrcs { get; init; } = [];

    /// <summary>The sources we send from; default where we only receive.</summary>
    public SsrcPair LocalSsrcs { get; init; }

    /// <summary>The stream and track the sender names; null where it names none.</summary>
    public SdpMsid? Msid { get; init; }

    /// <summary>The sender's canonical name (RFC 3550 §6.5.1); empty where none is given.</summary>
    public string Cname { get; init; } = "";

    /// <summary>The place of the section whose transport this one shares (RFC 9143); its own where it shares none.</summary>
    public int BundleIndex { get; init; }

    /// <summary>The id of a header extension; 0 where it was not agreed.</summary>
    public int ExtensionId(HeaderExtensionKind kind)
    {
        foreach (var extension in Extensions)
        {
            if (extension.Kind == kind) return extension.Id;
        }

        return 0;
    }
}
