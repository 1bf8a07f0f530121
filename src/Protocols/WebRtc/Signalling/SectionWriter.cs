using System.Globalization;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>Writes our media sections.</summary>
internal static class SectionWriter
{
    private const string NoAddress = "IN IP4 0.0.0.0";

    /// <summary>A section we take no part in; port 0 says so (RFC 3264 §6).</summary>
    public static MediaDescription Reject(MediaDescription peer)
    {
        var lines = new List<SdpAttributeLine>();
        if (peer.Attributes.Mid is { } mid) lines.Add(new SdpAttributeLine("mid", mid));
        if (peer.IsRtp) lines.Add(new SdpAttributeLine("inactive"));
        return new MediaDescription
        {
            Type = peer.Type,
            Port = 0,
            Protocol = peer.Protocol,
            Formats = peer.Formats,
            Connection = NoAddress,
            Attributes = new SdpAttributes(lines),
        };
    }

    /// <summary>A section we take part in.</summary>
    /// <param name="media">What was agreed, or what we offer.</param>
    /// <param name="local">Our transport.</param>
    /// <param name="setup">Our DTLS role.</param>
    /// <param name="protocol">The transport's name as the peer writes it.</param>
    /// <param name="simulcast">The peer's rid lines that <see cref="NegotiatedMedia.Rids"/> names.</param>
    /// <param name="renomination">True where the peer may nominate again.</param>
    /// <param name="mixedExtensionsHere">True where extmap-allow-mixed goes into the section and not into the session.</param>
    public static MediaDescription Write(
        NegotiatedMedia media,
        LocalTransport local,
        SdpSetup setup,
        string protocol,
        IReadOnlyList<SdpRid> simulcast,
        bool renomination,
        bool mixedExtensionsHere)
    {
        var lines = new List<SdpAttributeLine>(64);
        WriteTransport(lines, media, local, setup, renomination);
        if (media.Mid.Length > 0) lines.Add(new SdpAttributeLine("mid", media.Mid));
        if (mixedExtensionsHere) lines.Add(new SdpAttributeLine("extmap-allow-mixed"));
        foreach (var extension in media.Extensions)
        {
            lines.Add(new SdpAttributeLine("extmap", new SdpExtensionMap(extension.Id, null, HeaderExtensions.UriOf(extension.Kind)).ToString()));
        }

        lines.Add(new SdpAttributeLine(SdpDirections.NameOf(media.Direction)));
        var sends = SdpDirections.Sends(media.Direction);
        if (sends && media.Msid is { } msid) lines.Add(new SdpAttributeLine("msid", msid.ToString()));
        lines.Add(new SdpAttributeLine("rtcp-mux"));
        if (media.ReducedSizeRtcp) lines.Add(new SdpAttributeLine("rtcp-rsize"));
        var formats = WritePayloads(lines, media, !sends);
        WriteSimulcast(lines, media, simulcast);
        if (sends) WriteSsrcs(lines, media);
        var (connection, port) = DefaultDestination(local);
        return new MediaDescription
        {
            Type = media.Kind == MediaKind.Audio ? "audio" : "video",
            Port = port,
            Protocol = protocol,
            Formats = formats,
            Connection = connection,
            Attributes = new SdpAttributes(lines),
        };
    }

    private static void WriteTransport(
        List<SdpAttributeLine> lines, NegotiatedMedia media, LocalTransport local, SdpSetup setup, bool renomination)
    {
        if (media.BundleIndex == media.Index) WriteCandidates(lines, local);
        lines.Add(new SdpAttributeLine("ice-ufrag", local.IceUfrag));
        lines.Add(new SdpAttributeLine("ice-pwd", local.IcePwd));
        if (IceOptions(local, renomination) is { Length: > 0 } options) lines.Add(new SdpAttributeLine("ice-options", options));
        lines.Add(new SdpAttributeLine("fingerprint", local.Fingerprint.ToString()));
        lines.Add(new SdpAttributeLine("setup", SdpSetups.NameOf(setup)));
    }

    /// <summary>All candidates, UDP first: some clients try the first one only.</summary>
    public static void WriteCandidates(List<SdpAttributeLine> lines, LocalTransport local)
    {
        foreach (var candidate in local.Candidates.OrderBy(static candidate => candidate.Transport))
        {
            lines.Add(new SdpAttributeLine("candidate", candidate.ToString()));
        }

        lines.Add(new SdpAttributeLine("end-of-candidates"));
    }

    /// <summary>Our ICE options; empty where we have none.</summary>
    public static string IceOptions(LocalTransport local, bool renomination) => (local.AcceptsTrickle, renomination) switch
    {
        (true, true) => "trickle renomination",
        (true, false) => "trickle",
        (false, true) => "renomination",
        _ => "",
    };

    private static List<string> WritePayloads(List<SdpAttributeLine> lines, NegotiatedMedia media, bool isReceiver)
    {
        var formats = new List<string>();
        foreach (var payload in media.Payloads)
        {
            var type = payload.PayloadType;
            var channels = Math.Max(1, payload.Format.Channels);
            var map = new SdpRtpMap(type, CodecFacts.NameOf(payload.Format.Codec), payload.Format.ClockRate, channels);
            formats.Add(type.ToString(CultureInfo.InvariantCulture));
            lines.Add(new SdpAttributeLine("rtpmap", map.ToString()));
            foreach (var feedback in PayloadFeedbacks.Write(payload.Feedback))
            {
                lines.Add(new SdpAttributeLine("rtcp-fb", string.Create(CultureInfo.InvariantCulture, $"{type} {feedback}")));
            }

            var parameters = CodecCapability.AnswerParameters(payload.Format, isReceiver);
            if (parameters.Length > 0) lines.Add(new SdpAttributeLine("fmtp", new SdpFormatParameters(type, parameters).ToString()));
            if (payload.RtxPayloadType is not { } rtx) continue;
            formats.Add(rtx.ToString(CultureInfo.InvariantCulture));
            lines.Add(new SdpAttributeLine("rtpmap", new SdpRtpMap(rtx, "rtx", payload.Format.ClockRate, 1).ToString()));
            lines.Add(new SdpAttributeLine("fmtp", string.Create(CultureInfo.InvariantCulture, $"{rtx} apt={type}")));
        }

        return formats;
    }

    private static void WriteSimulcast(List<SdpAttributeLine> lines, NegotiatedMedia media, IReadOnlyList<SdpRid> offered)
    {
        if (media.Rids.Count == 0) return;
        foreach (var rid in offered)
        {
            if (media.Rids.Contains(rid.Id)) lines.Add(new SdpAttributeLine("rid", (rid with { IsSend = false }).ToString()));
        }

        if (media.Rids.Count > 1) lines.Add(new SdpAttributeLine("simulcast", "recv " + string.Join(';', media.Rids)));
    }

    private static void WriteSsrcs(List<SdpAttributeLine> lines, NegotiatedMedia media)
    {
        var (ssrc, rtx) = media.LocalSsrcs;
        if (rtx != 0) lines.Add(new SdpAttributeLine("ssrc-group", new SdpSsrcGroup("FID", [ssrc, rtx]).ToString()));
        foreach (var source in (ReadOnlySpan<uint>)(rtx != 0 ? [ssrc, rtx] : [ssrc]))
        {
            lines.Add(new SdpAttributeLine("ssrc", new SdpSsrc(source, "cname", media.Cname).ToString()));
            if (media.Msid is { } msid) lines.Add(new SdpAttributeLine("ssrc", new SdpSsrc(source, "msid", msid.ToString()).ToString()));
        }
    }

    // RFC 8839 §4.2.1: the default destination is one of the candidates; without any it is port 9 of nowhere.
    private static (string Connection, int Port) DefaultDestination(LocalTransport local)
    {
        foreach (var candidate in local.Candidates)
        {
            if (candidate.Transport != TransportProtocol.Udp || !candidate.TryGetAddress(out var address)) continue;
            return ($"IN {(address.IsIPv4 ? "IP4" : "IP6")} {candidate.Address}", candidate.Port);
        }

        return (NoAddress, 9);
    }

    /// <summary>The session around the sections.</summary>
    public static SessionDescription Session(
        LocalTransport local, IReadOnlyList<string> bundled, bool mixedExtensions, IReadOnlyList<MediaDescription> media)
    {
        var lines = new List<SdpAttributeLine>();
        if (local.IsIceLite) lines.Add(new SdpAttributeLine("ice-lite"));
        if (bundled.Count > 0) lines.Add(new SdpAttributeLine("group", new SdpGroup("BUNDLE", bundled).ToString()));
        if (mixedExtensions) lines.Add(new SdpAttributeLine("extmap-allow-mixed"));
        lines.Add(new SdpAttributeLine("msid-semantic", " WMS *"));
        return new SessionDescription
        {
            Origin = new SdpOrigin(
                "-",
                (local.SessionId & long.MaxValue).ToString(CultureInfo.InvariantCulture),
                local.SessionVersion.ToString(CultureInfo.InvariantCulture),
                "IN IP4 127.0.0.1"),
            Attributes = new SdpAttributes(lines),
            Media = media,
        };
    }
}
