using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>A codec Sluice carries, as an offer of ours lists it.</summary>
/// <param name="Format">The codec with the parameters we offer.</param>
/// <param name="PayloadType">The number we offer it under.</param>
/// <param name="RtxPayloadType">The number of its retransmissions; null for audio.</param>
public sealed record CodecCapability(TrackFormat Format, byte PayloadType, byte? RtxPayloadType)
{
    private const string H264Mode1 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=";

    /// <summary>All that an offer of ours lists, the most widely decoded first.</summary>
    public static IReadOnlyList<CodecCapability> All { get; } =
    [
        new(new TrackFormat(Codec.Opus, 48_000, 2, "minptime=10;stereo=1;useinbandfec=1"), 111, null),
        Video(Codec.H264, H264Mode1 + "42e01f", 96),
        Video(Codec.H264, H264Mode1 + "4d001f", 98),
        Video(Codec.H264, H264Mode1 + "64001f", 100),
        Video(Codec.Vp8, "", 102),
        Video(Codec.Vp9, "profile-id=0", 104),
        Video(Codec.Vp9, "profile-id=2", 106),
        Video(Codec.Av1, "", 108),
        Video(Codec.H265, "", 112),
    ];

    /// <summary>
    /// True where we carry what a peer's payload type stands for; the format keeps the peer's parameters. Codecs we only know from other
    /// protocols, and H.264 in interleaved mode, are not carried.
    /// </summary>
    public static bool TryAccept(SdpRtpMap map, string parameters, [NotNullWhen(true)] out TrackFormat? format)
    {
        ArgumentNullException.ThrowIfNull(map);
        format = null;
        var codec = CodecFacts.FromName(map.Encoding);
        if (codec is Codec.Unknown or Codec.Aac || map.ClockRate != CodecFacts.ClockRateOf(codec)) return false;
        if (codec == Codec.H264 && SdpFormatParameters.NumberOf(parameters, "packetization-mode", 0) > 1) return false;
        format = new TrackFormat(codec, map.ClockRate, codec == Codec.Opus ? map.Channels : 0, parameters);
        return true;
    }

    /// <summary>
    /// The parameters to answer with. Those that name the stream are the peer's own; those that limit the sender are left out, since we
    /// have no decoder that needs limits.
    /// </summary>
    /// <param name="format">The codec with the peer's parameters.</param>
    /// <param name="isReceiver">True where we receive: then Opus may come in stereo even where the sender did not ask.</param>
    public static string AnswerParameters(TrackFormat format, bool isReceiver)
    {
        ArgumentNullException.ThrowIfNull(format);
        var answer = format.Codec switch
        {
            Codec.H264 => Keep(format.Parameters, ["level-asymmetry-allowed", "packetization-mode", "profile-level-id"]),
            Codec.H265 => Keep(format.Parameters, ["profile-space", "profile-id", "tier-flag", "level-id", "tx-mode"]),
            Codec.Vp9 => Keep(format.Parameters, ["profile-id"]),
            Codec.Av1 => Keep(format.Parameters, ["level-idx", "profile", "tier"]),
            Codec.Opus => Keep(format.Parameters, ["minptime", "useinbandfec", "usedtx", "stereo", "sprop-stereo"]),
            _ => "",
        };
        if (format.Codec != Codec.Opus || !isReceiver) return answer;
        return SdpFormatParameters.ValueOf(answer, "stereo").IsEmpty ? answer.Length == 0 ? "stereo=1" : answer + ";stereo=1" : answer;
    }

    private static CodecCapability Video(Codec codec, string parameters, byte payloadType) =>
        new(new TrackFormat(codec, 90_000, 0, parameters), payloadType, (byte)(payloadType + 1));

    private static string Keep(string parameters, ReadOnlySpan<string> keys)
    {
        var kept = new List<string>();
        foreach (var part in parameters.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) continue;
            foreach (var key in keys)
            {
                if (part.AsSpan(0, equals).TrimEnd().Equals(key, StringComparison.OrdinalIgnoreCase)) kept.Add(part);
            }
        }

        return string.Join(';', kept);
    }
}
