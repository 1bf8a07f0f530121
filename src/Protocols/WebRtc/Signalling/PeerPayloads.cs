using System.Globalization;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>Reads the payload types of a peer's section that we carry, in the peer's order.</summary>
internal static class PeerPayloads
{
    private const int PayloadTypes = 128;

    public static List<NegotiatedPayload> Read(MediaDescription media, MediaKind kind)
    {
        var maps = new SdpRtpMap?[PayloadTypes];
        foreach (var map in media.Attributes.RtpMaps) maps[map.PayloadType] ??= map;
        var parameters = new string?[PayloadTypes];
        foreach (var format in media.Attributes.FormatParameters) parameters[format.PayloadType] ??= format.Parameters;
        var feedback = ReadFeedback(media.Attributes);
        var listed = ListedTypes(media);
        var retransmissions = ReadRetransmissions(listed, maps, parameters);

        var payloads = new List<NegotiatedPayload>();
        foreach (var type in listed)
        {
            if (maps[type] is not { } map || !CodecCapability.TryAccept(map, parameters[type] ?? "", out var format)) continue;
            if (format.Kind == kind) payloads.Add(new NegotiatedPayload(type, format, retransmissions[type], feedback[type]));
        }

        return payloads;
    }

    /// <summary>The encodings a peer names, for an error's sentence: short, printable, each once.</summary>
    public static string NamesOf(IEnumerable<MediaDescription> sections)
    {
        const int Most = 12;
        var names = new List<string>();
        foreach (var media in sections)
        {
            foreach (var map in media.Attributes.RtpMaps)
            {
                if (names.Count == Most || map.Encoding.Length > 24 || names.Contains(map.Encoding)) continue;
                if (map.Encoding.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')) names.Add(map.Encoding);
            }
        }

        return names.Count == 0 ? "none" : string.Join(", ", names);
    }

    private static List<byte> ListedTypes(MediaDescription media)
    {
        var listed = new List<byte>();
        foreach (var format in media.Formats)
        {
            if (!byte.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out var type) || type >= PayloadTypes) continue;
            if (!listed.Contains(type)) listed.Add(type);
        }

        return listed;
    }

    // RFC 4588 §8.1: apt names the payload type a retransmission stands for. The first one wins.
    private static byte?[] ReadRetransmissions(List<byte> listed, SdpRtpMap?[] maps, string?[] parameters)
    {
        var retransmissions = new byte?[PayloadTypes];
        foreach (var type in listed)
        {
            if (maps[type] is not { IsRtx: true }) continue;
            var apt = SdpFormatParameters.NumberOf(parameters[type], "apt", -1);
            if (apt is >= 0 and < PayloadTypes && maps[apt] is { IsRtx: false } map && map.ClockRate == maps[type]!.ClockRate)
            {
                retransmissions[apt] ??= type;
            }
        }

        return retransmissions;
    }

    private static PayloadFeedback[] ReadFeedback(SdpAttributes attributes)
    {
        var feedback = new PayloadFeedback[PayloadTypes];
        foreach (var line in attributes.Feedback)
        {
            var flag = PayloadFeedbacks.Parse(line.Kind, line.Parameter);
            if (line.PayloadType is { } type) feedback[type] |= flag;
            else for (var i = 0; i < PayloadTypes; i++) feedback[i] |= flag;
        }

        return feedback;
    }
}
