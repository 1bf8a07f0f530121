using System.Net;
using System.Text.Json;

namespace Sluice.Server.Tests.Api;

public sealed class ChannelApiTests : IAsyncLifetime
{
    private RunningNode _node = null!;

    public async Task InitializeAsync() => _node = await RunningNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_channel_is_made_with_its_key_and_its_addresses()
    {
        var reply = await _node.OperateAsync("POST", "/api/v1/channels", """{"name":"Night owls","id":"night_owls"}""");
        Assert.Equal(HttpStatusCode.Created, reply.Status);
        var json = reply.Json;
        Assert.Equal("night_owls", json.GetProperty("id").GetString());
        Assert.InRange(json.GetProperty("number").GetInt32(), 1, int.MaxValue - 1);
        Assert.Equal("Night owls", json.GetProperty("name").GetString());
        Assert.True(json.GetProperty("secret").GetString()!.Length >= 32);
        Assert.Equal($"night_owls-{json.GetProperty("secret").GetString()}", json.GetProperty("key").GetString());
        var site = _node.Host.LocalUrl.ToString().TrimEnd('/');
        Assert.Equal($"{site}/whip/night_owls", json.GetProperty("publish").GetProperty("whip").GetString());
        Assert.Equal($"{site}/whep/night_owls", json.GetProperty("play").GetProperty("whep").GetString());
        Assert.Equal($"{site}/watch/night_owls", json.GetProperty("play").GetProperty("page").GetString());
        Assert.Equal("/api/v1/channels/night_owls", reply.Header("Location"));
    }

    [Fact]
    public async Task Its_streamer_sees_where_to_publish_with_the_key_and_strangers_do_not()
    {
        var made = (await _node.OperateAsync("POST", "/api/v1/channels", """{"name":"Night owls","id":"night_owls"}""")).Json;
        var other = (await _node.OperateAsync("POST", "/api/v1/channels", """{"name":"Other","id":"other"}""")).Json;
        const string Path = "/api/v1/channels/night_owls/publishing";
        (await _node.SendAsync("GET", Path)).AssertProblem(401);
        (await _node.SendAsync("GET", Path, bearer: "night_owls-wrong")).AssertProblem(403);
        (await _node.SendAsync("GET", Path, bearer: other.GetProperty("key").GetString())).AssertProblem(403);
        (await _node.SendAsync("GET", "/api/v1/channels/nobody/publishing", bearer: made.GetProperty("key").GetString())).AssertProblem(404);
        var seen = (await _node.SendAsync("GET", Path, bearer: made.GetProperty("key").GetString())).Json;
        Assert.Equal("Night owls", seen.GetProperty("name").GetString());
        Assert.Equal(made.GetProperty("publish").GetRawText(), seen.GetProperty("publish").GetRawText());
        Assert.False(seen.GetProperty("live").GetBoolean());
        Assert.False(seen.TryGetProperty("secret", out _));
    }

    [Fact]
    public async Task An_id_is_made_from_the_name_and_a_taken_one_is_409()
    {
        Assert.Equal("late_show", (await _node.OperateAsync("POST", "/api/v1/channels", """{"name":"Late Show"}""")).Json.GetProperty("id").GetString());
        (await _node.OperateAsync("POST", "/api/v1/channels", """{"name":"x","id":"late_show"}""")).AssertProblem(409);
        Assert.Equal("late_show_2", (await _node.OperateAsync("POST", "/api/v1/channels", """{"name":"Late Show"}""")).Json.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("""{"name":"x","id":"no-dash"}""", 422)]
    [InlineData("""{"name":"x","id":""}""", 422)]
    [InlineData("""{"name":"x","id":"UPPER"}""", 422)]
    [InlineData("""{"name":"x","id":"stream"}""", 422)]
    [InlineData("""{"name":""}""", 422)]
    [InlineData("""{"name":"   "}""", 422)]
    [InlineData("""{"name":"a\u0000b"}""", 422)]
    [InlineData("""{"name":"x","title":"a\nb"}""", 422)]
    [InlineData("{}", 400)]
    [InlineData("null", 400)]
    [InlineData("[]", 400)]
    [InlineData("", 400)]
    [InlineData("{", 400)]
    [InlineData("""{"name":null}""", 400)]
    [InlineData("""{"name":5}""", 400)]
    [InlineData("""{"name":"x","unknown":1}""", 400)]
    [InlineData("""{"Name":"x"}""", 400)]
    [InlineData("""{"name":"x","name":"y"}""", 400)]
    public async Task What_is_no_channel_is_refused(string body, int status)
    {
        (await _node.OperateAsync("POST", "/api/v1/channels", body)).AssertProblem(status);
        Assert.Equal(1, (await _node.OperateAsync("GET", "/api/v1/channels")).Json.GetProperty("channels").GetArrayLength());
    }

    [Fact]
    public async Task A_refused_id_comes_with_what_is_allowed()
    {
        var reply = await _node.OperateAsync("POST", "/api/v1/channels", """{"name":"x","id":"no-dash"}""");
        Assert.Contains("a-z, 0-9 and _", reply.Json.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        (await _node.OperateAsync("POST", "/api/v1/channels", $$"""{"name":"{{new string('n', 101)}}"}""")).AssertProblem(422);
        (await _node.SendAsync("POST", "/api/v1/channels", """{"name":"x"}""", "text/plain", RunningNode.OperatorToken)).AssertProblem(415);
    }

    [Theory]
    [InlineData("GET", "/api/v1/channels")]
    [InlineData("POST", "/api/v1/channels")]
    [InlineData("GET", "/api/v1/channels/live")]
    [InlineData("PATCH", "/api/v1/channels/live")]
    [InlineData("DELETE", "/api/v1/channels/live")]
    [InlineData("POST", "/api/v1/channels/live/rotate-secret")]
    [InlineData("GET", "/api/v1/channels/live/watch-tokens")]
    [InlineData("POST", "/api/v1/channels/live/watch-tokens")]
    [InlineData("DELETE", "/api/v1/channels/live/watch-tokens/x")]
    [InlineData("GET", "/api/v1/streams/live/viewers")]
    public async Task Only_the_operator_comes_in(string method, string path)
    {
        var missing = await _node.SendAsync(method, path);
        missing.AssertProblem(401);
        Assert.StartsWith("Bearer", missing.Header("WWW-Authenticate"), StringComparison.Ordinal);
        (await _node.SendAsync(method, path, bearer: "wrong")).AssertProblem(403);
        (await _node.SendAsync(method, path, bearer: _node.Key)).AssertProblem(403);
        Assert.Equal(HttpStatusCode.OK, (await _node.OperateAsync("GET", "/api/v1/channels/live")).Status);
    }

    [Fact]
    public async Task A_channel_is_changed_in_part_and_deleted_once()
    {
        var changed = await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"title":"Tonight","private":true}""");
        Assert.Equal("Live", changed.Json.GetProperty("name").GetString());
        Assert.Equal("Tonight", changed.Json.GetProperty("title").GetString());
        Assert.True(changed.Json.GetProperty("private").GetBoolean());
        Assert.False(changed.Json.TryGetProperty("secret", out _));
        var again = await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"refuseTakeover":true}""");
        Assert.True(again.Json.GetProperty("private").GetBoolean());
        Assert.True(again.Json.GetProperty("refuseTakeover").GetBoolean());
        var captioned = await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"subtitles":["EN","de-ch"],"closedCaptions":true}""");
        Assert.Equal("en de-CH", string.Join(' ', captioned.Json.GetProperty("subtitles").EnumerateArray().Select(t => t.GetString())));
        Assert.True((await _node.OperateAsync("GET", "/api/v1/channels/live")).Json.GetProperty("closedCaptions").GetBoolean());
        foreach (var bad in new[] { "\"e\"", "\"en\",\"EN\"", "null", "\"en\\u0022\"", "\"aa\",\"ab\",\"ac\",\"ad\",\"ae\",\"af\",\"ag\",\"ah\",\"ai\"" })
            (await _node.OperateAsync("PATCH", "/api/v1/channels/live", $$"""{"subtitles":[{{bad}}]}""")).AssertProblem(422);
        Assert.Equal(0, (await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"subtitles":[]}""")).Json.GetProperty("subtitles").GetArrayLength());
        (await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"name":" "}""")).AssertProblem(422);
        (await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"id":"other"}""")).AssertProblem(400);
        Assert.Equal(HttpStatusCode.NoContent, (await _node.OperateAsync("DELETE", "/api/v1/channels/live")).Status);
        foreach (var method in new[] { "GET", "DELETE" })
            (await _node.OperateAsync(method, "/api/v1/channels/live")).AssertProblem(404);
        (await _node.OperateAsync("PATCH", "/api/v1/channels/live", "{}")).AssertProblem(404);
        (await _node.OperateAsync("POST", "/api/v1/channels/live/rotate-secret")).AssertProblem(404);
        (await _node.OperateAsync("POST", "/api/v1/channels/live/watch-tokens")).AssertProblem(404);
    }

    [Fact]
    public async Task A_stranger_sees_four_things_of_a_channel_and_whether_it_is_private()
    {
        var reply = await _node.SendAsync("GET", "/api/v1/channels/live/public");
        Assert.Equal(["id", "name", "title", "live", "private"], reply.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(JsonValueKind.False, reply.Json.GetProperty("live").ValueKind);
        (await _node.SendAsync("GET", "/api/v1/channels/nobody/public")).AssertProblem(404);
    }

    [Theory]
    [InlineData("GET", "/api")]
    [InlineData("GET", "/api/v1")]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("POST", "/api/v2/channels")]
    [InlineData("GET", "/api/v1/channels/live/nothing/at/all")]
    public async Task An_unknown_api_path_is_a_problem_and_never_the_site(string method, string path)
    {
        var reply = await _node.SendAsync(method, path);
        reply.AssertProblem(404);
    }

    [Fact]
    public async Task A_wrong_method_is_405() => (await _node.SendAsync("PUT", "/api/v1/channels/live", "x", "text/plain")).AssertProblem(405);
}
