using Sluice.Protocols.Media;

namespace Sluice.Protocols.Rtmp.Tags;

/// <summary>Every codec that FLV or Enhanced RTMP can name, so that what Sluice does not carry can be refused by its name.</summary>
public enum RtmpCodec : byte
{
    /// <summary>Not in any table.</summary>
    Unknown = 0,

    /// <summary>H.264, <c>avc1</c>.</summary>
    Avc,

    /// <summary>H.265, <c>hvc1</c>; also codec id 12, which several encoders use without a standard.</summary>
    Hevc,

    /// <summary>H.266, <c>vvc1</c>.</summary>
    Vvc,

    /// <summary>AV1, <c>av01</c>.</summary>
    Av1,

    /// <summary>VP8, <c>vp08</c>.</summary>
    Vp8,

    /// <summary>VP9, <c>vp09</c>.</summary>
    Vp9,

    /// <summary>Sorenson's H.263.</summary>
    SorensonH263,

    /// <summary>Screen video, both versions.</summary>
    ScreenVideo,

    /// <summary>On2 VP6, with and without alpha.</summary>
    Vp6,

    /// <summary>AAC, <c>mp4a</c>.</summary>
    Aac,

    /// <summary>Opus, <c>Opus</c>.</summary>
    Opus,

    /// <summary>FLAC, <c>fLaC</c>.</summary>
    Flac,

    /// <summary>AC-3, <c>ac-3</c>.</summary>
    Ac3,

    /// <summary>E-AC-3, <c>ec-3</c>.</summary>
    Eac3,

    /// <summary>MP3, <c>.mp3</c>.</summary>
    Mp3,

    /// <summary>Uncompressed sound.</summary>
    LinearPcm,

    /// <summary>ADPCM.</summary>
    Adpcm,

    /// <summary>Nellymoser.</summary>
    Nellymoser,

    /// <summary>G.711, A-law and µ-law.</summary>
    G711,

    /// <summary>Speex.</summary>
    Speex,

    /// <summary>Sound of a device.</summary>
    DeviceSpecific,
}

/// <summary>The numbers and names of each codec, in one table.</summary>
public static class RtmpCodecs
{
    /// <summary>The codec of a FourCC, its first letter highest (Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio").</summary>
    public static RtmpCodec FromFourCc(uint fourCc) => fourCc switch
    {
        0x61766331 => RtmpCodec.Avc,
        0x68766331 => RtmpCodec.Hevc,
        0x76766331 => RtmpCodec.Vvc,
        0x61763031 => RtmpCodec.Av1,
        0x76703038 => RtmpCodec.Vp8,
        0x76703039 => RtmpCodec.Vp9,
        0x6d703461 => RtmpCodec.Aac,
        0x4f707573 => RtmpCodec.Opus,
        0x664c6143 => RtmpCodec.Flac,
        0x61632d33 => RtmpCodec.Ac3,
        0x65632d33 => RtmpCodec.Eac3,
        0x2e6d7033 => RtmpCodec.Mp3,
        _ => RtmpCodec.Unknown,
    };

    /// <summary>The FourCC of a codec; 0 where it has none.</summary>
    public static uint FourCcOf(RtmpCodec codec) => codec switch
    {
        RtmpCodec.Avc => 0x61766331,
        RtmpCodec.Hevc => 0x68766331,
        RtmpCodec.Vvc => 0x76766331,
        RtmpCodec.Av1 => 0x61763031,
        RtmpCodec.Vp8 => 0x76703038,
        RtmpCodec.Vp9 => 0x76703039,
        RtmpCodec.Aac => 0x6d703461,
        RtmpCodec.Opus => 0x4f707573,
        RtmpCodec.Flac => 0x664c6143,
        RtmpCodec.Ac3 => 0x61632d33,
        RtmpCodec.Eac3 => 0x65632d33,
        RtmpCodec.Mp3 => 0x2e6d7033,
        _ => 0,
    };

    /// <summary>The codec of FLV's video CodecID (FLV 10.1 §E.4.3.1).</summary>
    public static RtmpCodec FromVideoId(int id) => id switch
    {
        2 => RtmpCodec.SorensonH263,
        3 or 6 => RtmpCodec.ScreenVideo,
        4 or 5 => RtmpCodec.Vp6,
        7 => RtmpCodec.Avc,
        12 => RtmpCodec.Hevc,
        _ => RtmpCodec.Unknown,
    };

    /// <summary>The codec of FLV's SoundFormat (FLV 10.1 §E.4.2.1).</summary>
    public static RtmpCodec FromSoundFormat(int format) => format switch
    {
        0 or 3 => RtmpCodec.LinearPcm,
        1 => RtmpCodec.Adpcm,
        2 or 14 => RtmpCodec.Mp3,
        4 or 5 or 6 => RtmpCodec.Nellymoser,
        7 or 8 => RtmpCodec.G711,
        10 => RtmpCodec.Aac,
        11 => RtmpCodec.Speex,
        15 => RtmpCodec.DeviceSpecific,
        _ => RtmpCodec.Unknown,
    };

    /// <summary>Audio or video.</summary>
    public static MediaKind KindOf(RtmpCodec codec) => codec < RtmpCodec.Aac ? MediaKind.Video : MediaKind.Audio;

    /// <summary>The codec as the rest of Sluice knows it; unknown where Sluice does not carry it.</summary>
    public static Codec ToCodec(RtmpCodec codec) => codec switch
    {
        RtmpCodec.Avc => Codec.H264,
        RtmpCodec.Hevc => Codec.H265,
        RtmpCodec.Av1 => Codec.Av1,
        RtmpCodec.Vp8 => Codec.Vp8,
        RtmpCodec.Vp9 => Codec.Vp9,
        RtmpCodec.Aac => Codec.Aac,
        RtmpCodec.Opus => Codec.Opus,
        _ => Codec.Unknown,
    };

    /// <summary>The name people know a codec by.</summary>
    public static string NameOf(RtmpCodec codec) => codec switch
    {
        RtmpCodec.Avc => "H.264",
        RtmpCodec.Hevc => "H.265",
        RtmpCodec.Vvc => "H.266",
        RtmpCodec.Av1 => "AV1",
        RtmpCodec.Vp8 => "VP8",
        RtmpCodec.Vp9 => "VP9",
        RtmpCodec.SorensonH263 => "Sorenson H.263",
        RtmpCodec.ScreenVideo => "Screen Video",
        RtmpCodec.Vp6 => "VP6",
        RtmpCodec.Aac => "AAC",
        RtmpCodec.Opus => "Opus",
        RtmpCodec.Flac => "FLAC",
        RtmpCodec.Ac3 => "AC-3",
        RtmpCodec.Eac3 => "E-AC-3",
        RtmpCodec.Mp3 => "MP3",
        RtmpCodec.LinearPcm => "PCM",
        RtmpCodec.Adpcm => "ADPCM",
        RtmpCodec.Nellymoser => "Nellymoser",
        RtmpCodec.G711 => "G.711",
        RtmpCodec.Speex => "Speex",
        RtmpCodec.DeviceSpecific => "device-specific sound",
        _ => "unknown",
    };

    /// <summary>A FourCC as text; letters outside printable ASCII become a question mark.</summary>
    public static string NameOfFourCc(uint fourCc) => string.Create(4, fourCc, static (text, value) =>
    {
        for (var i = 0; i < 4; i++)
        {
            var letter = (char)(value >> (24 - 8 * i) & 0xff);
            text[i] = letter is >= ' ' and <= '~' ? letter : '?';
        }
    });
}
