using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>
/// Which of the payload types a viewer agreed to can carry a live track. Asked once for each track and viewer, again whenever the
/// track's format changes; never for a packet.
/// </summary>
public static class PayloadMatch
{
    private const int NoMatch = int.MaxValue;
    private const int LastResort = 1_000;

    /// <summary>
    /// Finds the best payload type: the same profile first, then the nearest profile whose decoder decodes the stream, then (H.264 only)
    /// any profile that takes fragmented units. Levels do not count: a decoder that says 3.1 mostly plays 4.0, and the sender is asked
    /// for what it can do, not what it must.
    /// </summary>
    /// <returns>False where the viewer cannot decode the track.</returns>
    public static bool TryMatch(TrackFormat live, IReadOnlyList<NegotiatedPayload> payloads, [NotNullWhen(true)] out NegotiatedPayload? payload)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(payloads);
        payload = null;
        var best = NoMatch;
        foreach (var candidate in payloads)
        {
            var rank = Rank(live, candidate.Format);
            if (rank >= best) continue;
            best = rank;
            payload = candidate;
        }

        return payload is not null;
    }

    private static int Rank(TrackFormat live, TrackFormat receiver)
    {
        if (live.Codec != receiver.Codec) return NoMatch;
        return live.Codec switch
        {
            Codec.H264 => RankH264(live.Parameters, receiver.Parameters),
            Codec.H265 => RankH265(live.Parameters, receiver.Parameters),
            Codec.Vp8 => 0,
            Codec.Vp9 => Number(live, "profile-id", 0) == Number(receiver, "profile-id", 0) ? 0 : NoMatch,
            Codec.Av1 => AtLeast(Number(receiver, "profile", 0), Number(live, "profile", 0)),
            Codec.Opus => live.ClockRate == receiver.ClockRate ? 0 : NoMatch,
            _ => NoMatch,
        };
    }

    // A live track that does not say its packetization mode comes from one of our own packetizers, which fragment: mode 1.
    private static int RankH264(string live, string receiver)
    {
        var liveMode = SdpFormatParameters.NumberOf(live, "packetization-mode", 1);
        var receiverMode = SdpFormatParameters.NumberOf(receiver, "packetization-mode", 0);
        if (liveMode > receiverMode || receiverMode > 1) return NoMatch;
        var modeDistance = receiverMode - liveMode;
        var stream = ProfileOf(live, H264Profile.Unknown);
        var decoder = ProfileOf(receiver, H264Profile.Baseline);
        var lastResort = receiverMode == 1 ? LastResort + (int)decoder : NoMatch;
        if (stream == H264Profile.Unknown) return lastResort;
        if (stream == decoder) return modeDistance;
        return decoder.Decodes(stream) ? 10 + 2 * (int)decoder + modeDistance : lastResort;
    }

    // RFC 6184 §8.1: without profile-level-id a receiver takes Baseline.
    private static H264Profile ProfileOf(string parameters, H264Profile absent)
    {
        var text = SdpFormatParameters.ValueOf(parameters, "profile-level-id");
        if (text.IsEmpty) return absent;
        return ProfileLevelId.TryParse(text, out var id) ? id.Profile : H264Profile.Unknown;
    }

    // RFC 7798 §7.1: Main profile and Main tier are what absence means. Main 10 decoders decode Main, high-tier decoders the main tier.
    private static int RankH265(string live, string receiver)
    {
        const int Main = 1, Main10 = 2;
        var stream = SdpFormatParameters.NumberOf(live, "profile-id", Main);
        var decoder = SdpFormatParameters.NumberOf(receiver, "profile-id", Main);
        if (stream != decoder && (stream, decoder) is not (Main, Main10)) return NoMatch;
        var tier = AtLeast(
            SdpFormatParameters.NumberOf(receiver, "tier-flag", 0), SdpFormatParameters.NumberOf(live, "tier-flag", 0));
        return tier == NoMatch ? NoMatch : tier + 10 * (decoder - stream);
    }

    private static int AtLeast(int decoder, int stream) => decoder >= stream ? decoder - stream : NoMatch;

    private static int Number(TrackFormat format, string key, int absent) => SdpFormatParameters.NumberOf(format.Parameters, key, absent);
}
