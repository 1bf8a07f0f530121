using Sluice.Control.Channels;
using Sluice.Server.Api;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>
/// WHIP (RFC 9725): POST an offer, PATCH candidates, DELETE the session, each with the same stream key. The alias with the key in the URL
/// serves encoders that cannot send a header; its session URL holds the key too, so such an encoder can end what it began.
/// </summary>
internal static class WhipEndpoints
{
    private const string KeyAlias = "/whip/stream/{key}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var endpoint in new[] { "/whip/{channel}", "/whip/endpoint/{channel}" })
        {
            var post = routes.MapPost(endpoint, (HttpContext context, string channel, Ports ports) => CreateAsync(context, channel, null, ports));
            if (endpoint == "/whip/{channel}")
            {
                post.AsWhip("Starts publishing: an SDP offer in, the answer out").TakesText(isRequired: true, SessionAnswers.Sdp)
                    .AnswersText(201, SessionAnswers.Sdp).Produces(307).Refuses(400, 406, 409, 415, 503);
            }
            else
            {
                post.ExcludeFromDescription();
            }
            routes.MapMethods(endpoint, ["OPTIONS"], ShowOptions).ExcludeFromDescription();
        }
        // A key without a dash names no channel; the gate then answers that there is none of that name.
        routes.MapPost(KeyAlias, (HttpContext context, string key, Ports ports) => CreateAsync(context, StreamKey.ChannelOf(key), key, ports)).ExcludeFromDescription();
        routes.MapMethods(KeyAlias, ["OPTIONS"], ShowOptions).ExcludeFromDescription();

        routes.MapPatch("/whip/{channel}/{session}", (HttpContext context, string channel, string session, Ports ports) =>
            PatchAsync(context, channel, null, session, ports))
            .AsWhip("Trickles candidates or restarts ICE").TakesText(isRequired: true, SessionAnswers.Fragment)
            .AnswersText(200, SessionAnswers.Fragment).Produces(204).Refuses(400, 409, 410, 412, 415, 428);
        routes.MapDelete("/whip/{channel}/{session}", (HttpContext context, string channel, string session, Ports ports) =>
            DeleteAsync(context, channel, null, session, ports)).AsWhip("Ends publishing").Produces(200).Refuses(410);
        routes.MapMethods("/whip/{channel}/{session}", ["OPTIONS"], ShowSessionOptions).ExcludeFromDescription();
        routes.MapPatch(KeyAlias + "/{session}", (HttpContext context, string key, string session, Ports ports) =>
            PatchAsync(context, StreamKey.ChannelOf(key), key, session, ports)).ExcludeFromDescription();
        routes.MapDelete(KeyAlias + "/{session}", (HttpContext context, string key, string session, Ports ports) =>
            DeleteAsync(context, StreamKey.ChannelOf(key), key, session, ports)).ExcludeFromDescription();
        routes.MapMethods(KeyAlias + "/{session}", ["OPTIONS"], ShowSessionOptions).ExcludeFromDescription();
    }

    private static async Task<IResult> CreateAsync(HttpContext context, string channelId, string? keyInUrl, Ports ports)
    {
        var options = ports.Options.Current;
        var requester = Requester.Describe(context, options.Http);
        if (ports.Limits.OnSession(requester.RemoteAddress) is { } limited)
            return limited;
        var (channel, refused) = await ports.Gate.ForPublisherAsync(context, channelId, keyInUrl, options.Http);
        if (channel is null)
            return refused!;
        if (!SessionAnswers.IsOfType(context.Request, SessionAnswers.Sdp))
            return Problems.WrongMediaType(context.Request.ContentType, SessionAnswers.Sdp).With("Accept-Post", SessionAnswers.Sdp);
        if (await ports.Whereabouts.ForPublisherAsync(channelId, requester, context.RequestAborted) is { } place)
            return SessionAnswers.Redirect(context, place);
        var offer = await SessionAnswers.ReadTextAsync(context);
        if (string.IsNullOrWhiteSpace(offer))
            return Problem.Of(400, "Bad SDP", "The body is empty.", "Send the SDP offer of the session you want to start.");
        var outcome = await ports.Sessions.CreateAsync(channel, offer, requester, context.RequestAborted);
        if (!outcome.Succeeded)
            return SessionAnswers.Refusal(outcome);
        var location = keyInUrl is not null && Requester.Bearer(context.Request) is null
            ? $"/whip/stream/{keyInUrl}/{outcome.SessionId}"
            : $"/whip/{channel.Id}/{outcome.SessionId}";
        return SessionAnswers.Created(context, outcome, location, new HttpLinks(), options.WebRtc);
    }

    private static async Task<IResult> PatchAsync(HttpContext context, string channelId, string? keyInUrl, string session, Ports ports)
    {
        var (channel, refused) = await ports.Gate.ForPublisherAsync(context, channelId, keyInUrl, ports.Options.Current.Http);
        if (channel is null)
            return refused!;
        if (!SessionAnswers.IsOfType(context.Request, SessionAnswers.Fragment))
            return Problems.WrongMediaType(context.Request.ContentType, SessionAnswers.Fragment).With("Accept-Patch", SessionAnswers.Fragment);
        var body = await SessionAnswers.ReadTextAsync(context);
        var outcome = await ports.Sessions.PatchAsync(channel.Id, session, body, SessionAnswers.IfMatch(context.Request), context.RequestAborted);
        return SessionAnswers.Patched(context, outcome);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string channelId, string? keyInUrl, string session, Ports ports)
    {
        var (channel, refused) = await ports.Gate.ForPublisherAsync(context, channelId, keyInUrl, ports.Options.Current.Http);
        if (channel is null)
            return refused!;
        return SessionAnswers.Closed(await ports.Sessions.CloseAsync(channel.Id, session, context.RequestAborted));
    }

    private static IResult ShowOptions(HttpContext context)
    {
        context.Response.Headers.Allow = "POST, OPTIONS";
        context.Response.Headers["Accept-Post"] = SessionAnswers.Sdp;
        return Results.NoContent();
    }

    private static IResult ShowSessionOptions(HttpContext context)
    {
        context.Response.Headers.Allow = "PATCH, DELETE, OPTIONS";
        context.Response.Headers["Accept-Patch"] = SessionAnswers.Fragment;
        return Results.NoContent();
    }

    private static RouteHandlerBuilder AsWhip(this RouteHandlerBuilder endpoint, string summary) =>
        endpoint.WithTags("WHIP").WithSummary(summary).TakesBearer(isRequired: true).Refuses(404);

    /// <summary>What the endpoints call.</summary>
    internal sealed record Ports(IWhipSessions Sessions, SessionGate Gate, Limits Limits, IWhereabouts Whereabouts, LiveOptions Options);
}
