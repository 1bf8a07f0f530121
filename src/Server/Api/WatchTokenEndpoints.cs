using Sluice.Control.Channels;
using Sluice.Server.Http;

namespace Sluice.Server.Api;

/// <summary>Watch tokens: the rights to watch a private channel.</summary>
internal static class WatchTokenEndpoints
{
    private const int MaxLabelLength = 100;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("/api/v1/channels/{id}/watch-tokens").WithTags("Watch tokens").AddEndpointFilter(OperatorGate.FilterAsync)
            .TakesBearer(isRequired: true).Refuses(404);
        tokens.MapGet("", ListAsync).Produces<WatchTokenList>().WithSummary("The watch tokens of a channel, without the tokens themselves");
        tokens.MapPost("", CreateAsync).Takes<CreateWatchTokenBody>().Produces<WatchTokenView>(201)
            .Refuses(400, 409, 415, 422).WithSummary("Makes a watch token; the answer alone has it");
        tokens.MapDelete("/{tokenId}", DeleteAsync).Produces(204).WithSummary("Takes a watch token back at once");
    }

    private static async Task<IResult> ListAsync(HttpContext context, string id, ChannelDirectory channels) =>
        await channels.ListWatchTokensAsync(id, context.RequestAborted) is { } tokens
            ? Results.Json(
                new WatchTokenList([.. tokens.Select(t => new WatchTokenView(t.Id, t.Label, t.CreatedAt))]), ServerJson.Default.WatchTokenList)
            : Problems.UnknownChannel(id);

    private static async Task<IResult> CreateAsync(HttpContext context, string id, ChannelDirectory channels)
    {
        var label = "";
        if (context.Request.ContentLength is not (null or 0) || context.Request.ContentType is not null)
        {
            var (body, problem) = await JsonBody.ReadAsync(context, ServerJson.Default.CreateWatchTokenBody);
            if (body is null)
                return problem!;
            label = body.Label?.Trim() ?? "";
        }
        if (label.Length > MaxLabelLength || label.Any(char.IsControl))
            return Problems.Invalid("label", $"at most {MaxLabelLength} characters without control characters");
        var made = await channels.CreateWatchTokenAsync(id, label, context.RequestAborted);
        if (made.Outcome == WatchTokenOutcome.TooMany)
        {
            return Problem.Of(
                409, "Too many watch tokens", $"The channel has {ChannelDirectory.MaxWatchTokens} watch tokens already.", "Delete one that is not used any more.");
        }
        if (made.Token is not { } token)
            return Problems.UnknownChannel(id);
        context.Response.Headers.Location = $"/api/v1/channels/{id}/watch-tokens/{token.Id}";
        context.Response.Headers.CacheControl = "no-store";
        var view = new WatchTokenView(token.Id, token.Label, token.CreatedAt) { Token = made.Secret };
        return Results.Json(view, ServerJson.Default.WatchTokenView, statusCode: 201);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, string tokenId, ChannelDirectory channels) =>
        await channels.RemoveWatchTokenAsync(id, tokenId, context.RequestAborted)
            ? Results.NoContent()
            : Problem.Of(404, "Unknown watch token", "The channel has no watch token of that id.", $"GET /api/v1/channels/{{id}}/watch-tokens lists them.");
}
