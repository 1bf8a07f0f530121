using Sluice.Control.Admission;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Server.Http;
using Sluice.Server.Options;

namespace Sluice.Server.Hls;

/// <summary>
/// Serves HLS ahead of the rest of the pipeline: a request is a look-up and a write. A channel that is not packaged costs a look-up and nothing that stays.
/// </summary>
internal sealed class HlsMiddleware
{
    private readonly RequestDelegate _next;
    private readonly HlsOutput _output;
    private readonly LiveOptions _options;
    private readonly SessionGate _gate;
    private readonly IService _service;
    private readonly Limits _limits;
    private int _waiting;

    public HlsMiddleware(RequestDelegate next, HlsOutput output, LiveOptions options, SessionGate gate, IService service, Limits limits)
    {
        _next = next;
        _output = output;
        _options = options;
        _gate = gate;
        _service = service;
        _limits = limits;
    }

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        if (path is null || !path.StartsWith(HlsPath.Root, StringComparison.Ordinal)) return _next(context);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)) return _next(context);
        var http = _options.Current.Http;
        HlsHeaders.SetShared(context, http);
        if (!HlsPath.TryParse(path, out var parsed) || _output.Find(parsed.Channel) is not { } channel) return Miss(context, http);
        if (parsed.Grant.Length > 0)
        {
            return _output.Grants.Opens(parsed.Grant, channel.ChannelId)
                ? Serve(context, channel, parsed, isPrivate: true)
                : HlsProblems.GrantGone().ExecuteAsync(context);
        }

        var verdict = _service.VerifyWatchAsync(channel.ChannelId, null, context.RequestAborted);
        return verdict is { IsCompletedSuccessfully: true, Result.Verdict: Verdict.Granted }
            ? Serve(context, channel, parsed, isPrivate: false)
            : ServePrivate(context, channel, path, http);
    }

    private async Task ServePrivate(HttpContext context, HlsChannel channel, string path, HttpOptions http)
    {
        var (allowed, refused) = await _gate.ForViewerAsync(context, channel.ChannelId, http);
        if (allowed is null)
        {
            await refused!.ExecuteAsync(context);
            return;
        }

        await (HlsPath.TryParse(path, out var parsed) ? Serve(context, channel, parsed, allowed.Settings.IsPrivate) : Missing(context));
    }

    private Task Miss(HttpContext context, HttpOptions http) =>
        (_limits.OnRequest(Requester.Address(context, http)) ?? HlsProblems.NotLive()).ExecuteAsync(context);

    private Task Serve(HttpContext context, HlsChannel channel, in HlsPath path, bool isPrivate)
    {
        var view = path.View;
        var isTransport = view is null && _output.Settings.MpegTs && HlsTransportMedia.IsPlaylist(path.File);
        if (path.Rendition.Length == 0)
        {
            return view is null && !isTransport ? Missing(context) : ServeMultivariant(context, channel, path.File.ToString(), path.Grant.ToString(), isPrivate);
        }

        if (channel.Find(path.Rendition) is not { } rendition) return Missing(context);
        if (view is null && !isTransport)
        {
            return HlsTransportMedia.IsSegment(rendition, path.File, out var sequence)
                ? HlsTransportMedia.ServeSegment(context, channel, rendition, sequence, isPrivate)
                : HlsMedia.Serve(context, rendition, path.File, isPrivate);
        }

        if (!Admit(context, channel, path.Grant)) return HlsProblems.TooMany().ExecuteAsync(context);
        if (view is null) return HlsTransportMedia.ServePlaylist(context, _output, channel, rendition, isPrivate);
        if (!DeliveryDirectives.TryParse(context.Request.QueryString.Value, out var directives)) return HlsProblems.BadDirective().ExecuteAsync(context);
        rendition.Ask(_output.Clock());
        return rendition.IsReady && rendition.Look(directives) == HlsReadiness.Ready
            ? WritePlaylist(context, channel, rendition, view.Value, directives, isPrivate)
            : WaitForPlaylist(context, channel, rendition, view.Value, directives, isPrivate);
    }

    private async Task WaitForPlaylist(
        HttpContext context, HlsChannel channel, HlsRendition rendition, PlaylistView view, DeliveryDirectives directives, bool isPrivate)
    {
        if (Interlocked.Increment(ref _waiting) > _output.Settings.MaxViewers)
        {
            Interlocked.Decrement(ref _waiting);
            await HlsProblems.TooMany().ExecuteAsync(context);
            return;
        }

        HlsReadiness found;
        try
        {
            found = await Wait(channel, rendition, directives);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        await (found switch
        {
            HlsReadiness.Ready => WritePlaylist(context, channel, rendition, view, directives, isPrivate),
            HlsReadiness.TooFar => HlsProblems.BadDirective().ExecuteAsync(context),
            _ => (channel.IsClosed ? HlsProblems.NotLive() : HlsProblems.NotYet()).ExecuteAsync(context),
        });
    }

    private static async ValueTask<HlsReadiness> Wait(HlsChannel channel, HlsRendition rendition, DeliveryDirectives directives)
    {
        var releases = rendition.Releases;
        while (true)
        {
            // Taken before anything is looked at: what changes afterwards completes it.
            var next = rendition.WaitFor(directives).Next;
            if (IsSettled(channel, rendition, directives, releases, out var found)) return found;
            await next;
        }
    }

    /// <summary>Looks at what a request waits for: true where that is settled, one way or the other.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="rendition">Whose playlist.</param>
    /// <param name="directives">What is waited for.</param>
    /// <param name="releases">The rendition's count when the waiting began.</param>
    /// <param name="found">What was settled.</param>
    public static bool IsSettled(HlsChannel channel, HlsRendition rendition, in DeliveryDirectives directives, int releases, out HlsReadiness found)
    {
        found = HlsReadiness.NotYet;
        if (channel.IsClosed) return true;
        if (rendition.IsEnded)
        {
            found = HlsReadiness.Ready;
            return true;
        }

        var isReleased = rendition.Releases != releases;
        found = rendition.Look(directives);
        if (found == HlsReadiness.TooFar || (found == HlsReadiness.Ready && rendition.IsReady)) return true;
        found = HlsReadiness.NotYet;
        return isReleased;
    }

    private static Task WritePlaylist(
        HttpContext context, HlsChannel channel, HlsRendition rendition, PlaylistView view, in DeliveryDirectives directives, bool isPrivate)
    {
        var encoding = HlsHeaders.EncodingOf(context.Request);
        var body = rendition.Render(view, directives.Skips, encoding, channel);
        var headers = context.Response.Headers;
        HlsHeaders.SetPlaylist(headers, encoding);

        // What was waited for has a URL of its own, and answers everybody who waits for the same.
        headers.CacheControl = directives.Sequence < 0 || rendition.IsEnded
            ? isPrivate ? HlsHeaders.ShortlyPrivate : HlsHeaders.Shortly
            : channel.CacheControlOf(isPrivate);
        return Write(context, body.Bytes, body.ETag);
    }

    private async Task ServeMultivariant(HttpContext context, HlsChannel channel, string file, string grant, bool isPrivate)
    {
        var releases = channel.Releases;
        while (!channel.IsReady && !channel.IsClosed && !channel.IsOver && channel.Releases == releases)
        {
            var next = channel.Changes;
            if (channel.IsReady || channel.IsClosed) break;
            channel.Look(_output.Clock());
            await next;
        }

        if (channel.IsClosed || !channel.IsReady)
        {
            await (channel.IsClosed ? HlsProblems.NotLive() : HlsProblems.NotYet()).ExecuteAsync(context);
            return;
        }

        channel.Look(_output.Clock());
        if (HlsTransportMedia.IsPlaylist(file) && !channel.HasTransport)
        {
            await HlsProblems.NoTransport().ExecuteAsync(context);
            return;
        }

        var prefix = "";
        if (isPrivate && grant.Length == 0)
        {
            if (_output.Grants.Give(channel.ChannelId) is not { } given)
            {
                await HlsProblems.TooMany().ExecuteAsync(context);
                return;
            }

            prefix = $"~{given}/";
        }

        var encoding = HlsHeaders.EncodingOf(context.Request);
        var headers = context.Response.Headers;
        HlsHeaders.SetPlaylist(headers, encoding);
        headers.CacheControl = isPrivate ? HlsHeaders.Never : HlsHeaders.Shortly;
        var bytes = channel.WriteMultivariant(prefix, file, encoding, out var tag);
        await Write(context, bytes, tag);
    }

    private static Task Write(HttpContext context, byte[] bytes, string tag)
    {
        var response = context.Response;
        response.Headers.ETag = tag;
        var known = context.Request.Headers.IfNoneMatch;
        if (known.Count > 0 && HlsMedia.Matches(known, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : HlsMedia.WriteAsync(context, bytes).AsTask();
    }

    private static Task Missing(HttpContext context) => HlsProblems.NoSuchMedia().ExecuteAsync(context);

    private bool Admit(HttpContext context, HlsChannel channel, ReadOnlySpan<char> grant)
    {
        var who = grant.Length > 0
            ? HlsWho.OfGrant(grant)
            : HlsWho.Of(
                Requester.Address(context, _options.Current.Http), context.Request.Headers.UserAgent.ToString(),
                CmcdSession.Find(context.Request.Headers[CmcdSession.Header].ToString(), context.Request.QueryString.Value));
        return _output.Admit(channel, who);
    }
}
