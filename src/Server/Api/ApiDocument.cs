using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sluice.Server.Http;

namespace Sluice.Server.Api;

/// <summary>What the OpenAPI document says besides what the framework reads off the endpoints.</summary>
internal static class ApiDocument
{
    private const string Bearer = "bearer";

    public static void Configure(OpenApiOptions options)
    {
        options.AddSchemaTransformer((schema, context, _) => Describe(schema, context));
        options.AddOperationTransformer((operation, context, _) => Describe(operation, context));
        options.AddDocumentTransformer((document, _, _) => Describe(document));
    }

    private static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (context.JsonPropertyInfo?.AttributeProvider is not { } member)
            return Task.CompletedTask;
        // A member that is left out where it has no value is never null.
        if (Find<JsonIgnoreAttribute>(member) is { Condition: JsonIgnoreCondition.WhenWritingNull })
            schema.Type &= ~JsonSchemaType.Null;
        if (Find<AllowedValuesAttribute>(member) is { } allowed)
            schema.Enum = [.. allowed.Values.OfType<string>().Select(value => JsonValue.Create(value))];
        return Task.CompletedTask;
    }

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        operation.RequestBody?.Content?.Remove(JsonBody.Anything);
        foreach (var metadata in context.Description.ActionDescriptor.EndpointMetadata)
        {
            switch (metadata)
            {
                case EndpointDescription.TextBody text:
                    operation.RequestBody = new OpenApiRequestBody
                    {
                        Required = text.IsRequired,
                        Content = text.MediaTypes.ToDictionary(
                            type => type, _ => new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } }),
                    };
                    break;
                case EndpointDescription.BearerToken token:
                    operation.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
                    if (!token.IsRequired)
                        operation.Security.Add([]);
                    break;
            }
        }
        if (operation.Responses is not { } responses)
            return Task.CompletedTask;
        // By status, however the endpoint's description is put together.
        operation.Responses = [];
        foreach (var (status, response) in responses.OrderBy(r => r.Key, StringComparer.Ordinal))
            operation.Responses[status] = response;
        foreach (var status in new[] { "201", "307" })
        {
            if (responses.GetValueOrDefault(status) is OpenApiResponse moved)
            {
                moved.Headers ??= new Dictionary<string, IOpenApiHeader>();
                moved.Headers["Location"] = new OpenApiHeader { Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
            }
        }
        return Task.CompletedTask;
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
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http, Scheme = "bearer",
            Description = "The operator's token for the API, the stream key for WHIP, the watch token for WHEP of private channels.",
        };
        return Task.CompletedTask;
    }

    private static T? Find<T>(ICustomAttributeProvider member)
        where T : Attribute => member.GetCustomAttributes(typeof(T), inherit: false).FirstOrDefault() as T;
}
