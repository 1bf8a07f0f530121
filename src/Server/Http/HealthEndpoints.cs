using Sluice.Server.Api;
using Sluice.Storage.Sqlite;

namespace Sluice.Server.Http;

/// <summary>Liveness and readiness.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("ok\n")).AnswersText(200, "text/plain").WithTags("Health").WithSummary("The process answers");
        routes.MapGet("/readyz", (SqliteDatabase database) => database.Answers()
                ? Results.Text("ready\n")
                : Problem.Of(503, "Not ready", "The database does not answer.", "Check the data directory and its disk; sluice doctor names the fault."))
            .AnswersText(200, "text/plain").Refuses(503).WithTags("Health").WithSummary("The node can take work");
    }
}
