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
        var accepted = ReadSections(offer, SdpDirections.Sends, ReadPublished, out var offered);
        if (offered.Count == 0) return Bad("The offer sends neither audio nor video; a publisher's sections must be sendonly.");
        if (accepted.Count == 0) return NothingCarried(offered);
        return Answer(offer, accepted, local, out session, out answer);
    }

    private static NegotiatedMedia? ReadPublished(
        SessionDescription offer, int index, MediaKind kind, Dictionary<int, HeaderExtensionKind> ids)
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
}
