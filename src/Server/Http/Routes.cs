using Sluice.Server.Api;
using Sluice.Server.Hls;
using Sluice.Server.Metrics;
using Sluice.Server.Site;

namespace Sluice.Server.Http;

/// <summary>Everything that is served, in the order requests pass it.</summary>
internal static class Routes
{
    public static void Map(WebApplication app)
    {
        // Before anything else: most requests there are go there.
        HlsServices.Use(app);
        app.UseRouting();
        app.UseMiddleware<ResponseHeaders>();
        app.UseMiddleware<ProblemPages>();
        app.UseMiddleware<RequestLimit>();
        SitePages.Use(app);
        HealthEndpoints.Map(app);
        MetricsEndpoint.Map(app);
        ChannelEndpoints.Map(app);
        WatchTokenEndpoints.Map(app);
        MetadataEndpoints.Map(app);
        CaptionEndpoints.Map(app);
        StreamEndpoints.Map(app);
        WhipEndpoints.Map(app);
        WhepEndpoints.Map(app);
        RecordingEndpoints.Map(app);
        RecordingMediaEndpoints.Map(app);
        ThumbnailEndpoints.Map(app);
        app.MapOpenApi("/openapi/{documentName}.json");
        SitePages.Map(app);
    }
}
