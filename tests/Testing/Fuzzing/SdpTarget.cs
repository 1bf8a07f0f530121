using System.Text;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// A description that is taken stays within its bounds, survives writing and reading, and gives answers that are descriptions themselves
/// with the offer's sections at their places.
/// </summary>
public static class SdpTarget
{
    private static readonly LocalTransport Local = new(
        "fuzzufrag",
        "fuzzpasswordfuzzpassword",
        SdpFingerprint.Sha256(new byte[32]),
        [IceCandidateLine.Host(NetworkAddress.FromIPv4(0xc0000201, 7000), TransportProtocol.Udp)])
    {
        AssignSsrcs = static (kind, ordinal) => new SsrcPair(100 + 2 * (uint)ordinal + 50 * (uint)kind, 101 + 2 * (uint)ordinal + 50 * (uint)kind),
    };

    private static readonly StreamTrackDescription[] Live =
    [
        new(new TrackFormat(Codec.H264, 90_000, 0, "packetization-mode=1;profile-level-id=640028")),
        new(new TrackFormat(Codec.Opus, 48_000, 2, "")),
    ];

    /// <summary>Runs one input as UTF-8 text.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (SessionDescription.TryParse(text, out var description) is { } error)
        {
            Must(error.Reason.Length is > 0 and < 300, "an error is a sentence, not the input");
            Must(error.Line >= 0 && error.Line <= text.Length, "an error names a line of the input");
            Must(ReferenceEquals(description, SessionDescription.Empty), "a refused description is empty");
            return;
        }

        Must(description.Media.Count <= SdpLimits.MaxMediaSections, "media sections are bounded");
        foreach (var media in description.Media)
        {
            Must(media.Attributes.Count <= SdpLimits.MaxAttributes, "attributes are bounded");
            Must(media.Formats.Count <= SdpLimits.MaxFormats, "formats are bounded");
            CheckTyped(media.Attributes);
        }

        RoundTrip(description);
        if (Negotiator.AnswerPublisher(description, Local, out var session, out var answer) is null) CheckAnswer(description, session, answer);
        if (Negotiator.AnswerViewer(description, Local, Live, out session, out answer) is null) CheckAnswer(description, session, answer);
        var offer = Negotiator.OfferToViewer(Local, Live);
        _ = Negotiator.AcceptViewerAnswer(offer, description, Local, Live, out session);
    }

    private static void RoundTrip(SessionDescription description)
    {
        var written = description.ToSdp();
        if (written.Length > SdpLimits.MaxLength) return;
        Must(SessionDescription.TryParse(written, out var again) is null, "what was written can be read");
        Must(again.ToSdp() == written, "writing is stable");
        Must(again.Media.Count == description.Media.Count, "no section is lost");
    }

    private static void CheckTyped(SdpAttributes attributes)
    {
        foreach (var map in attributes.RtpMaps) Must(SdpRtpMap.TryParse(map.ToString(), out var again) && again == map, "rtpmap");
        foreach (var map in attributes.ExtensionMaps) Must(SdpExtensionMap.TryParse(map.ToString(), out var again) && again == map, "extmap");
        foreach (var line in attributes.Feedback) Must(SdpFeedback.TryParse(line.ToString(), out var again) && again == line, "rtcp-fb");
        foreach (var rid in attributes.Rids) Must(SdpRid.TryParse(rid.ToString(), out var again) && again == rid, "rid");
        foreach (var line in attributes.Candidates) Must(IceCandidateLine.TryParse(line.ToString(), out var again) && again == line, "candidate");
        if (attributes.Simulcast is { } simulcast)
        {
            Must(SdpSimulcast.TryParse(simulcast.ToString(), out var again) && again.ToString() == simulcast.ToString(), "simulcast");
        }
    }

    private static void CheckAnswer(SessionDescription offer, NegotiatedSession session, string answer)
    {
        Must(session.IceUfrag.Length > 0 && session.IcePwd.Length > 0 && session.Fingerprints.Count > 0, "a session has its secrets");
        Must(session.Media.Count > 0 && session.Media.All(static media => media.Payloads.Count > 0), "a session carries something");
        Must(session.Candidates.Count <= Negotiator.MaxCandidates, "candidates are bounded");
        if (answer.Length > SdpLimits.MaxLength) return;
        Must(SessionDescription.TryParse(answer, out var read) is null, "an answer is a description");
        Must(read.Media.Count == offer.Media.Count, "an answer has the offer's sections");
        for (var i = 0; i < read.Media.Count; i++)
        {
            Must(read.Media[i].Type == offer.Media[i].Type, "sections keep their places");
            Must(read.Media[i].Attributes.Mid == offer.Media[i].Attributes.Mid, "sections keep their mids");
            Must(read.Media[i].Port == 0 || session.Media.Any(media => media.Index == i), "only agreed sections have a port");
            Must(read.Media[i].Formats.All(offer.Media[i].Formats.Contains), "an answer adds no payload type");
        }
    }

    private static void Must(bool holds, string promise)
    {
        if (!holds) throw new InvalidOperationException(promise);
    }
}
