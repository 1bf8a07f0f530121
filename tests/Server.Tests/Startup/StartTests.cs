using System.Net;
using System.Net.Sockets;
using Sluice.Server.Startup;

namespace Sluice.Server.Tests.Startup;

public sealed class StartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-start-").FullName;

    [Fact]
    public async Task The_first_start_prints_everything_once_and_the_second_says_how_to_rotate()
    {
        string first;
        string token;
        string key;
        await using (var host = Build())
        {
            await host.StartAsync();
            first = host.Welcome.ToText();
            token = host.Welcome.OperatorToken!;
            key = host.Welcome.FirstChannel!.Key;
            var site = host.LocalUrl.ToString().TrimEnd('/');
            Assert.Contains($"{site}/console#token={token}", first, StringComparison.Ordinal);
            Assert.Contains($"{site}/broadcast#key={key}", first, StringComparison.Ordinal);
            Assert.Contains($"{site}/whip/live", first, StringComparison.Ordinal);
            Assert.StartsWith("live-", key, StringComparison.Ordinal);
            await host.App.StopAsync();
        }
        await using (var host = Build())
        {
            await host.StartAsync();
            var second = host.Welcome.ToText();
            Assert.DoesNotContain(token, second, StringComparison.Ordinal);
            Assert.DoesNotContain(key.Split('-')[1], second, StringComparison.Ordinal);
            Assert.Contains("rotate-secret", second, StringComparison.Ordinal);
            using var client = new HttpClient { BaseAddress = host.LocalUrl };
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/api/v1/channels/live", UriKind.Relative))).StatusCode);
            await host.App.StopAsync();
        }
    }

    [Fact]
    public async Task A_deleted_first_channel_does_not_come_back()
    {
        await using (var host = Build("--Admin:Token=given-token-of-the-operator"))
        {
            await host.StartAsync();
            using var client = new HttpClient { BaseAddress = host.LocalUrl };
            client.DefaultRequestHeaders.Authorization = new("Bearer", "given-token-of-the-operator");
            Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(new Uri("/api/v1/channels/live", UriKind.Relative))).StatusCode);
            await host.App.StopAsync();
        }
        await using var again = Build();
        await again.StartAsync();
        Assert.Null(again.Welcome.FirstChannel);
        Assert.DoesNotContain("First channel", again.Welcome.ToText(), StringComparison.Ordinal);
        await again.App.StopAsync();
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence_and_loses_no_secret()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using (var host = Build($"--Http:Port={port}"))
        {
            var refused = await Assert.ThrowsAsync<StartupException>(() => host.StartAsync());
            Assert.Equal(1, refused.Code);
            Assert.StartsWith($"Http:Port {port} ", refused.Message, StringComparison.Ordinal);
        }
        // The start that failed showed nothing, so the next one is still the first.
        await using var next = Build();
        await next.StartAsync();
        Assert.NotNull(next.Welcome.OperatorToken);
        Assert.NotNull(next.Welcome.FirstChannel);
        await next.App.StopAsync();
    }

    [Fact]
    public void A_data_directory_that_cannot_be_had_is_one_sentence()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var refused = Assert.Throws<StartupException>(() => SluiceHost.Build([$"--Data:Directory={file}/data"], new Dictionary<string, string>()));
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "sluice --help", "--help")]
    [InlineData(0, "sluice 0.", "--version")]
    [InlineData(2, "there is no command \"frobnicate\"", "frobnicate")]
    [InlineData(2, "Http:Prot is not a setting", "serve", "--Http:Prot=1")]
    [InlineData(2, "Log:Level must be", "doctor", "--Log:Level=loud")]
    public async Task The_commands_answer_with_their_exit_codes(int code, string said, params string[] args)
    {
        var text = new StringWriter();
        Assert.Equal(code, await CommandLine.RunAsync(args, text, text));
        Assert.Contains(said, text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_site_is_served_with_lasting_assets_and_its_router_gets_only_its_own_paths()
    {
        var site = Directory.CreateDirectory(Path.Combine(_folder, "site")).FullName;
        Directory.CreateDirectory(Path.Combine(site, "assets"));
        await File.WriteAllTextAsync(Path.Combine(site, "index.html"), "<!doctype html><title>the site</title>");
        await File.WriteAllTextAsync(Path.Combine(site, "assets", "app-1a2b.js"), "1");
        await File.WriteAllTextAsync(Path.Combine(_folder, "outside.txt"), "outside");
        await using var host = Build($"--Http:SiteDirectory={site}");
        await host.StartAsync();
        using var client = new HttpClient { BaseAddress = host.LocalUrl };
        foreach (var page in new[] { "/", "/watch/live", "/watch/live/more", "/broadcast", "/console", "/index.html" })
        {
            using var reply = await client.GetAsync(new Uri(page, UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            Assert.Contains("the site", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal("no-cache", reply.Headers.CacheControl?.ToString());
        }
        using var asset = await client.GetAsync(new Uri("/assets/app-1a2b.js", UriKind.Relative));
        Assert.Contains("immutable", asset.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        foreach (var path in new[] { "/nothing", "/assets/gone.js", "/console/deep", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/assets/..%2f..%2foutside.txt" })
        {
            using var reply = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
        }
        await host.App.StopAsync();
    }

    [Fact]
    public async Task A_site_that_is_not_built_says_how_to_build_it()
    {
        await using var host = Build($"--Http:SiteDirectory={_folder}");
        await host.StartAsync();
        using var client = new HttpClient { BaseAddress = host.LocalUrl };
        using var reply = await client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);
        Assert.Contains("npm run build", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("ready\n", await client.GetStringAsync(new Uri("/readyz", UriKind.Relative)));
        await host.App.StopAsync();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private SluiceHost Build(params string[] settings) => SluiceHost.Build(
        ["--Http:Port=0", "--Http:Address=127.0.0.1", "--WebRtc:Port=0", "--WebRtc:Workers=1", "--Rtmp:Port=0", .. settings],
        new Dictionary<string, string> { ["SLUICE_DATA"] = Path.Combine(_folder, "data"), ["SLUICE__Log__Level"] = "none" });
}
