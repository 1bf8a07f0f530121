using Sluice.Outputs.Hls;
using Sluice.Protocols.Hls.Playlists;

namespace Sluice.Server.Hls;

/// <summary>Serves playlists and segments of MPEG-TS: what old players ask for, by the long way only.</summary>
internal static class HlsTransportMedia
{
    public static bool IsPlaylist(ReadOnlySpan<char> file) => file.SequenceEqual(HlsChannel.TransportFile);

    public static bool IsSegment(HlsRendition rendition, ReadOnlySpan<char> file, out long sequence) =>
        rendition.Names.Parse(file, out sequence, out _) == MediaResource.Transport;

    public static async Task ServePlaylist(HttpContext context, HlsOutput output, HlsChannel channel, HlsRendition rendition, bool isPrivate)
    {
        if (channel.TransportOf(rendition) is not { } transport)
        {
            await HlsProblems.NoTransport().ExecuteAsync(context);
            return;
        }

        var releases = rendition.Releases;
        while (true)
        {
            var next = rendition.NextPart;
            if (transport.Follow(output.Clock())) break;
            if (channel.IsClosed || rendition.IsEnded || rendition.Releases != releases)
            {
                await (channel.IsClosed ? HlsProblems.NotLive() : HlsProblems.NotYet()).ExecuteAsync(context);
                return;
            }

            await next;
            if (context.RequestAborted.IsCancellationRequested) return;
        }

        HlsHeaders.SetPlaylist(context.Response.Headers, HlsEncoding.Identity);
        context.Response.Headers.CacheControl = isPrivate ? HlsHeaders.ShortlyPrivate : HlsHeaders.Shortly;
        await Write(context, transport.WritePlaylist());
    }

    public static async Task ServeSegment(HttpContext context, HlsChannel channel, HlsRendition rendition, long sequence, bool isPrivate)
    {
        if (channel.TransportOf(rendition)?.Find(sequence) is not { } segment || await segment.ReadAsync() is not { } bytes)
        {
            await HlsProblems.NoSuchMedia().ExecuteAsync(context);
            return;
        }

        var headers = context.Response.Headers;
        HlsHeaders.SetMedia(headers, rendition.Kind, isPrivate);
        headers.ContentType = HlsHeaders.Transport;
        await HlsMedia.Send(context, rendition.Keys is { } keys ? keys.Seal(sequence, bytes, bytes) : bytes);
    }

    private static Task Write(HttpContext context, byte[] bytes)
    {
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : HlsMedia.WriteAsync(context, bytes).AsTask();
    }
}
