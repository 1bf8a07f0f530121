using System.Net;
using Sluice.Server.Live;

namespace Sluice.Server.Tests.Api;

public sealed class StreamApiTests : IAsyncLifetime
{
    private RunningNode _node = null!;

    public async Task InitializeAsync()
    {
        _node = await RunningNode.StartAsync();
        await _node.CreateChannelAsync("closed", isPrivate: true);
        _node.Streams.Live.Add(Figures("live"));
        _node.Streams.Live.Add(Figures("closed"));
        _node.Streams.Watching.Add(new ViewerFigures("v1", "whep", DateTimeOffset.UnixEpoch, 10, 1, 2, 3, 20.5, 1.5, 0.01, "high"));
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Strangers_see_open_streams_and_the_operator_all()
    {
        var open = (await _node.SendAsync("GET", "/api/v1/streams")).Json.GetProperty("streams");
        var stream = Assert.Single(open.EnumerateArray());
        Assert.Equal("live", stream.GetProperty("channel").GetString());
        Assert.Equal(
            ["channel", "name", "title", "startedAt", "viewers", "publisher", "tracks"], stream.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["protocol", "bitrate", "packetsReceived", "packetsLost", "packetsNacked", "roundTripMilliseconds", "jitterMilliseconds"],
            stream.GetProperty("publisher").EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["id", "kind", "codec", "rid", "width", "height", "framesPerSecond", "bitrate", "lastKeyframeAt"],
            stream.GetProperty("tracks")[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(2, (await _node.OperateAsync("GET", "/api/v1/streams")).Json.GetProperty("streams").GetArrayLength());
        (await _node.SendAsync("GET", "/api/v1/streams", bearer: "wrong")).AssertProblem(403);
    }

    [Fact]
    public async Task One_stream_is_shown_to_who_may_watch_it()
    {
        Assert.Equal(HttpStatusCode.OK, (await _node.SendAsync("GET", "/api/v1/streams/live")).Status);
        (await _node.SendAsync("GET", "/api/v1/streams/closed")).AssertProblem(401);
        (await _node.SendAsync("GET", "/api/v1/streams/closed", bearer: "wrong")).AssertProblem(403);
        var token = (await _node.OperateAsync("POST", "/api/v1/channels/closed/watch-tokens")).Json.GetProperty("token").GetString();
        Assert.Equal(HttpStatusCode.OK, (await _node.SendAsync("GET", $"/api/v1/streams/closed?token={token}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _node.OperateAsync("GET", "/api/v1/streams/closed")).Status);
        _node.Streams.Live.Clear();
        (await _node.SendAsync("GET", "/api/v1/streams/live")).AssertProblem(404);
        (await _node.SendAsync("GET", "/api/v1/streams/nobody")).AssertProblem(404);
    }

    [Fact]
    public async Task Viewers_are_listed_for_the_operator_without_addresses()
    {
        var reply = await _node.OperateAsync("GET", "/api/v1/streams/live/viewers");
        var viewer = Assert.Single(reply.Json.GetProperty("viewers").EnumerateArray());
        Assert.Equal("v1", viewer.GetProperty("id").GetString());
        Assert.Equal(0.01, viewer.GetProperty("fractionLost").GetDouble());
        Assert.DoesNotContain("ddress", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_node_says_its_version_and_the_ports_it_really_has()
    {
        var node = (await _node.SendAsync("GET", "/api/v1/node")).Json;
        Assert.Equal(_node.Host.LocalUrl.Port, node.GetProperty("ports").GetProperty("http").GetInt32());
        Assert.NotEqual(0, _node.Host.LocalUrl.Port);
        Assert.NotEmpty(node.GetProperty("version").GetString()!);
    }

    [Fact]
    public async Task The_openapi_document_lists_every_path_of_the_api()
    {
        var document = (await _node.SendAsync("GET", "/openapi/v1.json")).Json;
        var paths = document.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToHashSet();
        foreach (var path in new[]
        {
            "/api/v1/channels", "/api/v1/channels/{id}", "/api/v1/channels/{id}/rotate-secret", "/api/v1/channels/{id}/public",
            "/api/v1/channels/{id}/watch-tokens", "/api/v1/streams", "/api/v1/streams/{channel}", "/api/v1/streams/{channel}/viewers",
            "/api/v1/node", "/whip/{channel}", "/whip/{channel}/{session}", "/whep/{channel}", "/whep/{channel}/{session}", "/healthz",
        })
        {
            Assert.Contains(path, paths);
        }
        Assert.True(document.GetProperty("components").GetProperty("schemas").TryGetProperty("ChannelView", out _));
    }

    [Fact]
    public async Task Metrics_have_sums_for_everyone_and_channels_for_the_operator()
    {
        await _node.SendAsync("GET", "/healthz");
        var open = await _node.SendAsync("GET", "/metrics");
        Assert.Equal("text/plain", open.Type);
        Assert.Contains("\nsluice_streams 2\n", open.Body, StringComparison.Ordinal);
        Assert.Contains("\nsluice_viewers 6\n", open.Body, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds_count{", open.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"closed\"", open.Body, StringComparison.Ordinal);
        var full = await _node.OperateAsync("GET", "/metrics");
        Assert.Contains("sluice_stream_viewers{channel=\"closed\"} 3\n", full.Body, StringComparison.Ordinal);
        (await _node.SendAsync("GET", "/metrics", bearer: "wrong")).AssertNotOk(403);
        foreach (var line in full.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#'))
            Assert.Matches("^[a-zA-Z_:][a-zA-Z0-9_:]*({[^{}]*})? [-+0-9.eEInfNa]+$", line);
    }

    private static StreamFigures Figures(string channel) => new(
        channel, channel, "", DateTimeOffset.UnixEpoch, 3, new PublisherFigures("whip", 2_500_000, 1000, 5, 7, 20, 1.5),
        [new TrackFigures("video-0", "video", "h264", null, 1280, 720, 30, 2_400_000, DateTimeOffset.UnixEpoch)]);
}
