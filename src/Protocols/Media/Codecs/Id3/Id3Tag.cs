using System.Text;

namespace Sluice.Protocols.Media.Codecs.Id3;

/// <summary>Writes ID3 tags of version 2.4 with one frame, as players take them with a stream's time (id3v2.4.0-structure §3, -frames §4.2.6 and §4.27).</summary>
public static class Id3Tag
{
    private const int TagHeader = 10;
    private const int FrameHeader = 10;
    private const byte Utf8 = 3;

    /// <summary>A tag with a text of one's own description (TXXX), in UTF-8. A zero within the description ends it.</summary>
    /// <exception cref="ArgumentException">The content is as large as 256 MB.</exception>
    public static byte[] Text(string description, string text)
    {
        description = Whole(description);
        var lengths = (Encoding.UTF8.GetByteCount(description), Encoding.UTF8.GetByteCount(text));
        var tag = Begin("TXXX"u8, 1 + lengths.Item1 + 1 + lengths.Item2, out var at);
        tag[at++] = Utf8;
        at += Encoding.UTF8.GetBytes(description, tag.AsSpan(at)) + 1;
        Encoding.UTF8.GetBytes(text, tag.AsSpan(at));
        return tag;
    }

    /// <summary>A tag with bytes that only who knows the owner can read (PRIV).</summary>
    /// <param name="owner">Whose they are, such as <c>com.example.score</c>; what is not Latin-1 becomes a question mark.</param>
    /// <param name="data">The bytes.</param>
    /// <exception cref="ArgumentException">The content is as large as 256 MB.</exception>
    public static byte[] Private(string owner, ReadOnlySpan<byte> data)
    {
        owner = Whole(owner);
        var tag = Begin("PRIV"u8, owner.Length + 1 + data.Length, out var at);
        at += Encoding.Latin1.GetBytes(owner, tag.AsSpan(at)) + 1;
        data.CopyTo(tag.AsSpan(at));
        return tag;
    }

    private static string Whole(string text) => text.IndexOf('\0') is >= 0 and var end ? text[..end] : text;

    private static byte[] Begin(ReadOnlySpan<byte> frame, int length, out int at)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(length, (1 << 28) - FrameHeader);
        var tag = new byte[TagHeader + FrameHeader + length];
        "ID3"u8.CopyTo(tag);
        tag[3] = 4;
        WriteSize(tag.AsSpan(6), FrameHeader + length);
        frame.CopyTo(tag.AsSpan(TagHeader));
        WriteSize(tag.AsSpan(TagHeader + 4), length);
        at = TagHeader + FrameHeader;
        return tag;
    }

    // Seven bits a byte, so that nothing looks like the sync word of MPEG audio.
    private static void WriteSize(Span<byte> to, int size)
    {
        for (var i = 3; i >= 0; i--, size >>= 7) to[i] = (byte)(size & 0x7f);
    }
}
