using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

public static partial class Negotiator
{
    /// <summary>
    /// Answers a viewer's offer (WHEP, client offer). Every section of the offer is in the answer at its place; audio and video the viewer
    /// receives in codecs we carry are accepted with all those codecs, so that the viewer stays when the publisher returns with another;
    /// the live track's codec comes first. A section whose live track the viewer cannot decode stays open and silent for the same reason,
    /// as long as another track plays.
    /// </summary>
    /// <param name="offer">The offer.</param>
    /// <param name="local">Our side of the transport; <see cref="LocalTransport.AssignSsrcs"/> is needed.</param>
    /// <param name="liveTracks">The stream's tracks; the n-th of a kind goes into the n-th section of that kind. Empty before it starts.</param>
    /// <param name="session">What was agreed; <see cref="NegotiatedSession.None"/> on a refusal.</param>
    /// <param name="answer">The answer's text; empty on a refusal.</param>
    /// <returns>Null on success, else the refusal.</returns>
    public static SessionOutcome? AnswerViewer(
        SessionDescription offer,
        LocalTransport local,
        IReadOnlyList<StreamTrackDescription> liveTracks,
        out NegotiatedSession session,
        out string answer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(liveTracks);
        session = NegotiatedSession.None;
        answer = "";
        if (CheckMids(offer) is { } mids) return mids;
        var accepted = ReadSections(offer, SdpDirections.Receives, ReadWatched, out var offered)
            .ConvertAll(section => WithOurTrack(section, local, TrackOf(liveTracks, section.Kind, section.Ordinal)));
        if (offered.Count == 0) return Bad("The offer receives neither audio nor video; a viewer's sections must be recvonly.");
        if (accepted.Count == 0) return NothingCarried(offered);
        if (CheckDecodable(accepted, liveTracks) is { } codec) return codec;
        return Answer(offer, accepted, local, out session, out answer);
    }

    /// <summary>The n-th live track of a kind; null where there are fewer.</summary>
    private static StreamTrackDescription? TrackOf(IReadOnlyList<StreamTrackDescription> tracks, MediaKind kind, int ordinal)
    {
        foreach (var track in tracks)
        {
            if (track.Kind == kind && ordinal-- == 0) return track;
        }

        return null;
    }

    private static NegotiatedMedia? ReadWatched(SessionDescription peer, int index, MediaKind kind, Dictionary<int, HeaderExtensionKind> ids)
    {
        var media = peer.Media[index];
        var attributes = media.Attributes;
        var payloads = PeerPayloads.Read(media, kind);
        if (payloads.Count == 0) return null;
        var extensions = ReadExtensions(attributes, peer.Attributes, ExtensionCapability.ToViewer(kind), weSend: true, ids);
        return new NegotiatedMedia
        {
            Index = index,
            Mid = attributes.Mid ?? "",
            Kind = kind,
            Direction = SdpDirection.SendOnly,
            Payloads = WithoutIdleFeedback(payloads, extensions),
            Extensions = extensions,
            AllowMixedExtensions = attributes.AllowsMixedExtensions || peer.Attributes.AllowsMixedExtensions,
            ReducedSizeRtcp = attributes.HasReducedSizeRtcp,
        };
    }

    private static NegotiatedMedia WithOurTrack(NegotiatedMedia section, LocalTransport local, StreamTrackDescription? track)
    {
        if (local.AssignSsrcs is null) throw new ArgumentException("A viewer's sections need sources: set AssignSsrcs.", nameof(local));
        var ssrcs = local.AssignSsrcs(section.Kind, section.Ordinal);
        var hasRtx = section.Payloads.Any(static payload => payload.RtxPayloadType is not null);
        return section with
        {
            Payloads = LiveFirst(section.Payloads, track),
            LocalSsrcs = hasRtx ? ssrcs : ssrcs with { RtxSsrc = 0 },
            Msid = OurMsid(local, section.Kind, section.Ordinal),
            Cname = local.StreamId,
        };
    }

    private static SdpMsid OurMsid(LocalTransport local, MediaKind kind, int ordinal) =>
        new(local.StreamId, FormattableString.Invariant($"{(kind == MediaKind.Audio ? "audio" : "video")}{ordinal}"));

    private static IReadOnlyList<NegotiatedPayload> LiveFirst(IReadOnlyList<NegotiatedPayload> payloads, StreamTrackDescription? track)
    {
        if (track is null || !track.TryMatch(payloads, out var live)) return payloads;
        return [live, .. payloads.Where(payload => payload != live)];
    }

    /// <summary>Refuses where the viewer can be sent no track of a kind that it wants and the stream has: neither a black picture nor silence goes unexplained.</summary>
    private static SessionOutcome? CheckDecodable(List<NegotiatedMedia> accepted, IReadOnlyList<StreamTrackDescription> tracks)
    {
        foreach (var kind in (ReadOnlySpan<MediaKind>)[MediaKind.Video, MediaKind.Audio])
        {
            SessionOutcome? refusal = null;
            foreach (var section in accepted)
            {
                if (section.Kind != kind || TrackOf(tracks, kind, section.Ordinal) is not { } track) continue;
                if (track.TryMatch(section.Payloads, out _))
                {
                    refusal = null;
                    break;
                }

                refusal ??= SessionOutcome.Refuse(SessionError.NoCommonCodec, Explain(track, section));
            }

            if (refusal is not null) return refusal;
        }

        return null;
    }

    private static string Explain(StreamTrackDescription track, NegotiatedMedia section)
    {
        var names = section.Payloads.Select(static payload => CodecFacts.NameOf(payload.Format.Codec)).Distinct();
        var reason = track.Obstacle
            ?? $"The stream's {(track.Kind == MediaKind.Audio ? "audio" : "video")} is {Describe(track.Format)}; this viewer decodes {string.Join(", ", names)}.";
        return track.Note is null ? reason : $"{reason} {track.Note}";
    }

    private static string Describe(TrackFormat format)
    {
        var key = format.Codec switch
        {
            Codec.H264 => "profile-level-id",
            Codec.Vp9 or Codec.H265 => "profile-id",
            Codec.Av1 => "profile",
            _ => "",
        };
        var profile = key.Length == 0 ? default : SdpFormatParameters.ValueOf(format.Parameters, key);
        return profile.IsEmpty || profile.Length > 8 ? CodecFacts.NameOf(format.Codec) : $"{CodecFacts.NameOf(format.Codec)} ({key} {profile})";
    }
}
