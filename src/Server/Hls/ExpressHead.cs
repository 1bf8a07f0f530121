using System.Globalization;
using System.Text;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Media;

namespace Sluice.Server.Hls;

/// <summary>Status lines and headers as bytes: the same that <see cref="HlsHeaders"/> sets.</summary>
internal static class ExpressHead
{
    /// <summary>The longest head that <see cref="WriteMedia"/> writes.</summary>
    public const int LongestMedia = 512;

    private static readonly byte[][] Media = [MediaOf("audio/mp4", "public"), MediaOf("audio/mp4", "private"), MediaOf("video/mp4", "public"), MediaOf("video/mp4", "private"), MediaOf("text/vtt", "public"), MediaOf("text/vtt", "private")];

    /// <summary>A whole answer with a playlist, head and body; made once and sent to many.</summary>
    public static byte[] Playlist(HlsBody body, HlsEncoding encoding, string cacheControl, DateTimeOffset now)
    {
        var coding = encoding switch
        {
            HlsEncoding.Gzip => "Content-Encoding: gzip\r\n",
            HlsEncoding.Brotli => "Content-Encoding: br\r\n",
            _ => "",
        };
        var head = string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 200 OK\r\nContent-Length: {body.Bytes.Length}\r\nContent-Type: application/vnd.apple.mpegurl\r\n{coding}Date: {now:R}\r\nCache-Control: {cacheControl}\r\nETag: {body.ETag}\r\n"
            + $"Vary: Accept-Encoding\r\n{Shared}\r\n");
        var message = new byte[head.Length + body.Bytes.Length];
        Encoding.ASCII.GetBytes(head, message);
        body.Bytes.CopyTo(message, head.Length);
        return message;
    }

    /// <summary>Writes the head of an answer with media; its body follows.</summary>
    public static int WriteMedia(Span<byte> to, MediaKind? kind, bool isPrivate, int length, ReadOnlySpan<byte> date)
    {
        var first = Media[(kind switch { MediaKind.Audio => 0, MediaKind.Video => 2, _ => 4 }) + (isPrivate ? 1 : 0)];
        first.CopyTo(to);
        var at = first.Length;
        length.TryFormat(to[at..], out var written, default, CultureInfo.InvariantCulture);
        at += written;
        date.CopyTo(to[at..]);
        return at + date.Length;
    }

    /// <summary>What follows the length in a head of media.</summary>
    public static byte[] DateLine(DateTimeOffset now) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\r\nDate: {now:R}\r\n\r\n"));

    private const string Shared =
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: Age, Content-Encoding, Content-Length, Content-Range, Date, ETag, Location, Retry-After, WWW-Authenticate\r\n"
        + "X-Content-Type-Options: nosniff\r\n";

    private static byte[] MediaOf(string type, string who) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nCache-Control: {who}, max-age=31536000, immutable\r\nAccept-Ranges: bytes\r\n{Shared}Content-Length: ");
}
