namespace Sluice.Server.Tests.Http;

public sealed class SecrecyTests
{
    [Fact]
    public async Task No_secret_reaches_the_log_whatever_is_asked()
    {
        await using var node = await RunningNode.StartAsync();
        var (id, key) = await node.CreateChannelAsync("closed", isPrivate: true);
        var token = (await node.OperateAsync("POST", $"/api/v1/channels/{id}/watch-tokens")).Json.GetProperty("token").GetString()!;
        var rotated = (await node.OperateAsync("POST", "/api/v1/channels/live/rotate-secret")).Json.GetProperty("secret").GetString()!;
        const string wrong = "AttemptedWrongKey0123456789";
        foreach (var secret in new[] { node.Key, key, token, rotated, wrong, RunningNode.OperatorToken })
        {
            await node.SendAsync("POST", "/whip/live", "v=0", "application/sdp", secret);
            await node.SendAsync("POST", "/whip/live", "throw", "application/sdp", secret);
            await node.SendAsync("POST", $"/whip/stream/{secret}", "throw", "application/sdp");
            await node.SendAsync("POST", $"/whip/stream/{id}-{secret}", "throw", "application/sdp");
            await node.SendAsync("POST", $"/whep/{id}?token={secret}", "v=0", "application/sdp");
            await node.SendAsync("GET", $"/api/v1/streams/{id}?token={secret}");
            await node.SendAsync("GET", "/api/v1/channels", bearer: secret);
            await node.SendAsync("PUT", $"/whip/stream/{secret}/x");
        }
        Assert.Contains("127.0.0.1 presented a wrong key for publishing on live", node.Log.Text, StringComparison.Ordinal);
        Assert.Contains("scripted", node.Log.Text, StringComparison.Ordinal);
        // The level is trace: the framework's own lines, which hold URLs, must have been kept out by the node.
        foreach (var secret in new[] { node.Key.Split('-')[1], key.Split('-')[1], token, rotated, wrong, RunningNode.OperatorToken })
            Assert.DoesNotContain(secret, node.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_api_shows_a_secret_when_it_is_made_and_never_again()
    {
        await using var node = await RunningNode.StartAsync();
        var made = await node.OperateAsync("POST", "/api/v1/channels", """{"name":"One"}""");
        var secret = made.Json.GetProperty("secret").GetString()!;
        Assert.Equal("no-store", made.Header("Cache-Control"));
        foreach (var path in new[] { "/api/v1/channels", "/api/v1/channels/one", "/api/v1/channels/one/public", "/api/v1/streams", "/metrics" })
            Assert.DoesNotContain(secret, (await node.OperateAsync("GET", path)).Body, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, (await node.OperateAsync("PATCH", "/api/v1/channels/one", """{"title":"x"}""")).Body, StringComparison.Ordinal);
    }
}
