using System.Text.Json;

namespace Sluice.Server.Http;

/// <summary>An error answer (RFC 9457): what went wrong, and what to do about it.</summary>
/// <param name="Type">A URN that programs compare.</param>
/// <param name="Title">The kind of error in a few words.</param>
/// <param name="Status">The status code.</param>
/// <param name="Detail">The cause, this time.</param>
/// <param name="Remedy">What the reader can do.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Remedy) : IResult
{
    /// <summary>The media type of every error answer.</summary>
    public const string MediaType = "application/problem+json";

    private readonly List<KeyValuePair<string, string>> _headers = [];

    /// <summary>A problem of the given kind; the kind's words joined by dashes name its type.</summary>
    public static Problem Of(int status, string kind, string detail, string remedy) =>
        new($"urn:sluice:problem:{kind.ToLowerInvariant().Replace(' ', '-')}", kind, status, detail, remedy);

    /// <summary>The same problem with a response header.</summary>
    public Problem With(string header, string value)
    {
        _headers.Add(new(header, value));
        return this;
    }

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        foreach (var (name, value) in _headers)
            response.Headers[name] = value;
        var body = JsonSerializer.SerializeToUtf8Bytes(this, ServerJson.Default.Problem);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
