using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Testing;

namespace Sluice.Server.Tests.Api;

/// <summary>The web's types are made from web/openapi.json, so that file must be what the server serves.</summary>
public sealed class ApiDocumentTests : IAsyncLifetime
{
    private const string Update = "SLUICE_UPDATE_OPENAPI";
    private static readonly JsonSerializerOptions _readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private RunningNode _node = null!;
    private JsonObject _document = null!;

    public async Task InitializeAsync()
    {
        _node = await RunningNode.StartAsync();
        _document = JsonNode.Parse((await _node.SendAsync("GET", "/openapi/v1.json")).Body)!.AsObject();
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public void The_committed_document_is_the_one_the_server_serves()
    {
        var path = Checkout.PathOf("web", "openapi.json");
        _document.Remove("servers");
        var served = _document.ToJsonString(_readable) + "\n";
        if (Environment.GetEnvironmentVariable(Update) == "1")
            File.WriteAllText(path, served);
        var committed = File.Exists(path) ? File.ReadAllText(path) : "";
        if (committed == served)
            return;
        var (line, was, isNow) = FirstDifference(committed.Split('\n'), served.Split('\n'));
        Assert.Fail(
            $"""
            web/openapi.json is not what the server serves. At line {line} the file has
            {was}
            and the server
            {isNow}
            Where the server is right, update the file and the web's types:
            {Update}=1 dotnet test tests/Server.Tests --filter FullyQualifiedName~ApiDocumentTests && npm run generate --prefix web
            """);
    }

    [Fact]
    public void Every_operation_says_what_it_answers_and_refuses_with_a_problem_document()
    {
        foreach (var (name, operation) in Operations())
        {
            var responses = operation["responses"]!.AsObject();
            Assert.True(responses.Any(r => r.Key[0] == '2'), $"{name} has no answer.");
            foreach (var (status, response) in responses)
            {
                var content = response!["content"]?.AsObject();
                if (status[0] is '4' or '5')
                {
                    var only = Assert.Single(content!);
                    Assert.Equal("application/problem+json", only.Key);
                    Assert.Equal("#/components/schemas/Problem", only.Value!["schema"]!["$ref"]!.GetValue<string>());
                }
                else if (status == "200" && !name.StartsWith("delete ", StringComparison.Ordinal))
                {
                    Assert.True(content?.All(c => c.Value!["schema"] is not null), $"{name} does not say what its answer is.");
                }
            }
        }
    }

    [Fact]
    public void Whoever_may_be_refused_for_want_of_a_token_is_told_where_to_send_one()
    {
        foreach (var (name, operation) in Operations())
        {
            var isRefused = operation["responses"]!.AsObject().ContainsKey("401");
            Assert.True(isRefused == operation["security"] is JsonArray { Count: > 0 }, name);
            if (isRefused)
                Assert.True(operation["security"]![0]!.AsObject().ContainsKey("bearer"), name);
        }
        Assert.Single(_document["paths"]!["/api/v1/channels"]!["post"]!["security"]!.AsArray());
        Assert.Equal(2, _document["paths"]!["/whep/{channel}"]!["post"]!["security"]!.AsArray().Count);
    }

    [Fact]
    public void Numbers_are_numbers_and_what_is_left_out_is_never_null()
    {
        var schemas = _document["components"]!["schemas"]!;
        Assert.Equal("integer", schemas["StreamFigures"]!["properties"]!["viewers"]!["type"]!.GetValue<string>());
        Assert.Equal("string", schemas["ChannelView"]!["properties"]!["secret"]!["type"]!.GetValue<string>());
        Assert.DoesNotContain("secret", schemas["ChannelView"]!["required"]!.AsArray().Select(n => n!.GetValue<string>()));
        Assert.Equal(["video", "audio"], schemas["TrackFigures"]!["properties"]!["kind"]!["enum"]!.AsArray().Select(n => n!.GetValue<string>()));
    }

    private IEnumerable<(string Name, JsonObject Operation)> Operations() =>
        from path in _document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select ($"{operation.Key} {path.Key}", operation.Value!.AsObject());

    private static (int Line, string Was, string IsNow) FirstDifference(string[] old, string[] now)
    {
        var at = 0;
        while (at < old.Length && at < now.Length && old[at] == now[at])
            at++;
        return (at + 1, old.ElementAtOrDefault(at) ?? "(its end)", now.ElementAtOrDefault(at) ?? "(its end)");
    }
}
