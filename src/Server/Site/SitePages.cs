using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;
using Sluice.Server.Options;

namespace Sluice.Server.Site;

/// <summary>The site: built files, and one page for the addresses its own router knows. Everything else stays 404.</summary>
internal static class SitePages
{
    private const string NotBuilt =
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>Sluice</title>
        <h1>Sluice is running, but its site has not been built</h1>
        <p>Build it in the source directory with <code>cd web &amp;&amp; npm ci &amp;&amp; npm run build</code>, then start again; <code>./run</code> does both.
        The setting <code>Http:SiteDirectory</code> names a site that is built elsewhere.</p>
        <p>The API works without it: see <a href="/openapi/v1.json">/openapi/v1.json</a>.</p>
        """;

    private static readonly string[] Pages = ["/", "/watch/{**rest}", "/broadcast", "/console"];

    public static void Use(WebApplication app)
    {
        if (SiteDirectory.Find(app.Services.GetRequiredService<LiveOptions>().Start.Http.SiteDirectory) is not { } directory)
            return;
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(directory),
            OnPrepareResponse = file =>
            {
                // The build puts a hash of the content into these names.
                var isHashed = file.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal);
                file.Context.Response.Headers[HeaderNames.CacheControl] = isHashed ? "public, max-age=31536000, immutable" : "no-cache";
            },
        });
    }

    public static void Map(WebApplication app)
    {
        var options = app.Services.GetRequiredService<LiveOptions>();
        var directory = SiteDirectory.Find(options.Start.Http.SiteDirectory);
        foreach (var page in Pages)
            app.MapMethods(page, ["GET", "HEAD"], context => ShowAsync(context, directory)).ExcludeFromDescription();
    }

    private static async Task ShowAsync(HttpContext context, string? directory)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        var index = directory is null ? null : Path.Combine(directory, "index.html");
        if (index is not null && File.Exists(index))
        {
            await context.Response.SendFileAsync(index, context.RequestAborted);
            return;
        }
        context.Response.StatusCode = 503;
        await context.Response.WriteAsync(NotBuilt, context.RequestAborted);
    }
}
