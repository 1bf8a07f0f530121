using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <content>What answers to publishers and to viewers have in common.</content>
public static partial class Negotiator
{
    private delegate NegotiatedMedia? SectionReader(
        SessionDescription offer, int index, MediaKind kind, Dictionary<int, HeaderExtensionKind> ids);

    /// <summary>The sections we accept of those that flow the wanted way; the latter in <paramref name="offered"/>.</summary>
    private static List<NegotiatedMedia> ReadSections(
        SessionDescription offer, Func<SdpDirection, bool> flows, SectionReader read, out List<MediaDescription> offered)
    {
        var accepted = new List<NegotiatedMedia>();
        var ids = new Dictionary<int, HeaderExtensionKind>();
        offered = [];
        for (var i = 0; i < offer.Media.Count; i++)
        {
            var media = offer.Media[i];
            if (KindOf(media) is not { } kind || !flows(offer.DirectionOf(media))) continue;
            offered.Add(media);
            var ordinal = accepted.Count(section => section.Kind == kind);
            if (ordinal == MaxSectionsOfAKind || !IsBundled(offer, media)) continue;
            if (read(offer, i, kind, ids) is { } section) accepted.Add(section with { Ordinal = ordinal });
        }

        return accepted;
    }

    /// <summary>Answers with the accepted sections, one at least; null on success.</summary>
    private static SessionOutcome? Answer(
        SessionDescription offer, List<NegotiatedMedia> accepted, LocalTransport local, out NegotiatedSession session, out string answer)
    {
        session = NegotiatedSession.None;
        answer = "";
        if (CheckBundle(offer, accepted) is { } bundle) return bundle;
        WithBundle(offer, accepted);
        if (ReadTransport(offer, accepted, local, isAnswer: false, out session) is { } transport) return transport;
        answer = WriteAnswer(offer, session, local).ToSdp();
        return null;
    }

    private static SessionOutcome NothingCarried(IReadOnlyList<MediaDescription> offered) => SessionOutcome.Refuse(
        SessionError.NoCommonCodec,
        $"The SDP offers {PeerPayloads.NamesOf(offered)}; this server carries H264, H265, VP8, VP9, AV1 and opus.");

    /// <summary>The answer to an offer: the accepted sections as agreed, all others rejected.</summary>
    private static SessionDescription WriteAnswer(SessionDescription offer, NegotiatedSession session, LocalTransport local)
    {
        var setup = session.IsDtlsClient ? SdpSetup.Active : SdpSetup.Passive;
        var sections = new List<MediaDescription>();
        for (var i = 0; i < offer.Media.Count; i++)
        {
            var peer = offer.Media[i];
            var agreed = session.Media.FirstOrDefault(media => media.Index == i);
            sections.Add(agreed is null
                ? SectionWriter.Reject(peer)
                : SectionWriter.Write(
                    agreed,
                    local,
                    setup,
                    peer.Protocol,
                    LayerLines(peer.Attributes, agreed),
                    session.SupportsRenomination,
                    peer.Attributes.AllowsMixedExtensions && !offer.Attributes.AllowsMixedExtensions));
        }

        return SectionWriter.Session(local, BundledMids(offer, session), offer.Attributes.AllowsMixedExtensions, sections);
    }

    private static List<string> BundledMids(SessionDescription offer, NegotiatedSession session)
    {
        var mids = new List<string>();
        foreach (var mid in offer.Bundle?.Mids ?? [])
        {
            if (session.Media.Any(media => media.Mid == mid) && !mids.Contains(mid)) mids.Add(mid);
        }

        return mids;
    }

    private static List<SdpRid> LayerLines(SdpAttributes attributes, NegotiatedMedia agreed)
    {
        var lines = new List<SdpRid>();
        foreach (var name in agreed.Rids)
        {
            var rid = attributes.Rids.First(line => line.IsSend && line.Id == name);
            var kept = LayerPayloads(rid, [.. agreed.Payloads]);
            lines.Add(kept is null ? rid : rid with { Restrictions = WithPayloads(rid.Restrictions, kept) });
        }

        return lines;
    }

    private static string WithPayloads(string restrictions, List<string> kept)
    {
        var parts = restrictions.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var others = parts.Where(static part => !part.StartsWith("pt=", StringComparison.OrdinalIgnoreCase));
        return string.Join(';', (IEnumerable<string>)["pt=" + string.Join(',', kept), .. others]);
    }
}
