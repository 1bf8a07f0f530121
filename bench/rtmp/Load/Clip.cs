using Sluice.Protocols.Media;

namespace Sluice.Bench.RtmpLoad;

/// <summary>One media message of a clip.</summary>
internal sealed record ClipTag(MediaKind Kind, long Milliseconds, byte[] Message, bool IsConfiguration);

/// <summary>An FLV file's media messages, which are what RTMP carries.</summary>
internal sealed class Clip
{
    private const int FileHeader = 9 + 4;
    private const int TagHeader = 11;
    private const int TagTrailer = 4;

    private Clip(List<ClipTag> tags)
    {
        Tags = tags;
        Configurations = [.. tags.Where(t => t.IsConfiguration)];
        Media = [.. tags.Where(t => !t.IsConfiguration)];
        Duration = Media[^1].Milliseconds + 33;
    }

    public List<ClipTag> Tags { get; }

    public List<ClipTag> Configurations { get; }

    public List<ClipTag> Media { get; }

    /// <summary>Milliseconds until it begins anew.</summary>
    public long Duration { get; }

    public static Clip Read(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan(FileHeader);
        var tags = new List<ClipTag>();
        while (bytes.Length > TagHeader)
        {
            var type = bytes[0] & 0x1f;
            var length = bytes[1] << 16 | bytes[2] << 8 | bytes[3];
            var time = (long)(uint)(bytes[4] << 16 | bytes[5] << 8 | bytes[6] | bytes[7] << 24);
            var body = bytes.Slice(TagHeader, length).ToArray();
            if (type is 8 or 9 && body.Length > 1)
            {
                tags.Add(new ClipTag(type == 8 ? MediaKind.Audio : MediaKind.Video, time, body, body[1] == 0));
            }

            bytes = bytes[(TagHeader + length + TagTrailer)..];
        }

        return new Clip(tags);
    }
}
