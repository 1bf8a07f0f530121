using Microsoft.Extensions.Primitives;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;

namespace Sluice.Server.Hls;

/// <summary>Serves segments and parts that are encrypted, and their keys: to whom the playlists were served. A part is sent when it is complete.</summary>
internal static class HlsSealedMedia
{
    private static readonly StringValues Opaque = "application/octet-stream";

    public static Task Serve(HttpContext context, HlsRendition rendition, HlsKeys keys, ReadOnlySpan<char> file, bool isPrivate)
    {
        var what = rendition.Names.Parse(file, out var number, out var index);
        switch (what)
        {
            case MediaResource.Init when rendition.FindInit(number) is { } init:
                return HlsMedia.Known(context, rendition, file, isPrivate) ?? Send(context, keys.Describe(init));
            case MediaResource.Segment when rendition.TryFind(number, out var segment) && segment.IsComplete:
                return HlsMedia.Known(context, rendition, file, isPrivate) ?? SendSegment(context, rendition, keys, segment);
            case MediaResource.Part when rendition.TryFind(number, out var parent) && (parent.Find(index) is not null || (index <= parent.Parts.Length && !parent.IsComplete)):
                return SendPart(context, rendition, keys, parent, index, file.ToString(), isPrivate);
            case MediaResource.Key when IsInUse(rendition, keys, number):
                context.Response.ContentType = Opaque;
                context.Response.Headers.CacheControl = HlsHeaders.Never;
                return HlsMedia.Send(context, keys.KeyOf(number));
            default:
                return HlsMedia.Missing(context);
        }
    }

    // Keys of what can be had, and of the segment that comes next.
    private static bool IsInUse(HlsRendition rendition, HlsKeys keys, long number)
    {
        var (first, last) = rendition.Range;
        return number >= keys.NumberOf(first) && number <= keys.NumberOf(last + 1);
    }

    // What cannot be encrypted is not there.
    private static Task Send(HttpContext context, ReadOnlyMemory<byte> bytes) => bytes.IsEmpty ? HlsMedia.Missing(context) : HlsMedia.Send(context, bytes);

    private static async Task SendSegment(HttpContext context, HlsRendition rendition, HlsKeys keys, MediaSegment segment)
    {
        // The list of parts goes when the bytes go.
        var parts = segment.Parts;
        if (parts.Length > 0 && segment.Whole is { } whole)
        {
            await Send(context, keys.Seal(segment, parts, whole));
            return;
        }

        byte[] made = [];
        try
        {
            if (rendition.FileOf(segment.Sequence) is { } file) made = await keys.SealAsync(segment, file.Path);
        }
        catch (IOException)
        {
            // It was deleted meanwhile.
        }

        await Send(context, made);
    }

    private static async Task SendPart(HttpContext context, HlsRendition rendition, HlsKeys keys, MediaSegment parent, int index, string file, bool isPrivate)
    {
        var releases = rendition.Releases;
        while (true)
        {
            var next = rendition.NextPart;
            if (parent.Find(index) is { IsComplete: true } part)
            {
                await (HlsMedia.Known(context, rendition, file, isPrivate) ?? Send(context, keys.Seal(parent, part, part.Bytes)));
                return;
            }

            if (parent.IsComplete || rendition.IsEnded)
            {
                await HlsMedia.Missing(context);
                return;
            }

            if (rendition.Releases != releases)
            {
                await HlsProblems.NotYet().ExecuteAsync(context);
                return;
            }

            await next;
            if (context.RequestAborted.IsCancellationRequested) return;
        }
    }
}
