using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

public static partial class Negotiator
{
    private const string Protocol = "UDP/TLS/RTP/SAVPF";

    private const PayloadFeedback OfferedVideoFeedback =
        PayloadFeedback.Nack | PayloadFeedback.Pli | PayloadFeedback.Fir | PayloadFeedback.Remb | PayloadFeedback.TransportCc;

    /// <summary>
    /// Makes the offer a viewer gets that posts an empty body (WHEP, server offer): a section for each live track, at least one of video and
    /// one of audio, each with every codec Sluice carries, the live one first.
    /// </summary>
    /// <param name="local">Our side of the transport; <see cref="LocalTransport.AssignSsrcs"/> is needed.</param>
    /// <param name="liveTracks">The stream's tracks; empty before it starts. At most <see cref="MaxSectionsOfAKind"/> of a kind are offered.</param>
    public static SessionDescription OfferToViewer(LocalTransport local, IReadOnlyList<StreamTrackDescription> liveTracks)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(liveTracks);
        var sections = new List<MediaDescription>();
        var mids = new List<string>();
        foreach (var kind in (ReadOnlySpan<MediaKind>)[MediaKind.Video, MediaKind.Audio])
        {
            var count = Math.Clamp(liveTracks.Count(track => track.Kind == kind), 1, MaxSectionsOfAKind);
            for (var ordinal = 0; ordinal < count; ordinal++)
            {
                var mid = FormattableString.Invariant($"{sections.Count}");
                mids.Add(mid);
                var section = new NegotiatedMedia
                {
                    Index = sections.Count,
                    Mid = mid,
                    Kind = kind,
                    Ordinal = ordinal,
                    Direction = SdpDirection.SendOnly,
                    Payloads = OfferedPayloads(kind),
                    Extensions = OfferedExtensions(kind),
                    ReducedSizeRtcp = true,
                };
                var track = TrackOf(liveTracks, kind, ordinal);
                sections.Add(SectionWriter.Write(
                    WithOurTrack(section, local, track),
                    local,
                    SdpSetup.ActPass,
                    Protocol,
                    [],
                    local.AcceptsRenomination,
                    mixedExtensionsHere: false));
            }
        }

        return SectionWriter.Session(local, mids, mixedExtensions: true, sections);
    }

    /// <summary>
    /// Takes a viewer's answer to <see cref="OfferToViewer"/>.
    /// </summary>
    /// <param name="offer">The offer we made.</param>
    /// <param name="answer">The viewer's answer.</param>
    /// <param name="local">The same side of the transport as in the offer.</param>
    /// <param name="liveTracks">The stream's tracks by now.</param>
    /// <param name="session">What was agreed; <see cref="NegotiatedSession.None"/> on a refusal.</param>
    /// <returns>Null on success, else the refusal.</returns>
    public static SessionOutcome? AcceptViewerAnswer(
        SessionDescription offer,
        SessionDescription answer,
        LocalTransport local,
        IReadOnlyList<StreamTrackDescription> liveTracks,
        out NegotiatedSession session)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(liveTracks);
        session = NegotiatedSession.None;
        if (CheckMids(answer) is { } mids) return mids;
        if (CheckSameSections(offer, answer) is { } sections) return sections;
        var accepted = new List<NegotiatedMedia>();
        var ids = new Dictionary<int, HeaderExtensionKind>();
        var ordinals = new int[2];
        for (var i = 0; i < answer.Media.Count; i++)
        {
            var kind = offer.Media[i].Type == "audio" ? MediaKind.Audio : MediaKind.Video;
            var ordinal = ordinals[(int)kind]++;
            var media = answer.Media[i];
            if (KindOf(media) is null || !SdpDirections.Receives(answer.DirectionOf(media)) || !IsBundled(answer, media)) continue;
            if (ReadWatched(answer, i, kind, ids) is not { } section) continue;
            var ours = WithOurTrack(Within(offer.Media[i], section with { Ordinal = ordinal }), local, TrackOf(liveTracks, kind, ordinal));
            accepted.Add(ours with { LocalSsrcs = OfferedSsrcs(offer.Media[i], ours.LocalSsrcs) });
        }

        if (accepted.Count == 0)
        {
            return SessionOutcome.Refuse(SessionError.NoCommonCodec, "The answer takes no section of the offer in a codec this server carries.");
        }

        if (CheckDecodable(accepted, liveTracks) is { } codec) return codec;
        if (CheckBundle(answer, accepted) is { } bundle) return bundle;
        WithBundle(answer, accepted);
        return ReadTransport(answer, accepted, local, isAnswer: true, out session);
    }

    // The viewer ties its tracks to the sources named in the offer; others would be decoded and never shown.
    private static SsrcPair OfferedSsrcs(MediaDescription offered, SsrcPair assigned)
    {
        if (ReadSsrcs(offered.Attributes) is not [var named, ..]) return assigned;
        return assigned.RtxSsrc == 0 ? named with { RtxSsrc = 0 } : named;
    }

    private static SessionOutcome? CheckSameSections(SessionDescription offer, SessionDescription answer)
    {
        if (answer.Media.Count != offer.Media.Count)
        {
            return Bad(FormattableString.Invariant(
                $"The answer has {answer.Media.Count} media sections, the offer has {offer.Media.Count}; they must be the same ones in the same order."));
        }

        for (var i = 0; i < answer.Media.Count; i++)
        {
            var mid = answer.Media[i].Attributes.Mid;
            if (answer.Media[i].Type != offer.Media[i].Type || (mid is not null && mid != offer.Media[i].Attributes.Mid))
            {
                return Bad(FormattableString.Invariant($"Media section {i} of the answer is not the one the offer has at its place."));
            }
        }

        return null;
    }

    // An answer may only take away from what was offered.
    private static NegotiatedMedia Within(MediaDescription offered, NegotiatedMedia section)
    {
        var maps = offered.Attributes.ExtensionMaps;
        var extensions = section.Extensions
            .Where(extension => maps.Any(map => map.Id == extension.Id && map.Uri == HeaderExtensions.UriOf(extension.Kind))).ToList();
        var payloads = WithoutIdleFeedback([.. section.Payloads], extensions);
        return section with { Extensions = extensions, Payloads = payloads };
    }

    private static List<NegotiatedPayload> OfferedPayloads(MediaKind kind)
    {
        var feedback = kind == MediaKind.Video ? OfferedVideoFeedback : PayloadFeedback.TransportCc;
        var payloads = new List<NegotiatedPayload>();
        foreach (var capability in CodecCapability.All)
        {
            if (capability.Format.Kind != kind) continue;
            payloads.Add(new NegotiatedPayload(capability.PayloadType, capability.Format, capability.RtxPayloadType, feedback));
        }

        return payloads;
    }

    // One number for one name in all sections, as a shared transport demands (RFC 9143 §9.1).
    private static List<NegotiatedExtension> OfferedExtensions(MediaKind kind)
    {
        var all = ExtensionCapability.ToViewer(MediaKind.Video).Union(ExtensionCapability.ToViewer(MediaKind.Audio)).ToList();
        var extensions = new List<NegotiatedExtension>();
        foreach (var extension in ExtensionCapability.ToViewer(kind))
        {
            extensions.Add(new NegotiatedExtension(all.IndexOf(extension) + 1, extension));
        }

        return extensions;
    }
}
