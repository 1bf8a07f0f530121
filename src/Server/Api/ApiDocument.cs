using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sluice.Server.Http;

namespace Sluice.Server.Api;

/// <summary>What the OpenAPI document says besides the endpoints.</summary>
internal static class ApiDocument
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody?.Content?.Remove(JsonBody.Anything);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) => Describe(document));
    }

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Sluice", Version = "v1",
            Description = "Channels, live streams and signalling of a Sluice node. Errors are problem documents (RFC 9457) with a remedy.",
        };
        // The address depends on who asks; a document without servers means the origin it came from.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http, Scheme = "bearer",
            Description = "The operator's token for the API, the stream key for WHIP, the watch token for WHEP of private channels.",
        };
        return Task.CompletedTask;
    }
}
