using Sluice.Control.Channels;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Server.Api;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>
/// WHEP: POST an offer, or nothing to get the server's; PATCH candidates or the answer; DELETE the session. An open channel needs no
/// token, and its sessions are protected by their unguessable URLs; a private one needs the watch token every time.
/// </summary>
internal static class WhepEndpoints
{
    private const string Session = "/whep/{channel}/{session}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var endpoint in new[] { "/whep/{channel}", "/whep/watch/{channel}", "/whep/endpoint/{channel}" })
        {
            var post = routes.MapPost(endpoint, CreateAsync);
            if (endpoint == "/whep/{channel}")
            {
                post.AsWhep("Starts watching: an SDP offer in and the answer out, or nothing in and the server's offer out")
                    .TakesText(isRequired: false, SessionAnswers.Sdp).AnswersText(201, SessionAnswers.Sdp).Produces(307)
                    .Refuses(400, 406, 409, 415, 503);
            }
            else
            {
                post.ExcludeFromDescription();
            }
            routes.MapMethods(endpoint, ["OPTIONS"], ShowOptions).ExcludeFromDescription();
        }
        routes.MapPatch(Session, PatchAsync).AsWhep("Trickles candidates, restarts ICE, or answers the server's offer")
            .TakesText(isRequired: true, SessionAnswers.Fragment, SessionAnswers.Sdp)
            .AnswersText(200, SessionAnswers.Fragment).Produces(204).Refuses(400, 406, 409, 412, 415, 428);
        routes.MapDelete(Session, DeleteAsync).AsWhep("Ends watching").Produces(200);
        routes.MapMethods(Session, ["OPTIONS"], ShowSessionOptions).ExcludeFromDescription();
        routes.MapPost(Session + "/layer", SelectLayerAsync).AsWhep("Chooses a layer; without an encodingId, the choice is automatic")
            .Takes<LayerBody>().Produces(204).Refuses(400, 409, 415, 422);
        routes.MapDelete(Session + "/layer", AutomaticLayerAsync).AsWhep("Goes back to automatic choice of layers").Produces(204).Refuses(409);
        WhepEventEndpoints.Map(routes);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, string channel, Ports ports)
    {
        var options = ports.Options.Current;
        var requester = Requester.Describe(context, options.Http);
        if (ports.Limits.OnSession(requester.RemoteAddress) is { } limited)
            return limited;
        var (found, refused) = await ports.Gate.ForViewerAsync(context, channel, options.Http);
        if (found is null)
            return refused!;
        var isSdp = SessionAnswers.IsOfType(context.Request, SessionAnswers.Sdp);
        var hasType = !string.IsNullOrEmpty(context.Request.ContentType);
        if (hasType && !isSdp)
            return Problems.WrongMediaType(context.Request.ContentType, SessionAnswers.Sdp).With("Accept-Post", SessionAnswers.Sdp);
        if (await ports.Whereabouts.ForViewerAsync(channel, requester, context.RequestAborted) is { } place)
            return SessionAnswers.Redirect(context, place);
        var offer = await SessionAnswers.ReadTextAsync(context);
        if (offer.Length > 0 && !isSdp)
            return Problems.WrongMediaType(null, SessionAnswers.Sdp).With("Accept-Post", SessionAnswers.Sdp);
        var outcome = string.IsNullOrWhiteSpace(offer)
            ? await ports.Sessions.CreateServerOfferAsync(found, requester, context.RequestAborted)
            : await ports.Sessions.CreateAsync(found, offer, requester, context.RequestAborted);
        if (!outcome.Succeeded)
            return SessionAnswers.Refusal(outcome);
        // A token that came in the URL goes on in the URL: such a client has no header to send it in.
        var session = $"/whep/{found.Id}/{outcome.SessionId}";
        var query = found.Settings.IsPrivate && Requester.Bearer(context.Request) is null && SessionGate.TokenInUrl(context.Request) is { } token
            ? QueryString.Create("token", token).ToUriComponent()
            : "";
        var links = new HttpLinks()
            .Add($"{session}/layer{query}", "urn:ietf:params:whep:ext:core:layer")
            .Add($"{session}/events{query}", "urn:ietf:params:whep:ext:core:server-sent-events", $"events=\"{string.Join(',', WhepEventEndpoints.Names)}\"");
        var answer = SessionAnswers.Created(context, outcome, session + query, links, options.WebRtc);
        context.Response.Headers["Accept-Patch"] = $"{SessionAnswers.Fragment}, {SessionAnswers.Sdp}";
        return answer;
    }

    private static async Task<IResult> PatchAsync(HttpContext context, string channel, string session, Ports ports)
    {
        if (await RefusalAsync(context, channel, ports) is { } refused)
            return refused;
        if (SessionAnswers.IsOfType(context.Request, SessionAnswers.Sdp))
        {
            var answer = await SessionAnswers.ReadTextAsync(context);
            var taken = await ports.Sessions.AnswerAsync(channel, session, answer, context.RequestAborted);
            return taken.Succeeded ? Results.NoContent() : SessionAnswers.Refusal(taken);
        }
        if (!SessionAnswers.IsOfType(context.Request, SessionAnswers.Fragment))
        {
            return Problems.WrongMediaType(context.Request.ContentType, $"{SessionAnswers.Fragment}, or {SessionAnswers.Sdp} to answer the server's offer")
                .With("Accept-Patch", $"{SessionAnswers.Fragment}, {SessionAnswers.Sdp}");
        }
        var body = await SessionAnswers.ReadTextAsync(context);
        var outcome = await ports.Sessions.PatchAsync(channel, session, body, SessionAnswers.IfMatch(context.Request), context.RequestAborted);
        return SessionAnswers.Patched(context, outcome);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string channel, string session, Ports ports)
    {
        if (await RefusalAsync(context, channel, ports) is { } refused)
            return refused;
        return SessionAnswers.Closed(await ports.Sessions.CloseAsync(channel, session, context.RequestAborted));
    }

    private static async Task<IResult> SelectLayerAsync(HttpContext context, string channel, string session, Ports ports)
    {
        if (await RefusalAsync(context, channel, ports) is { } refused)
            return refused;
        var (body, problem) = await JsonBody.ReadAsync(context, ServerJson.Default.LayerBody);
        if (body is null)
            return problem!;
        if (body.EncodingId is { Length: 0 or > 64 } || body.MediaId is { Length: > 64 })
            return Problems.Invalid("encodingId", "the id of a layer, as the event layers lists them");
        return Selected(await ports.Sessions.SelectLayerAsync(channel, session, body.MediaId, body.EncodingId, context.RequestAborted));
    }

    private static async Task<IResult> AutomaticLayerAsync(HttpContext context, string channel, string session, Ports ports)
    {
        if (await RefusalAsync(context, channel, ports) is { } refused)
            return refused;
        return Selected(await ports.Sessions.SelectLayerAsync(channel, session, null, null, context.RequestAborted));
    }

    private static IResult Selected(SessionOutcome outcome) => outcome.Succeeded ? Results.NoContent() : SessionAnswers.Refusal(outcome);

    /// <summary>Null where the request may touch a session of the channel.</summary>
    internal static async ValueTask<Problem?> RefusalAsync(HttpContext context, string channel, Ports ports) =>
        (await ports.Gate.ForViewerAsync(context, channel, ports.Options.Current.Http)).Refused;

    private static IResult ShowOptions(HttpContext context)
    {
        context.Response.Headers.Allow = "POST, OPTIONS";
        context.Response.Headers["Accept-Post"] = SessionAnswers.Sdp;
        return Results.NoContent();
    }

    private static IResult ShowSessionOptions(HttpContext context)
    {
        context.Response.Headers.Allow = "PATCH, DELETE, OPTIONS";
        context.Response.Headers["Accept-Patch"] = $"{SessionAnswers.Fragment}, {SessionAnswers.Sdp}";
        return Results.NoContent();
    }

    /// <summary>What every endpoint of WHEP says of itself.</summary>
    internal static RouteHandlerBuilder AsWhep(this RouteHandlerBuilder endpoint, string summary) =>
        endpoint.WithTags("WHEP").WithSummary(summary).TakesBearer(isRequired: false).Refuses(404);

    /// <summary>What the endpoints call.</summary>
    internal sealed record Ports(IWhepSessions Sessions, SessionGate Gate, Limits Limits, IWhereabouts Whereabouts, LiveOptions Options);
}
