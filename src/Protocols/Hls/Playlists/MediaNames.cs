using System.Globalization;

namespace Sluice.Protocols.Hls.Playlists;

/// <summary>What a media resource is.</summary>
public enum MediaResource
{
    /// <summary>A name that is none of ours.</summary>
    None = 0,

    /// <summary>An initialization section.</summary>
    Init,

    /// <summary>A whole segment.</summary>
    Segment,

    /// <summary>A part of a segment.</summary>
    Part,

    /// <summary>A whole segment as MPEG-TS.</summary>
    Transport,

    /// <summary>The key of a run of segments.</summary>
    Key,
}

/// <summary>
/// The names of media resources beside their playlist. A name is never used for other bytes: it has a tag that is new with every start of a packager, so whatever
/// lies between server and player may keep it.
/// </summary>
/// <param name="tag">Letters and digits, the same for a packager's whole life.</param>
/// <param name="isText">What it names is text, not MP4.</param>
public sealed class MediaNames(string tag, bool isText = false)
{
    private readonly string _extension = isText ? ".vtt" : ".m4s";
    private const int LongestName = 64;

    /// <summary>What all names begin with.</summary>
    public string Tag => tag;

    /// <summary>The name of an initialization section.</summary>
    public string Init(int number) => string.Create(CultureInfo.InvariantCulture, $"{tag}.i{number}.mp4");

    /// <summary>The name of a segment.</summary>
    public string Segment(long sequence) => string.Create(CultureInfo.InvariantCulture, $"{tag}.{sequence}{_extension}");

    /// <summary>The name of a part.</summary>
    public string Part(long sequence, int part) => string.Create(CultureInfo.InvariantCulture, $"{tag}.{sequence}.{part}{_extension}");

    /// <summary>The name of a segment as MPEG-TS.</summary>
    public string Transport(long sequence) => string.Create(CultureInfo.InvariantCulture, $"{tag}.{sequence}.ts");

    /// <summary>The name of a key.</summary>
    public string Key(long number) => string.Create(CultureInfo.InvariantCulture, $"{tag}.k{number}.key");

    /// <summary>Reads a name; <see cref="MediaResource.None"/> where it is none that could have been given out.</summary>
    public MediaResource Parse(ReadOnlySpan<char> name, out long number, out int part)
    {
        number = 0;
        part = 0;
        if (name.Length > LongestName || !name.StartsWith(tag, StringComparison.Ordinal)) return MediaResource.None;
        name = name[tag.Length..];
        if (name.Length < 5 || name[0] != '.') return MediaResource.None;
        if (name.EndsWith(".ts", StringComparison.Ordinal)) return TryNumber(name[1..^3], out number) ? MediaResource.Transport : MediaResource.None;
        if (name.Length < 6) return MediaResource.None;
        var isInit = name.EndsWith(".mp4", StringComparison.Ordinal);
        var isKey = name.EndsWith(".key", StringComparison.Ordinal);
        if (!isInit && !isKey && !name.EndsWith(_extension, StringComparison.Ordinal)) return MediaResource.None;
        name = name[1..^4];
        if (isKey) return name[0] == 'k' && TryNumber(name[1..], out number) ? MediaResource.Key : MediaResource.None;
        if (isInit) return name[0] == 'i' && TryNumber(name[1..], out number) ? MediaResource.Init : MediaResource.None;
        var dot = name.IndexOf('.');
        if (dot < 0) return TryNumber(name, out number) ? MediaResource.Segment : MediaResource.None;
        if (!TryNumber(name[..dot], out number) || !TryNumber(name[(dot + 1)..], out var index) || index > int.MaxValue) return MediaResource.None;
        part = (int)index;
        return MediaResource.Part;
    }

    // Only as it is written: 07 names nothing, or one resource would have two names.
    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        // The library forgives zero bytes at the end.
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && (text.Length == 1 || text[0] != '0') && text[^1] != '\0';

    internal void AddSegment(PlaylistText text, long sequence) => text.Add(tag).Add("."u8).Add(sequence).Add(_extension);

    internal void AddTransport(PlaylistText text, long sequence) => text.Add(tag).Add("."u8).Add(sequence).Add(".ts"u8);

    // With a vector, in hex, it is the samples that are encrypted; else whole resources.
    internal void AddKey(PlaylistText text, long number, string vector = "")
    {
        text.Add(vector.Length > 0 ? "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\""u8 : "#EXT-X-KEY:METHOD=AES-128,URI=\""u8).Add(tag).Add(".k"u8).Add(number).Add(".key\""u8);
        if (vector.Length > 0) text.Add(",IV=0x"u8).Add(vector);
        text.Add("\n"u8);
    }

    internal void AddPart(PlaylistText text, long sequence, int part) => text.Add(tag).Add("."u8).Add(sequence).Add("."u8).Add(part).Add(_extension);

    internal void AddInit(PlaylistText text, int number) => text.Add("#EXT-X-MAP:URI=\""u8).Add(tag).Add(".i"u8).Add(number).Add(".mp4\"\n"u8);
}
