using Microsoft.AspNetCore.Http.Metadata;
using Sluice.Server.Http;

namespace Sluice.Server.Api;

/// <summary>How endpoints tell the OpenAPI document what the framework cannot see. Nothing here changes how a request is served.</summary>
internal static class EndpointDescription
{
    /// <summary>The statuses with which the endpoint refuses, each with a problem document.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in statuses)
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), [Problem.MediaType]));
        return endpoint;
    }

    /// <summary>GET, and HEAD with the same answer, which the document need not say.</summary>
    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, Delegate handler)
    {
        routes.MapMethods(pattern, ["HEAD"], handler).ExcludeFromDescription();
        return routes.MapGet(pattern, handler);
    }

    /// <summary>An answer that is text of the media type.</summary>
    public static RouteHandlerBuilder AnswersText(this RouteHandlerBuilder endpoint, int status, string mediaType) =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(string), [mediaType]));

    /// <summary>A body of text. Unlike Accepts, this leaves it to the endpoint to say what is wrong with another one.</summary>
    public static RouteHandlerBuilder TakesText(this RouteHandlerBuilder endpoint, bool isRequired, params string[] mediaTypes) =>
        endpoint.WithMetadata(new TextBody(isRequired, mediaTypes));

    /// <summary>The endpoint takes a bearer token; where it is not required, strangers get less or only what is open.</summary>
    public static TBuilder TakesBearer<TBuilder>(this TBuilder endpoint, bool isRequired)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new BearerToken(isRequired)).Refuses(401, 403, 429);

    /// <summary>A text body, as metadata of its endpoint.</summary>
    internal sealed record TextBody(bool IsRequired, IReadOnlyList<string> MediaTypes);

    /// <summary>A bearer token, as metadata of its endpoint.</summary>
    internal sealed record BearerToken(bool IsRequired);
}
