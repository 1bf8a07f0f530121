using Microsoft.Extensions.Primitives;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Media;
using Sluice.Server.Options;

namespace Sluice.Server.Hls;

/// <summary>Headers of HLS answers: made once, and what caches between here and players may do with them.</summary>
internal static class HlsHeaders
{
    /// <summary>Anything with this name will always be these bytes.</summary>
    public static readonly StringValues Forever = "public, max-age=31536000, immutable";

    public static readonly StringValues ForeverPrivate = "private, max-age=31536000, immutable";
    public static readonly StringValues Shortly = "public, max-age=1";
    public static readonly StringValues ShortlyPrivate = "private, max-age=1";
    public static readonly StringValues Never = "no-store";
    public static readonly StringValues Bytes = "bytes";
    public static readonly StringValues Gzip = "gzip";
    public static readonly StringValues Brotli = "br";
    public static readonly StringValues Transport = "video/mp2t";
    private static readonly StringValues Playlist = "application/vnd.apple.mpegurl";
    private static readonly StringValues Video = "video/mp4";
    private static readonly StringValues Audio = "audio/mp4";
    private static readonly StringValues Text = "text/vtt";
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Anyone = "*";
    private static readonly StringValues VaryEncoding = "Accept-Encoding";
    private static readonly StringValues VaryBoth = "Accept-Encoding, Origin";
    private static readonly StringValues Exposed = "Age, Content-Encoding, Content-Length, Content-Range, Date, ETag, Location, Retry-After, WWW-Authenticate";

    /// <summary>What every answer has: pages of which origins may read it.</summary>
    public static void SetShared(HttpContext context, HttpOptions options)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.AccessControlExposeHeaders = Exposed;
        var origins = options.CorsOrigins;
        if (origins is ["*"])
        {
            headers.AccessControlAllowOrigin = Anyone;
            return;
        }

        headers.Vary = VaryBoth;
        var origin = context.Request.Headers.Origin;
        if (origins.Contains("*")) headers.AccessControlAllowOrigin = Anyone;
        else if (origin.Count == 1 && origins.Contains(origin[0]!, StringComparer.OrdinalIgnoreCase)) headers.AccessControlAllowOrigin = origin;
    }

    public static void SetPlaylist(IHeaderDictionary headers, HlsEncoding encoding)
    {
        headers.ContentType = Playlist;
        if (headers.Vary.Count == 0) headers.Vary = VaryEncoding;
        if (encoding != HlsEncoding.Identity) headers.ContentEncoding = encoding == HlsEncoding.Gzip ? Gzip : Brotli;
    }

    public static void SetMedia(IHeaderDictionary headers, MediaKind? kind, bool isPrivate)
    {
        headers.ContentType = kind switch { MediaKind.Video => Video, MediaKind.Audio => Audio, _ => Text };
        headers.CacheControl = isPrivate ? ForeverPrivate : Forever;
        headers.AcceptRanges = Bytes;
    }

    /// <summary>The best way a playlist may travel.</summary>
    public static HlsEncoding EncodingOf(HttpRequest request)
    {
        var accepted = request.Headers.AcceptEncoding;
        for (var i = 0; i < accepted.Count; i++)
        {
            var text = accepted[i].AsSpan();
            if (Accepts(text, "br")) return HlsEncoding.Brotli;
            if (Accepts(text, "gzip")) return HlsEncoding.Gzip;
        }

        return HlsEncoding.Identity;
    }

    private static bool Accepts(ReadOnlySpan<char> text, ReadOnlySpan<char> coding)
    {
        foreach (var range in text.Split(','))
        {
            var one = text[range].Trim();
            if (!one.StartsWith(coding, StringComparison.OrdinalIgnoreCase)) continue;
            var rest = one[coding.Length..].TrimStart();
            if (rest.Length == 0) return true;
            if (rest[0] == ';') return rest[1..].Trim() is not ("q=0" or "q=0.0" or "q=0.00" or "q=0.000");
        }

        return false;
    }
}
