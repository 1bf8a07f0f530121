namespace Sluice.Protocols.Media;

/// <summary>What a track carries.</summary>
public enum MediaKind : byte
{
    /// <summary>Sound.</summary>
    Audio = 0,

    /// <summary>Picture.</summary>
    Video = 1,
}

/// <summary>The codecs Sluice carries.</summary>
public enum Codec : byte
{
    /// <summary>Not known (yet).</summary>
    Unknown = 0,

    /// <summary>H.264 / AVC (RFC 6184).</summary>
    H264,

    /// <summary>H.265 / HEVC (RFC 7798).</summary>
    H265,

    /// <summary>VP8 (RFC 7741).</summary>
    Vp8,

    /// <summary>VP9 (RFC 9628).</summary>
    Vp9,

    /// <summary>AV1 (AOM RTP specification v1.0).</summary>
    Av1,

    /// <summary>Opus (RFC 7587).</summary>
    Opus,

    /// <summary>AAC, LC or HE (RFC 3640).</summary>
    Aac,
}

/// <summary>Names and facts of each codec, in one table.</summary>
public static class CodecFacts
{
    /// <summary>Audio or video.</summary>
    public static MediaKind KindOf(Codec codec) => codec is Codec.Opus or Codec.Aac ? MediaKind.Audio : MediaKind.Video;

    /// <summary>The RTP clock rate; AAC's is the sampling rate and comes with the format.</summary>
    public static int ClockRateOf(Codec codec) => codec is Codec.Opus ? 48_000 : 90_000;

    /// <summary>The encoding name as <c>a=rtpmap</c> spells it.</summary>
    public static string NameOf(Codec codec) => codec switch
    {
        Codec.H264 => "H264",
        Codec.H265 => "H265",
        Codec.Vp8 => "VP8",
        Codec.Vp9 => "VP9",
        Codec.Av1 => "AV1",
        Codec.Opus => "opus",
        Codec.Aac => "mpeg4-generic",
        _ => "unknown",
    };

    /// <summary>The codec of an encoding name; case does not matter (RFC 8866 §6.6).</summary>
    public static Codec FromName(ReadOnlySpan<char> name)
    {
        foreach (var codec in (ReadOnlySpan<Codec>)[Codec.H264, Codec.H265, Codec.Vp8, Codec.Vp9, Codec.Av1, Codec.Opus, Codec.Aac])
        {
            if (name.Equals(NameOf(codec), StringComparison.OrdinalIgnoreCase)) return codec;
        }

        return Codec.Unknown;
    }
}
