using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>Bounds how many API requests one address makes in a minute.</summary>
internal sealed class RequestLimit
{
    private readonly RequestDelegate _next;
    private readonly Limits _limits;
    private readonly LiveOptions _options;

    public RequestLimit(RequestDelegate next, Limits limits, LiveOptions options)
    {
        _next = next;
        _limits = limits;
        _options = options;
    }

    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
        && _limits.OnRequest(Requester.Address(context, _options.Current.Http)) is { } refused
            ? refused.ExecuteAsync(context)
            : _next(context);
}
