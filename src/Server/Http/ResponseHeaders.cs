using Microsoft.Extensions.Primitives;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>
/// Headers that every answer carries, errors included: what protects the site's pages, and what lets pages of other origins use the API
/// and the signalling (CORS). Credentials travel in Authorization, never in cookies, so a wildcard origin gives nothing away.
/// </summary>
internal sealed class ResponseHeaders
{
    private const string ContentPolicy =
        "default-src 'self'; connect-src 'self'; media-src 'self' blob:; img-src 'self' data: blob:; worker-src 'self' blob:; "
        + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

    private static readonly string[] SharedPaths = ["/whip", "/whep", "/hls", "/recordings", "/api", "/openapi", "/healthz", "/readyz"];
    private readonly RequestDelegate _next;
    private readonly LiveOptions _options;

    public ResponseHeaders(RequestDelegate next, LiveOptions options)
    {
        _next = next;
        _options = options;
    }

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (!IsShared(context.Request.Path))
            return _next(context);
        var origins = _options.Current.Http.CorsOrigins;
        var origin = context.Request.Headers.Origin;
        if (origins.Contains("*"))
        {
            headers.AccessControlAllowOrigin = "*";
        }
        else
        {
            headers.Vary = "Origin";
            if (!StringValues.IsNullOrEmpty(origin) && origins.Contains(origin.ToString(), StringComparer.OrdinalIgnoreCase))
                headers.AccessControlAllowOrigin = origin;
        }
        headers.AccessControlExposeHeaders = "Location, ETag, Link, Accept-Patch, Accept-Post, Allow, Retry-After, WWW-Authenticate, Content-Range, Accept-Ranges, Content-Length";
        var isPreflight = HttpMethods.IsOptions(context.Request.Method)
            && context.Request.Headers.ContainsKey("Access-Control-Request-Method");
        if (!isPreflight)
            return _next(context);
        headers.AccessControlAllowMethods = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";
        headers.AccessControlAllowHeaders = "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, Range, CMCD-Session";
        headers.AccessControlMaxAge = "86400";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static bool IsShared(PathString path)
    {
        foreach (var shared in SharedPaths)
        {
            if (path.StartsWithSegments(shared, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
