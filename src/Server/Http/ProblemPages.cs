namespace Sluice.Server.Http;

/// <summary>Makes a problem document of every error that would otherwise have no body, and of every exception.</summary>
internal sealed partial class ProblemPages
{
    private readonly RequestDelegate _next;
    private readonly ILogger<ProblemPages> _log;

    public ProblemPages(RequestDelegate next, ILogger<ProblemPages> log)
    {
        _next = next;
        _log = log;
    }

    public async Task InvokeAsync(HttpContext context)
    {
        var status = 0;
        try
        {
            await _next(context);
        }
        catch (BadHttpRequestException bad)
        {
            status = bad.StatusCode;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            LogFailed(_log, failure, context.Request.Method, RoutePattern(context));
            status = 500;
        }
        var response = context.Response;
        if (response.HasStarted)
        {
            // Half an answer cannot become an error; the connection ends so that the client notices.
            if (status != 0)
                context.Abort();
            return;
        }
        if (status == 0 && response.StatusCode >= 400 && response.ContentType is null && response.ContentLength is null)
            status = response.StatusCode;
        if (status != 0)
            await Problems.ForStatus(status, context.Request.Method, context.Request.Path.Value ?? "").ExecuteAsync(context);
    }

    // The pattern and not the path: a path can hold a stream key.
    private static string RoutePattern(HttpContext context) =>
        (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "no route";

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed")]
    private static partial void LogFailed(ILogger log, Exception failure, string method, string route);
}
