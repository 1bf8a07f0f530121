using System.Globalization;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

public static partial class Negotiator
{
    /// <summary>
    /// Answers a publisher's offer (RFC 9725 §4.2). Every section of the offer is in the answer at its place; audio and video the publisher
    /// sends in codecs we carry are accepted, with the offer's payload types in the offer's order, and all else is rejected with port 0.
    /// </summary>
    /// <param name="offer">The offer.</param>
    /// <param name="local">Our side of the transport.</param>
    /// <param name="session">What was agreed; <see cref="NegotiatedSession.None"/> on a refusal.</param>
    /// <param name="answer">The answer's text; empty on a refusal.</param>
    /// <returns>Null on success, else the refusal.</returns>
    public static SessionOutcome? AnswerPublisher(
        SessionDescription offer, LocalTransport local, out NegotiatedSession session, out string answer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(local);
        session = NegotiatedSession.None;
        answer = "";
        if (CheckMids(offer) is { } mids) return mids;
        var accepted = new List<NegotiatedMedia>();
        var offered = new List<MediaDescription>();
        var ids = new Dictionary<int, HeaderExtensionKind>();
        for (var i = 0; i < offer.Media.Count; i++)
        {
            var media = offer.Media[i];
            if (KindOf(media) is not { } kind || !SdpDirections.Sends(offer.DirectionOf(media))) continue;
            offered.Add(media);
            var ordinal = accepted.Count(section => section.Kind == kind);
            if (ordinal == MaxSectionsOfAKind || !IsBundled(offer, media)) continue;
            if (ReadPublished(offer, i, kind, ordinal, ids) is { } section) accepted.Add(section);
        }

        if (offered.Count == 0) return Bad("The offer sends neither audio nor video; a publisher's sections must be sendonly.");
        if (accepted.Count == 0) return NothingCarried(offered);
        if (CheckBundle(offer, accepted) is { } bundle) return bundle;
        WithBundle(offer, accepted);
        if (ReadTransport(offer, accepted, local, isAnswer: false, out session) is { } transport) return transport;
        answer = WriteAnswer(offer, session, local).ToSdp();
        return null;
    }

    private static NegotiatedMedia? ReadPublished(
        SessionDescription offer, int index, MediaKind kind, int ordinal, Dictionary<int, HeaderExtensionKind> ids)
    {
        var media = offer.Media[index];
        var attributes = media.Attributes;
        var payloads = PeerPayloads.Read(media, kind);
        if (payloads.Count == 0) return null;
        var extensions = ReadExtensions(attributes, offer.Attributes, ExtensionCapability.FromPublisher(kind), weSend: false, ids);
        var canTellLayers = extensions.Exists(static extension => extension.Kind == HeaderExtensionKind.Rid);
        return new NegotiatedMedia
        {
            Index = index,
            Mid = attributes.Mid ?? "",
            Kind = kind,
            Ordinal = ordinal,
            Direction = SdpDirection.RecvOnly,
            Payloads = WithoutIdleFeedback(payloads, extensions),
            Extensions = extensions,
            AllowMixedExtensions = attributes.AllowsMixedExtensions || offer.Attributes.AllowsMixedExtensions,
            ReducedSizeRtcp = attributes.HasReducedSizeRtcp,
            Rids = canTellLayers ? ReadLayers(attributes, payloads) : [],
            RemoteSsrcs = ReadSsrcs(attributes),
            Msid = attributes.Msids is [var msid, ..] ? msid : null,
            Cname = CnameOf(attributes),
        };
    }

    /// <summary>
    /// The layers in order of priority: of each the first alternative that has a rid line and a payload type we took.
    /// </summary>
    private static List<string> ReadLayers(SdpAttributes attributes, List<NegotiatedPayload> payloads)
    {
        var usable = new List<string>();
        foreach (var rid in attributes.Rids)
        {
            if (rid.IsSend && !usable.Contains(rid.Id) && LayerPayloads(rid, payloads) is not []) usable.Add(rid.Id);
        }

        if (attributes.Simulcast is not { Send.Count: > 0 } simulcast) return usable is [var only] ? [only] : [];
        var layers = new List<string>();
        foreach (var alternatives in simulcast.Send)
        {
            foreach (var form in alternatives)
            {
                if (layers.Count == MaxRids || !usable.Contains(form.Rid) || layers.Contains(form.Rid)) continue;
                layers.Add(form.Rid);
                break;
            }
        }

        return layers;
    }

    /// <summary>The payload types a rid line restricts its layer to, of those we took; null where it restricts none (RFC 8851 §4).</summary>
    private static List<string>? LayerPayloads(SdpRid rid, List<NegotiatedPayload> payloads)
    {
        var listed = SdpFormatParameters.ValueOf(rid.Restrictions, "pt");
        if (listed.IsEmpty) return null;
        var kept = new List<string>();
        foreach (var range in listed.Split(','))
        {
            var text = listed[range];
            foreach (var payload in payloads)
            {
                if (text.SequenceEqual(payload.PayloadType.ToString(CultureInfo.InvariantCulture))) kept.Add(text.ToString());
            }
        }

        return kept;
    }

    private static List<SsrcPair> ReadSsrcs(SdpAttributes attributes)
    {
        var retransmissions = new Dictionary<uint, uint>();
        var order = new List<uint>();
        foreach (var group in attributes.SsrcGroups)
        {
            if (group is { Semantics: "FID", Ssrcs: [var ssrc, var rtx, ..] } && ssrc != rtx) retransmissions.TryAdd(ssrc, rtx);
            if (group.Semantics == "SIM") order.AddRange(group.Ssrcs);
        }

        order.AddRange(attributes.Ssrcs.Select(static line => line.Ssrc));
        var repairs = retransmissions.Values.ToHashSet();
        var pairs = new List<SsrcPair>();
        foreach (var ssrc in order.Distinct())
        {
            if (pairs.Count == MaxSsrcs) break;
            if (!repairs.Contains(ssrc)) pairs.Add(new SsrcPair(ssrc, retransmissions.GetValueOrDefault(ssrc)));
        }

        return pairs;
    }

    private static string CnameOf(SdpAttributes attributes) =>
        attributes.Ssrcs.FirstOrDefault(static line => line.Name == "cname")?.Value ?? "";

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
