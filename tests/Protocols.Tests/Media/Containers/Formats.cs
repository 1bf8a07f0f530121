using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>A format of every codec. The records are those ffmpeg wrote for 640x360.</summary>
internal static class Formats
{
    public static FrameFormat H264 { get; } = Video(Codec.H264, "0164001effe1001a6764001eacd940a02ff970110000030001000003003c0f162d9601000468efbcb0fdf8f800");

    public static FrameFormat H265 { get; } = Video(
        Codec.H265,
        "0101600000009000000000003ff000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003003f959809a10001002a"
        + "42010101600000030090000003000003003fa00502016965959a4932bc05a020000003002000000303c1a2000100074401c172b46240");

    public static FrameFormat Av1 { get; } = Video(Codec.Av1, "81010c000a0b0000000cc4ff6736be4010");

    public static FrameFormat Vp9 { get; } = Video(Codec.Vp9, "0015820202020000");

    public static FrameFormat Vp8 { get; } = Video(Codec.Vp8, "");

    public static FrameFormat Aac { get; } = new(Codec.Aac, 48_000, 2, default, [0x11, 0x90]);

    public static FrameFormat HeAac { get; } = new(Codec.Aac, 44_100, 2, default, [0x2b, 0x92, 0x08, 0x00]);

    public static FrameFormat Opus { get; } = new(Codec.Opus, 48_000, 2, default, Convert.FromHexString("4f707573486561640102380180bb0000000000"));

    public static FrameFormat OpusOfSix { get; } = new(Codec.Opus, 48_000, 6, default, Convert.FromHexString("4f707573486561640106380180bb0000000001040200040102" + "0305"));

    public static FrameFormat[] All { get; } = [H264, H265, Av1, Vp9, Vp8, Aac, HeAac, Opus, OpusOfSix];

    public static CmafTrack[] Tracks(params FrameFormat[] formats) => [.. formats.Select((format, i) => new CmafTrack((uint)i + 1, format))];

    private static FrameFormat Video(Codec codec, string hex) => new(codec, 90_000, 0, new Resolution(640, 360), Convert.FromHexString(hex));
}
