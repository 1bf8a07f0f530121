using System.Net;

namespace Sluice.Server.Tests.Http;

public sealed class CrossOriginTests
{
    [Theory]
    [InlineData("/whip/live", "POST")]
    [InlineData("/whip/live/session", "PATCH")]
    [InlineData("/whep/live/session", "DELETE")]
    [InlineData("/api/v1/streams", "GET")]
    public async Task A_preflight_allows_what_the_clients_send(string path, string method)
    {
        await using var node = await RunningNode.StartAsync();
        var reply = await node.SendAsync(
            "OPTIONS", path, null, null, null, ("Origin", "https://example.org"), ("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", "authorization,content-type,if-match"));
        Assert.Equal(HttpStatusCode.NoContent, reply.Status);
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
        Assert.Contains(method, reply.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        foreach (var header in new[] { "Authorization", "Content-Type", "If-Match" })
            Assert.Contains(header, reply.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_origins_named_only_those_are_let_in()
    {
        await using var node = await RunningNode.StartAsync("--Http:CorsOrigins=https://good.example.org,https://too.example.org");
        var good = await node.SendAsync("GET", "/api/v1/streams", headers: ("Origin", "https://too.example.org"));
        Assert.Equal("https://too.example.org", good.Header("Access-Control-Allow-Origin"));
        Assert.Equal("Origin", good.Header("Vary"));
        var bad = await node.SendAsync("GET", "/api/v1/streams", headers: ("Origin", "https://evil.example.org"));
        Assert.Null(bad.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers_and_pages_are_for_this_origin_only()
    {
        await using var node = await RunningNode.StartAsync();
        foreach (var path in new[] { "/", "/healthz", "/api/v1/nothing", "/nothing" })
        {
            var reply = await node.SendAsync("GET", path);
            Assert.Equal("nosniff", reply.Header("X-Content-Type-Options"));
            Assert.Equal("no-referrer", reply.Header("Referrer-Policy"));
            Assert.Contains("default-src 'self'", reply.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", reply.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Null(reply.Header("Server"));
        }
        Assert.Null((await node.SendAsync("GET", "/")).Header("Access-Control-Allow-Origin"));
    }
}
