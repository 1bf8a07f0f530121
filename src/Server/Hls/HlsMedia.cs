using System.Globalization;
using System.IO.Pipelines;
using Microsoft.Extensions.Primitives;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;

namespace Sluice.Server.Hls;

/// <summary>Serves initialization sections, segments and parts: from memory at the live edge, from disk behind it, and the growing part as it grows.</summary>
internal static class HlsMedia
{
    // Written without waiting for the client; beyond it a slow one is waited for.
    private const int MostAtOnce = 256 * 1024;

    /// <summary>However slow a player is: what it takes stays in memory no longer than this after it asked.</summary>
    public static readonly TimeSpan LongestSend = TimeSpan.FromMinutes(1);

    public static Task Serve(HttpContext context, HlsRendition rendition, ReadOnlySpan<char> file, bool isPrivate)
    {
        if (rendition.Keys is { } keys) return HlsSealedMedia.Serve(context, rendition, keys, file, isPrivate);
        var what = rendition.Names.Parse(file, out var number, out var index);
        switch (what)
        {
            case MediaResource.Init when rendition.FindInit(number) is { } init:
                return Known(context, rendition, file, isPrivate) ?? Send(context, init.Bytes);
            case MediaResource.Segment when rendition.TryFind(number, out var segment) && segment.IsComplete:
                return Known(context, rendition, file, isPrivate) ?? SendSegment(context, rendition, segment);
            case MediaResource.Part when rendition.TryFind(number, out var parent):
                if (parent.Find(index) is not { } part) return index <= parent.Parts.Length && !parent.IsComplete ? Grow(context, rendition, parent, index, isPrivate) : Missing(context);
                if (!part.IsComplete) return Grow(context, rendition, parent, index, isPrivate);
                return Known(context, rendition, file, isPrivate) ?? Send(context, part.Bytes);
            default:
                return Missing(context);
        }
    }

    /// <summary>Copies bytes into the response without waiting.</summary>
    public static void Put(PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var span = writer.GetSpan(Math.Min(bytes.Length, 4096));
            var length = Math.Min(span.Length, bytes.Length);
            bytes[..length].CopyTo(span);
            writer.Advance(length);
            bytes = bytes[length..];
        }
    }

    public static bool Matches(in StringValues known, string tag)
    {
        for (var i = 0; i < known.Count; i++)
        {
            if (known[i] is { } text && (text == "*" || text.Contains(tag, StringComparison.Ordinal))) return true;
        }

        return false;
    }

    /// <summary>Sets what all answers have; the whole answer where the client has the bytes already.</summary>
    public static Task? Known(HttpContext context, HlsRendition rendition, ReadOnlySpan<char> file, bool isPrivate)
    {
        HlsHeaders.SetMedia(context.Response.Headers, rendition.Kind, isPrivate);
        var known = context.Request.Headers.IfNoneMatch;
        if (known.Count == 0 && context.Request.Headers.Range.Count == 0) return null;
        var tag = $"\"{file}\"";
        context.Response.Headers.ETag = tag;
        if (known.Count == 0 || !Matches(known, tag)) return null;
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    private static Task SendSegment(HttpContext context, HlsRendition rendition, MediaSegment segment)
    {
        if (segment.Whole is { } whole) return Send(context, whole);
        return rendition.FileOf(segment.Sequence) is { } file ? SendFile(context, file.Path, file.Length) : Missing(context);
    }

    /// <summary>Sends a whole that is there, or the range of it that was asked for.</summary>
    public static Task Send(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        if (!TryRange(context, bytes.Length, out var from, out var count)) return Task.CompletedTask;
        context.Response.ContentLength = count;
        if (HttpMethods.IsHead(context.Request.Method)) return Task.CompletedTask;
        if (count < bytes.Length) bytes = bytes.Slice((int)from, (int)count);

        // Written in one go where that is little; more waits for the client, so that slow ones hold no memory.
        return bytes.Length <= MostAtOnce ? WriteAsync(context, bytes).AsTask() : SendSlowly(context, bytes);
    }

    /// <summary>Writes a body that is there as a whole: copied once, into what is sent.</summary>
    public static ValueTask WriteAsync(HttpContext context, ReadOnlyMemory<byte> bytes) => context.Response.Body.WriteAsync(bytes, CancellationToken.None);

    private static async Task SendSlowly(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        late.CancelAfter(LongestSend);
        try
        {
            while (bytes.Length > 0)
            {
                var length = Math.Min(bytes.Length, MostAtOnce);
                await context.Response.Body.WriteAsync(bytes[..length], late.Token);
                bytes = bytes[length..];
            }
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private static async Task SendFile(HttpContext context, string path, long length)
    {
        if (!TryRange(context, length, out var from, out var count)) return;
        if (!File.Exists(path))
        {
            await Missing(context);
            return;
        }

        context.Response.ContentLength = count;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await context.Response.SendFileAsync(path, from, count, context.RequestAborted);
    }

    // The hinted part: what there is at once, the rest as it is made, the end with the part's.
    private static async Task Grow(HttpContext context, HlsRendition rendition, MediaSegment parent, int index, bool isPrivate)
    {
        HlsHeaders.SetMedia(context.Response.Headers, rendition.Kind, isPrivate);
        context.Response.Headers.AcceptRanges = default;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        var writer = context.Response.BodyWriter;
        var sent = 0;
        while (true)
        {
            var next = rendition.NextChunk;
            var releases = rendition.Releases;
            var part = parent.Find(index);
            var isComplete = part?.IsComplete ?? false;
            if (part is not null)
            {
                // By bytes: the chunks of a complete part become one.
                var at = 0;
                var before = sent;
                foreach (var chunk in part.Chunks)
                {
                    if (at + chunk.Length > sent)
                    {
                        Put(writer, chunk.Span[(sent - at)..]);
                        sent = at + chunk.Length;
                    }

                    at += chunk.Length;
                }

                if (sent > before && (await writer.FlushAsync(context.RequestAborted)).IsCompleted) return;
            }

            if (isComplete) return;
            if (part is null && (parent.IsComplete || rendition.IsEnded))
            {
                await Missing(context);
                return;
            }

            await next;
            if (context.RequestAborted.IsCancellationRequested) return;
            if (rendition.Releases == releases) continue;
            if (context.Response.HasStarted) context.Abort();
            else await HlsProblems.NotYet().ExecuteAsync(context);
            return;
        }
    }

    // One range, as players send it; several are answered with everything (RFC 9110 §14.2). False where the answer is complete: 416.
    private static bool TryRange(HttpContext context, long length, out long from, out long count)
    {
        (from, count) = (0, length);
        var ranges = context.Request.Headers.Range;
        if (ranges.Count == 0 || context.Request.Headers.IfRange.Count > 0) return true;
        var text = ranges[0].AsSpan();
        if (!text.StartsWith("bytes=", StringComparison.Ordinal) || text.Contains(',')) return true;
        text = text["bytes=".Length..].Trim();
        var dash = text.IndexOf('-');
        if (dash < 0) return true;
        var end = length - 1;
        if (dash == 0)
        {
            if (!TryNumber(text[1..], out var last)) return true;
            from = Math.Max(0, length - last);
        }
        else
        {
            if (!TryNumber(text[..dash], out from)) return true;
            if (dash + 1 < text.Length)
            {
                if (!TryNumber(text[(dash + 1)..], out end) || end < from) return Whole(out from);
                end = Math.Min(end, length - 1);
            }
        }

        var response = context.Response;
        if (from >= length)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = $"bytes */{length}";
            response.ContentLength = 0;
            return false;
        }

        count = end - from + 1;
        response.StatusCode = StatusCodes.Status206PartialContent;
        response.Headers.ContentRange = $"bytes {from}-{end}/{length}";
        return true;
    }

    private static bool Whole(out long from)
    {
        from = 0;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>Nothing is there.</summary>
    public static Task Missing(HttpContext context)
    {
        context.Response.Headers.AcceptRanges = default;
        return HlsProblems.NoSuchMedia().ExecuteAsync(context);
    }
}
