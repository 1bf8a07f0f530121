using System.Globalization;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>
/// Offer and answer (RFC 3264, RFC 9429) for a server with one port: every section bundled, RTCP on RTP's port, ICE-lite. Pure functions:
/// descriptions in, descriptions out, nothing kept. Peers' mistakes come back as refusals, with a sentence for the person.
/// </summary>
public static partial class Negotiator
{
    /// <summary>Candidates kept of a peer's description.</summary>
    public const int MaxCandidates = 32;

    /// <summary>Sections accepted of one kind; the rest is rejected with port 0.</summary>
    public const int MaxSectionsOfAKind = 8;

    /// <summary>Simulcast layers accepted of a section, the publisher's first ones.</summary>
    public const int MaxRids = 8;

    /// <summary>Sources noted of a section.</summary>
    public const int MaxSsrcs = 64;

    private static SessionOutcome Bad(string reason) => SessionOutcome.Refuse(SessionError.BadSdp, reason);

    /// <summary>Audio or video for the sections we may take part in; null for all others.</summary>
    private static MediaKind? KindOf(MediaDescription media)
    {
        if (media.IsRejected || !media.Protocol.Contains("RTP/SAVP", StringComparison.Ordinal)) return null;
        return media.Type switch
        {
            "audio" => MediaKind.Audio,
            "video" => MediaKind.Video,
            _ => null,
        };
    }

    private static SessionOutcome? CheckMids(SessionDescription peer)
    {
        if (peer.Media.Count == 0) return Bad("The SDP has no media sections.");
        var mids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var media in peer.Media)
        {
            if (media.Attributes.Mid is { } mid && !mids.Add(mid)) return Bad($"Two media sections of the SDP share the mid '{mid}'.");
        }

        return null;
    }

    /// <summary>
    /// The sections that may share our one transport: those of the BUNDLE group, or a lone section where there is no group.
    /// </summary>
    private static SessionOutcome? CheckBundle(SessionDescription peer, List<NegotiatedMedia> accepted)
    {
        if (accepted.Count > 1 && peer.Bundle is null)
        {
            return Bad("The SDP has several media sections but no BUNDLE group; this server needs 'a=group:BUNDLE' (bundlePolicy max-bundle).");
        }

        foreach (var media in accepted)
        {
            var attributes = peer.Media[media.Index].Attributes;
            if (!attributes.HasRtcpMux && !attributes.IsBundleOnly)
            {
                return Bad(string.Create(CultureInfo.InvariantCulture,
                    $"Media section {media.Index} of the SDP lacks 'a=rtcp-mux'; this server needs RTP and RTCP on one port."));
            }
        }

        return null;
    }

    // A bundle-only section outside the group has no transport at all.
    private static bool IsBundled(SessionDescription peer, MediaDescription media) => peer.Bundle is { } bundle
        ? media.Attributes.Mid is { } mid && bundle.Mids.Contains(mid)
        : !media.Attributes.IsBundleOnly;

    /// <summary>
    /// Sets which section carries the transport: the first of the BUNDLE group that takes part (RFC 9143 §7.3).
    /// </summary>
    private static List<NegotiatedMedia> WithBundle(SessionDescription peer, List<NegotiatedMedia> accepted)
    {
        var tagged = TaggedIndex(peer.Bundle, accepted);
        for (var i = 0; i < accepted.Count; i++) accepted[i] = accepted[i] with { BundleIndex = tagged };
        return accepted;
    }

    private static int TaggedIndex(SdpGroup? bundle, List<NegotiatedMedia> accepted)
    {
        foreach (var mid in bundle?.Mids ?? [])
        {
            foreach (var media in accepted)
            {
                if (media.Mid == mid) return media.Index;
            }
        }

        return accepted[0].Index;
    }

    /// <summary>
    /// Reads the peer's side of the transport. It stands in the section the group names first, even where that section is rejected; some
    /// clients write it elsewhere or for the whole session, so every accepted section is looked at.
    /// </summary>
    private static SessionOutcome? ReadTransport(
        SessionDescription peer, List<NegotiatedMedia> accepted, LocalTransport local, bool isAnswer, out NegotiatedSession session)
    {
        session = NegotiatedSession.None;
        MediaDescription? carrier = null;
        SdpSetup? setup = null;
        IReadOnlyList<SdpFingerprint> fingerprints = [];
        foreach (var media in Carriers(peer, accepted))
        {
            if (carrier is null && peer.Inherited(media, "ice-ufrag") is not null && peer.Inherited(media, "ice-pwd") is not null) carrier = media;
            setup ??= peer.SetupOf(media);
            if (fingerprints.Count == 0) fingerprints = peer.FingerprintsOf(media);
        }

        if (carrier is null) return Bad("The SDP has no 'a=ice-ufrag' and 'a=ice-pwd'.");
        if (fingerprints.Count == 0) return Bad("The SDP has no 'a=fingerprint'; this server takes encrypted media only.");
        if (setup == SdpSetup.HoldConn) return Bad("The SDP says 'a=setup:holdconn'; there is no connection to hold.");
        if (isAnswer && setup == SdpSetup.ActPass) return Bad("The SDP answer says 'a=setup:actpass'; an answer must say active or passive.");
        var options = peer.Inherited(carrier, "ice-options")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        session = new NegotiatedSession
        {
            IceUfrag = peer.Inherited(carrier, "ice-ufrag")!,
            IcePwd = peer.Inherited(carrier, "ice-pwd")!,
            Fingerprints = fingerprints,
            IsDtlsClient = setup == SdpSetup.Passive,
            Media = accepted,
            Candidates = ReachableCandidates(carrier),
            HasEndOfCandidates = carrier.Attributes.HasEndOfCandidates || peer.Attributes.HasEndOfCandidates,
            SupportsTrickle = options.Contains("trickle"),
            SupportsRenomination = local.AcceptsRenomination && options.Contains("renomination"),
            RemoteIsIceLite = peer.Attributes.IsIceLite,
        };
        return null;
    }

    private static IEnumerable<MediaDescription> Carriers(SessionDescription peer, List<NegotiatedMedia> accepted)
    {
        if (peer.Bundle is { Mids: [var first, ..] })
        {
            foreach (var media in peer.Media)
            {
                if (media.Attributes.Mid == first) yield return media;
            }
        }

        yield return peer.Media[accepted[0].BundleIndex];
        foreach (var media in accepted) yield return peer.Media[media.Index];
    }

    // Names under .local cannot be resolved here and component 2 is not used: neither is a fault of the peer.
    private static List<IceCandidateLine> ReachableCandidates(MediaDescription media)
    {
        var candidates = new List<IceCandidateLine>();
        foreach (var candidate in media.Attributes.Candidates)
        {
            if (candidates.Count == MaxCandidates) break;
            if (candidate.Component == 1 && candidate.TryGetAddress(out _)) candidates.Add(candidate);
        }

        return candidates;
    }

    /// <summary>
    /// The header extensions both sides know and may use in this section; an id that already stands for another extension in the same
    /// transport is left out (RFC 8285 §5).
    /// </summary>
    private static List<NegotiatedExtension> ReadExtensions(
        SdpAttributes attributes,
        SdpAttributes session,
        IReadOnlyList<HeaderExtensionKind> known,
        bool weSend,
        Dictionary<int, HeaderExtensionKind> taken)
    {
        var extensions = new List<NegotiatedExtension>();
        foreach (var map in (IEnumerable<SdpExtensionMap>)[.. attributes.ExtensionMaps, .. session.ExtensionMaps])
        {
            var kind = HeaderExtensions.KindOf(map.Uri);
            if (map.Id > 255 || !known.Contains(kind)) continue;
            if (map.Direction is { } direction && !(weSend ? SdpDirections.Receives(direction) : SdpDirections.Sends(direction))) continue;
            if (taken.TryGetValue(map.Id, out var other) && other != kind) continue;
            if (extensions.Exists(extension => extension.Id == map.Id || extension.Kind == kind)) continue;
            taken[map.Id] = kind;
            extensions.Add(new NegotiatedExtension(map.Id, kind));
        }

        return extensions;
    }

    // Without its header extension transport-cc has nothing to report.
    private static List<NegotiatedPayload> WithoutIdleFeedback(List<NegotiatedPayload> payloads, List<NegotiatedExtension> extensions)
    {
        if (extensions.Exists(static extension => extension.Kind == HeaderExtensionKind.TransportSequence)) return payloads;
        return payloads.ConvertAll(static payload => payload with { Feedback = payload.Feedback & ~PayloadFeedback.TransportCc });
    }
}
