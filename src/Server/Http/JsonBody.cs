using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Server.Http;

/// <summary>Reads a JSON body; a body that is not what the request takes gives a problem that names the place.</summary>
internal static class JsonBody
{
    /// <summary>
    /// Documents the body. The second media type lets any body reach the endpoint, which first settles who asks and then says itself what
    /// is wrong; the document leaves it out.
    /// </summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint)
        where T : notnull => endpoint.Accepts<T>(isOptional: true, "application/json", Anything);

    /// <summary>Any media type.</summary>
    public const string Anything = "*/*";

    public static async ValueTask<(T? Body, Problem? Problem)> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
            return (null, Problems.WrongMediaType(context.Request.ContentType, "application/json"));
        try
        {
            var body = await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted);
            return body is null ? (null, Problems.BadJson("null is not an object.")) : (body, null);
        }
        catch (JsonException bad)
        {
            // The first sentence names the member and the place; what follows is about our types.
            var reason = bad.Path is { Length: > 1 } path ? $"at {path}." : "it cannot be parsed, or has a member that is not known.";
            return (null, Problems.BadJson(reason));
        }
    }
}
