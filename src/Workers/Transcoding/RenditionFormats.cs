using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Workers.Transcoding;

/// <summary>What renditions are like, known before the first frame: viewers are told when they come.</summary>
internal static class RenditionFormats
{
    public const int AudioRate = 48_000;
    public const int VideoRate = 90_000;

    private const int Stereo = 2;

    // Version 1, two channels, no pre-skip since times are those of what is heard, made from 48 kHz, no gain, mapping family 0.
    private static readonly FrameFormat Opus = new(Codec.Opus, AudioRate, Stereo, default,
        [.. "OpusHead"u8, 1, Stereo, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0]);

    // AAC-LC, 48 kHz, two channels.
    private static readonly FrameFormat Aac = new(Codec.Aac, AudioRate, Stereo, default, [0x11, 0x90]);

    private static readonly TrackFormat OpusTrack = new(Codec.Opus, AudioRate, Stereo, "");
    private static readonly TrackFormat AacTrack = new(Codec.Aac, AudioRate, Stereo, "");

    // What every browser decodes; the true level stands in the stream.
    private static readonly TrackFormat VideoTrack = new(Codec.H264, VideoRate, 0, "packetization-mode=1;profile-level-id=42e01f;level-asymmetry-allowed=1");

    /// <summary>The frames' format; null for pictures, whose parameter sets the encoder makes.</summary>
    public static FrameFormat? FrameFormatOf(RenditionKind kind) => kind switch
    {
        RenditionKind.Opus => Opus,
        RenditionKind.Aac => Aac,
        _ => null,
    };

    public static TrackFormat TrackFormatOf(RenditionKind kind) => kind switch
    {
        RenditionKind.Opus => OpusTrack,
        RenditionKind.Aac => AacTrack,
        _ => VideoTrack,
    };

    /// <summary>What a rendition is called among those of its source.</summary>
    public static string EncodingIdOf(RenditionKind kind) => kind switch
    {
        RenditionKind.Opus => "opus",
        RenditionKind.Aac => "aac",
        _ => "live",
    };

    public static int ClockRateOf(RenditionKind kind) => kind == RenditionKind.PlainVideo ? VideoRate : AudioRate;
}
