using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Server.Http;
using Sluice.Server.Live;
using Sluice.Server.Startup;

namespace Sluice.Server.Tests;

/// <summary>A whole node on a free port, with sessions that are scripted and logs that are kept.</summary>
public sealed class RunningNode : IAsyncDisposable
{
    public const string OperatorToken = "operator-token-of-the-tests";
    private readonly string _folder;

    private RunningNode(SluiceHost host, string folder)
    {
        Host = host;
        _folder = folder;
        Client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = host.LocalUrl };
    }

    public SluiceHost Host { get; }

    public HttpClient Client { get; }

    public ScriptedWhip Whip { get; private init; } = null!;

    public ScriptedWhep Whep { get; private init; } = null!;

    public ScriptedStreams Streams { get; private init; } = null!;

    public ScriptedWhereabouts Whereabouts { get; private init; } = null!;

    public KeptLog Log { get; private init; } = null!;

    /// <summary>The first channel's key.</summary>
    public string Key => Host.Welcome.FirstChannel!.Key;

    public static async Task<RunningNode> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-server-").FullName;
        var whip = new ScriptedWhip();
        var whep = new ScriptedWhep();
        var streams = new ScriptedStreams();
        var places = new ScriptedWhereabouts();
        var log = new KeptLog();
        var environment = new Dictionary<string, string>
        {
            ["SLUICE_DATA"] = folder, ["SLUICE_ADMIN_TOKEN"] = OperatorToken, ["SLUICE__Log__Level"] = "trace",
        };
        var host = SluiceHost.Build(["--Http:Port=0", "--Http:Address=127.0.0.1", "--WebRtc:Port=0", "--WebRtc:Workers=1", "--Rtmp:Port=0", .. settings], environment, (services, _) =>
        {
            services.AddSingleton<IWhipSessions>(whip);
            services.AddSingleton<IWhepSessions>(whep);
            services.AddSingleton<ILiveStreams>(streams);
            services.AddSingleton<IWhereabouts>(places);
            services.AddLogging(logging => logging.ClearProviders().AddProvider(log));
        });
        await host.StartAsync();
        return new RunningNode(host, folder) { Whip = whip, Whep = whep, Streams = streams, Whereabouts = places, Log = log };
    }

    /// <summary>One request; a null bearer sends no Authorization, a null type no Content-Type.</summary>
    public async Task<Reply> SendAsync(
        string method, string path, string? body = null, string? type = null, string? bearer = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (type is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    /// <summary>One API request as the operator, with JSON.</summary>
    public Task<Reply> OperateAsync(string method, string path, string? json = null) =>
        SendAsync(method, path, json, json is null ? null : "application/json", OperatorToken);

    /// <summary>A new channel; returns its id and key.</summary>
    public async Task<(string Id, string Key)> CreateChannelAsync(string name, bool isPrivate = false)
    {
        var reply = await OperateAsync("POST", "/api/v1/channels", $$"""{"name":"{{name}}","private":{{(isPrivate ? "true" : "false")}}}""");
        Assert.Equal(HttpStatusCode.Created, reply.Status);
        return (reply.Json.GetProperty("id").GetString()!, reply.Json.GetProperty("key").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.App.StopAsync();
        await Host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>An answer, read whole.</summary>
public sealed record Reply(HttpStatusCode Status, string Body, string? Type, ILookup<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public static async Task<Reply> OfAsync(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers)
            .SelectMany(h => h.Value.Select(v => (h.Key, v))).ToLookup(p => p.Key, p => p.v, StringComparer.OrdinalIgnoreCase);
        return new Reply(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.MediaType, headers);
    }

    public string? Header(string name) => Headers[name].FirstOrDefault();

    /// <summary>Checks the status of a refusal that only programs of this origin read.</summary>
    public void AssertNotOk(int status)
    {
        Assert.Equal(status, (int)Status);
        Assert.Equal("application/problem+json", Type);
    }

    /// <summary>Checks that this is a problem document of the status, with cause and remedy, that any page may read.</summary>
    public void AssertProblem(int status)
    {
        Assert.True(status == (int)Status, $"{(int)Status} instead of {status}: {Body}");
        Assert.Equal("application/problem+json", Type);
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(Json.GetProperty("title").GetString()!);
        Assert.NotEmpty(Json.GetProperty("detail").GetString()!);
        Assert.NotEmpty(Json.GetProperty("remedy").GetString()!);
        Assert.StartsWith("urn:sluice:problem:", Json.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.Equal("*", Header("Access-Control-Allow-Origin"));
        Assert.Contains("Location", Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
    }
}
