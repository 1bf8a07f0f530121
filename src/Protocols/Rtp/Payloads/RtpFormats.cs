using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Codecs.Vp9;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>What SDP calls a format that frames carry as a configuration record.</summary>
public static class RtpFormats
{
    /// <summary>
    /// The format of the packets made of frames. False where the codec has no packetizer here, its times are not in ticks of RTP's clock, or
    /// the record does not tell what SDP must.
    /// </summary>
    /// <remarks>
    /// H.264: RFC 6184 §8.1, packetization mode 1. H.265: RFC 7798 §7.1. VP9: RFC 9628 §7. AV1: AOM RTP specification §7.2.1; profile, level
    /// and tier of the first operating point. Opus: RFC 7587 §6.1; stereo where the header has two channels.
    /// </remarks>
    public static bool TryDescribe(FrameFormat frames, [NotNullWhen(true)] out TrackFormat? packets)
    {
        ArgumentNullException.ThrowIfNull(frames);
        packets = null;
        string? parameters = frames.Codec switch
        {
            Codec.H264 => OfH264(frames.Configuration),
            Codec.H265 => OfH265(frames.Configuration),
            Codec.Vp8 => "",
            Codec.Vp9 => OfVp9(frames.Configuration),
            Codec.Av1 => OfAv1(frames.Configuration),
            Codec.Opus => frames.Channels == 1 ? "minptime=10;useinbandfec=1" : "minptime=10;sprop-stereo=1;stereo=1;useinbandfec=1",
            _ => null,
        };
        if (parameters is null || frames.ClockRate != CodecFacts.ClockRateOf(frames.Codec)) return false;
        packets = new TrackFormat(frames.Codec, CodecFacts.ClockRateOf(frames.Codec), frames.Codec == Codec.Opus ? 2 : 0, parameters);
        return true;
    }

    private static string? OfH264(ReadOnlySpan<byte> configuration) => AvcConfiguration.TryParse(configuration, out var record)
        ? $"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={record.ProfileLevelId}"
        : null;

    private static string? OfH265(ReadOnlySpan<byte> configuration) => HevcConfiguration.TryParse(configuration, out var record)
        ? string.Create(CultureInfo.InvariantCulture,
            $"level-id={record.LevelIdc};profile-id={record.ProfileIdc};profile-space={record.ProfileSpace};tier-flag={Digit(record.IsHighTier)};tx-mode=SRST")
        : null;

    // Without a record the profile every decoder has.
    private static string? OfVp9(ReadOnlySpan<byte> configuration)
    {
        if (configuration.IsEmpty) return "profile-id=0";
        return VpConfiguration.TryParse(configuration, out var record)
            ? string.Create(CultureInfo.InvariantCulture, $"profile-id={record.Profile}")
            : null;
    }

    private static string? OfAv1(ReadOnlySpan<byte> configuration)
    {
        if (configuration.IsEmpty) return "";
        return Av1Configuration.TryParse(configuration, out var record)
            ? string.Create(CultureInfo.InvariantCulture,
                $"level-idx={record.LevelIndex};profile={record.Profile};tier={Digit(record.IsHighTier)}")
            : null;
    }

    private static char Digit(bool flag) => flag ? '1' : '0';
}
