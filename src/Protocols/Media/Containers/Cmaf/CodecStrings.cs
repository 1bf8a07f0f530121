using System.Globalization;
using System.Text;
using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Codecs.Vp9;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Names a format as <c>CODECS</c> of HLS and <c>MediaSource.isTypeSupported</c> take it (RFC 6381).</summary>
public static class CodecStrings
{
    /// <summary>The name of a format as <see cref="CmafInit"/> writes it; empty where its configuration does not tell.</summary>
    public static string Of(FrameFormat format) => format.Codec switch
    {
        Codec.H264 => OfAvc(format.Configuration),
        Codec.H265 => OfHevc(format.Configuration),
        Codec.Av1 => OfAv1(format.Configuration),
        Codec.Vp8 => OfVp("vp08", format),
        Codec.Vp9 => OfVp("vp09", format),
        Codec.Aac => OfAac(format.Configuration),
        Codec.Opus => "opus",
        _ => "",
    };

    // avc1.PPCCLL (RFC 6381 §3.3)
    private static string OfAvc(ReadOnlySpan<byte> record) =>
        AvcConfiguration.TryParse(record, out var avc) ? $"avc1.{avc.ProfileLevelId}" : "";

    // ISO/IEC 14496-15 annex E.3: profile space and number, the compatibility flags with the lowest bit first, tier and level, and the
    // constraint bytes without the zeros at their end.
    private static string OfHevc(ReadOnlySpan<byte> record)
    {
        if (!HevcConfiguration.TryParse(record, out var hevc)) return "";
        var text = new StringBuilder("hvc1.");
        if (hevc.ProfileSpace > 0) text.Append((char)('A' + hevc.ProfileSpace - 1));
        var flags = 0u;
        for (var i = 0; i < 32; i++) flags |= (uint)(record[2 + i / 8] >> (7 - i % 8) & 1) << i;
        text.Append(CultureInfo.InvariantCulture, $"{hevc.ProfileIdc}.{flags:X}.{(hevc.IsHighTier ? 'H' : 'L')}{hevc.LevelIdc}");
        foreach (var constraint in record.Slice(6, 6).TrimEnd((byte)0)) text.Append(CultureInfo.InvariantCulture, $".{constraint:X}");
        return text.ToString();
    }

    // AV1 binding §5: profile, level and tier, depth.
    private static string OfAv1(ReadOnlySpan<byte> record) =>
        Av1Configuration.TryParse(record, out var av1)
            ? $"av01.{av1.Profile}.{av1.LevelIndex:D2}{(av1.IsHighTier ? 'H' : 'M')}.{av1.BitDepth:D2}"
            : "";

    private static string OfVp(string name, FrameFormat format)
    {
        var known = VpConfiguration.TryParse(format.Configuration, out var vp);
        if (!known && !format.Configuration.IsEmpty) return "";
        var level = known && vp.Level > 0 ? vp.Level : VpConfiguration.LevelOf(format.Resolution);
        return $"{name}.{(known ? vp.Profile : 0):D2}.{level:D2}.{(known ? vp.BitDepth : 8):D2}";
    }

    // The object type of ISO/IEC 14496-3 table 1.17. Replication is named however it is announced: who needs a decoder for it must know before the first frame.
    private static string OfAac(ReadOnlySpan<byte> configuration)
    {
        if (!AudioSpecificConfig.TryParse(configuration, out var aac)) return "";
        var type = aac.HasParametricStereo ? 29 : aac.HasSbr ? 5 : aac.ObjectType;
        return string.Create(CultureInfo.InvariantCulture, $"mp4a.40.{type}");
    }
}
