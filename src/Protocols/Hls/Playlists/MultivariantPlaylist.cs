using Sluice.Protocols.Media.Codecs.Captions;

namespace Sluice.Protocols.Hls.Playlists;

/// <summary>One picture rendition, or the sound of a stream without pictures (RFC 8216bis §4.4.6.2).</summary>
/// <param name="Uri">Its media playlist.</param>
/// <param name="Bandwidth">The highest bit rate of a segment, bits a second.</param>
/// <param name="AverageBandwidth">The bit rate over all segments.</param>
/// <param name="Codec">Its codec string; empty where unknown.</param>
public sealed record PlaylistVariant(string Uri, long Bandwidth, long AverageBandwidth, string Codec)
{
    /// <summary>Columns; 0 where unknown or sound.</summary>
    public int Width { get; init; }

    /// <summary>Rows.</summary>
    public int Height { get; init; }

    /// <summary>Pictures a second; 0 where unknown.</summary>
    public double FrameRate { get; init; }
}

/// <summary>One sound rendition beside pictures (RFC 8216bis §4.4.6.1).</summary>
/// <param name="Group">Renditions of one codec are one group; each variant is listed once with each group.</param>
/// <param name="Name">What people see.</param>
/// <param name="Uri">Its media playlist.</param>
/// <param name="Bandwidth">Bits a second, the highest.</param>
/// <param name="AverageBandwidth">Bits a second.</param>
/// <param name="Codec">Its codec string.</param>
/// <param name="Channels">Channels; 0 where unknown.</param>
public sealed record PlaylistAudio(string Group, string Name, string Uri, long Bandwidth, long AverageBandwidth, string Codec, int Channels);

/// <summary>A subtitle rendition.</summary>
/// <param name="Name">What people see.</param>
/// <param name="Language">RFC 5646; empty where unknown.</param>
/// <param name="Uri">Its media playlist.</param>
public sealed record PlaylistSubtitles(string Name, string Language, string Uri);

/// <summary>Writes multivariant playlists (RFC 8216bis §4.4.6).</summary>
public static class MultivariantPlaylist
{
    /// <summary>Writes a playlist.</summary>
    /// <param name="variants">What can be chosen, the preferred first.</param>
    /// <param name="audio">Sound renditions, the preferred group first.</param>
    /// <param name="subtitles">Subtitle renditions.</param>
    /// <param name="areIndependent">Decoding can begin at every segment of every rendition.</param>
    /// <param name="captions">Captions within the pictures; null where that is not known, and nothing is said of them.</param>
    /// <param name="version">What a player has to know; 3 is what the oldest do.</param>
    public static byte[] Write(
        IReadOnlyList<PlaylistVariant> variants, IReadOnlyList<PlaylistAudio> audio, IReadOnlyList<PlaylistSubtitles> subtitles, bool areIndependent,
        CaptionServices? captions = null, int version = 9)
    {
        var text = new PlaylistText();
        text.Add("#EXTM3U\n#EXT-X-VERSION:"u8).Add(version).Add("\n"u8);
        if (areIndependent) text.Add("#EXT-X-INDEPENDENT-SEGMENTS\n"u8);
        var groups = WriteAudio(text, audio);
        for (var i = 0; i < subtitles.Count; i++)
        {
            text.Add("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME="u8).AddQuoted(subtitles[i].Name);
            if (subtitles[i].Language.Length > 0) text.Add(",LANGUAGE="u8).AddQuoted(subtitles[i].Language);
            text.Add(",AUTOSELECT=YES,URI="u8).AddQuoted(subtitles[i].Uri).Add("\n"u8);
        }

        WriteCaptions(text, captions ?? CaptionServices.None);
        var captioned = captions switch { null => "\n", CaptionServices.None => ",CLOSED-CAPTIONS=NONE\n", _ => ",CLOSED-CAPTIONS=\"captions\"\n" };
        if (groups.Count == 0) groups.Add(null);
        foreach (var group in groups)
        {
            foreach (var variant in variants) WriteVariant(text, variant, group, subtitles.Count > 0, captioned);
        }

        return text.Written.ToArray();
    }

    // Gives back the loudest of each group: a player loads one of them beside the picture.
    private static List<PlaylistAudio?> WriteAudio(PlaylistText text, IReadOnlyList<PlaylistAudio> audio)
    {
        var groups = new List<PlaylistAudio?>();
        foreach (var one in audio)
        {
            var index = groups.FindIndex(g => g!.Group == one.Group);
            text.Add("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="u8).AddQuoted(one.Group).Add(",NAME="u8).AddQuoted(one.Name);
            text.Add(index < 0 ? ",DEFAULT=YES,AUTOSELECT=YES"u8 : ",DEFAULT=NO,AUTOSELECT=YES"u8);
            if (one.Channels > 0) text.Add(",CHANNELS=\""u8).Add(one.Channels).Add("\""u8);
            text.Add(",URI="u8).AddQuoted(one.Uri).Add("\n"u8);
            if (index < 0) groups.Add(one);
            else if (groups[index]!.Bandwidth < one.Bandwidth) groups[index] = one;
        }

        return groups;
    }

    // Players find the rest of CEA-708 by themselves; where there are both, its older form is what all of them show.
    private static void WriteCaptions(PlaylistText text, CaptionServices captions)
    {
        var isOld = (captions & (CaptionServices.FirstField | CaptionServices.SecondField)) != 0;
        if ((captions & CaptionServices.FirstField) != 0) WriteCaption(text, "CC1");
        if ((captions & CaptionServices.SecondField) != 0) WriteCaption(text, "CC3");
        if (!isOld && captions != CaptionServices.None) WriteCaption(text, "SERVICE1");
    }

    private static void WriteCaption(PlaylistText text, string id) => text.Add("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"captions\",NAME="u8)
        .AddQuoted(id).Add(",AUTOSELECT=YES,INSTREAM-ID="u8).AddQuoted(id).Add("\n"u8);

    private static void WriteVariant(PlaylistText text, PlaylistVariant variant, PlaylistAudio? audio, bool hasSubtitles, string captioned)
    {
        text.Add("#EXT-X-STREAM-INF:BANDWIDTH="u8).Add(Math.Max(1, variant.Bandwidth + (audio?.Bandwidth ?? 0)));
        text.Add(",AVERAGE-BANDWIDTH="u8).Add(Math.Max(1, variant.AverageBandwidth + (audio?.AverageBandwidth ?? 0)));
        var codecs = audio is { Codec.Length: > 0 } && variant.Codec.Length > 0 ? $"{variant.Codec},{audio.Codec}" : variant.Codec;
        if (codecs.Length > 0) text.Add(",CODECS="u8).AddQuoted(codecs);
        if (variant.Width > 0) text.Add(",RESOLUTION="u8).Add(variant.Width).Add("x"u8).Add(variant.Height);
        if (variant.FrameRate > 0) text.Add(",FRAME-RATE="u8).AddThousandths(variant.FrameRate);
        if (audio is not null) text.Add(",AUDIO="u8).AddQuoted(audio.Group);
        if (hasSubtitles) text.Add(",SUBTITLES=\"subtitles\""u8);
        text.Add(captioned).Add(variant.Uri).Add("\n"u8);
    }
}
