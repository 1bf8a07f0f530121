using System.Globalization;
using Sluice.Server.Api;

namespace Sluice.Server.Http;

/// <summary>The server-sent events extension of WHEP: POST what to hear, GET the stream, DELETE the subscription.</summary>
internal static class WhepEventEndpoints
{
    /// <summary>Every event there is.</summary>
    public static readonly string[] Names = ["active", "inactive", "layers", "viewercount"];

    private const string Events = "/whep/{channel}/{session}/events";
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Events, SubscribeAsync).AsWhep("Subscribes to events of a session").Takes<string[]>().Produces(201).Refuses(400, 415, 422);
        routes.MapGet(Events + "/{subscription}", StreamAsync).AsWhep("The events").AnswersText(200, "text/event-stream").Refuses(409);
        routes.MapDelete(Events + "/{subscription}", DeleteAsync).AsWhep("Ends a subscription").Produces(204);
    }

    private static async Task<IResult> SubscribeAsync(
        HttpContext context, string channel, string session, WhepEndpoints.Ports ports, EventSubscriptions subscriptions)
    {
        if (await WhepEndpoints.RefusalAsync(context, channel, ports) is { } refused)
            return refused;
        if (!ports.Sessions.Exists(channel, session))
            return Problems.UnknownSession();
        string[] wanted = Names;
        if (context.Request.ContentType is not null)
        {
            var (body, problem) = await JsonBody.ReadAsync(context, ServerJson.Default.StringArray);
            if (body is null)
                return problem!;
            wanted = [.. body.Distinct()];
        }
        if (wanted.Length == 0 || wanted.Except(Names).Any())
            return Problems.Invalid("events", $"an array with some of {string.Join(", ", Names)}");
        if (subscriptions.Add(channel, session, wanted) is not { } made)
        {
            return Problem.Of(
                429, "Too many subscriptions", $"The session has {EventSubscriptions.MaxPerSession} subscriptions already.", "DELETE one of them first.");
        }
        var query = SessionGate.TokenInUrl(context.Request) is { } token ? QueryString.Create("token", token).ToUriComponent() : "";
        context.Response.Headers.CacheControl = "no-store";
        return Results.Created($"/whep/{channel}/{session}/events/{made.Id}{query}", null);
    }

    private static async Task<IResult> StreamAsync(
        HttpContext context, string channel, string session, string subscription, WhepEndpoints.Ports ports, EventSubscriptions subscriptions)
    {
        if (await WhepEndpoints.RefusalAsync(context, channel, ports) is { } refused)
            return refused;
        if (!ports.Sessions.Exists(channel, session))
        {
            subscriptions.RemoveSession(channel, session);
            return Problems.UnknownSession();
        }
        if (subscriptions.Find(channel, session, subscription) is not { } found)
            return Problem.Of(404, "Unknown subscription", "The session has no such subscription.", "POST to the session's events URL to make one.");
        if (!found.TryOpen())
            return Problem.Of(409, "Already read", "This subscription is being read by another connection.", "Close that one, or make a second subscription.");
        try
        {
            await WriteAsync(context, channel, session, found, ports);
        }
        finally
        {
            found.Close();
        }
        if (!ports.Sessions.Exists(channel, session))
            subscriptions.RemoveSession(channel, session);
        return Results.Empty;
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext context, string channel, string session, string subscription, WhepEndpoints.Ports ports, EventSubscriptions subscriptions) =>
        await WhepEndpoints.RefusalAsync(context, channel, ports) is { } refused
            ? refused
            : subscriptions.Remove(channel, session, subscription)
                ? Results.NoContent()
                : Problem.Of(404, "Unknown subscription", "The session has no such subscription.", "It may have been deleted already.");

    private static async Task WriteAsync(HttpContext context, string channel, string session, Subscription subscription, WhepEndpoints.Ports ports)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // Proxies that buffer would hold events back.
        response.Headers["X-Accel-Buffering"] = "no";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        try
        {
            await response.WriteAsync(": listening\n\n", stop.Token);
            await response.Body.FlushAsync(stop.Token);
            await using var events = ports.Sessions.SubscribeAsync(channel, session, subscription.Events, stop.Token).GetAsyncEnumerator(stop.Token);
            var next = events.MoveNextAsync().AsTask();
            try
            {
                var number = 0L;
                while (true)
                {
                    var heartbeat = Task.Delay(HeartbeatEvery, time, stop.Token);
                    if (await Task.WhenAny(next, heartbeat) != next)
                    {
                        await heartbeat;
                        await response.WriteAsync(": still here\n\n", stop.Token);
                    }
                    else if (await next)
                    {
                        var one = events.Current;
                        number++;
                        var id = number.ToString(CultureInfo.InvariantCulture);
                        await response.WriteAsync($"id: {id}\nevent: {one.Name}\ndata: {one.Json}\n\n", stop.Token);
                        next = events.MoveNextAsync().AsTask();
                    }
                    else
                    {
                        return;
                    }
                    await response.Body.FlushAsync(stop.Token);
                }
            }
            finally
            {
                // An iterator that waits for its next event cannot be disposed of.
                await stop.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The reader went away, or the node stops: both are how such a stream ends.
        }
    }
}
