using System.Net;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Server.Http;

namespace Sluice.Server.Tests.Http;

public sealed class WhepEndpointTests : IAsyncLifetime
{
    private const string Sdp = "application/sdp";
    private const string Fragment = "application/trickle-ice-sdpfrag";
    private const string Session = "/whep/live/" + ScriptedWhep.Session;
    private RunningNode _node = null!;

    public async Task InitializeAsync() => _node = await RunningNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("/whep/live")]
    [InlineData("/whep/watch/live")]
    [InlineData("/whep/endpoint/live")]
    public async Task Anyone_watches_an_open_channel(string path)
    {
        var reply = await _node.SendAsync("POST", path, "v=0 offer", Sdp);
        Assert.Equal(HttpStatusCode.Created, reply.Status);
        Assert.Equal("v=0 answer", reply.Body);
        Assert.Equal(Session, reply.Header("Location"));
        Assert.Equal("\"tag-1\"", reply.Header("ETag"));
        Assert.Contains(Fragment, reply.Header("Accept-Patch"), StringComparison.Ordinal);
        Assert.Contains($"<{Session}/layer>; rel=\"urn:ietf:params:whep:ext:core:layer\"", reply.Headers["Link"]);
        Assert.Contains(
            $"<{Session}/events>; rel=\"urn:ietf:params:whep:ext:core:server-sent-events\"; events=\"active,inactive,layers,viewercount\"", reply.Headers["Link"]);
    }

    [Fact]
    public async Task An_empty_post_gets_the_servers_offer_and_a_patch_answers_it()
    {
        var reply = await _node.SendAsync("POST", "/whep/live");
        Assert.Equal(HttpStatusCode.Created, reply.Status);
        Assert.Equal("v=0 offer", reply.Body);
        Assert.Equal(Sdp, reply.Type);
        Assert.Equal(HttpStatusCode.NoContent, (await _node.SendAsync("PATCH", Session, "v=0 answer", Sdp)).Status);
        Assert.Equal(["offer live", $"answer live {ScriptedWhep.Session} v=0 answer"], _node.Whep.Calls);
        _node.Whep.Next = SessionOutcome.Refuse(SessionError.Conflict, "It is answered already.");
        (await _node.SendAsync("PATCH", Session, "v=0 answer", Sdp)).AssertProblem(409);
    }

    [Fact]
    public async Task A_private_channel_needs_its_token_for_everything()
    {
        var (id, key) = await _node.CreateChannelAsync("closed", isPrivate: true);
        var made = await _node.OperateAsync("POST", $"/api/v1/channels/{id}/watch-tokens", """{"label":"a friend"}""");
        var token = made.Json.GetProperty("token").GetString()!;
        var session = $"/whep/{id}/{ScriptedWhep.Session}";
        foreach (var (method, path) in new[]
        {
            ("POST", $"/whep/{id}"), ("PATCH", session), ("DELETE", session), ("POST", session + "/layer"), ("DELETE", session + "/layer"),
            ("POST", session + "/events"), ("GET", session + "/events/x"), ("DELETE", session + "/events/x"),
        })
        {
            var body = method == "GET" ? null : "x";
            (await _node.SendAsync(method, path, body, Sdp)).AssertProblem(401);
            (await _node.SendAsync(method, path, body, Sdp, "wrong")).AssertProblem(403);
            (await _node.SendAsync(method, path, body, Sdp, key)).AssertProblem(403);
            (await _node.SendAsync(method, path + "?token=wrong", body, Sdp)).AssertProblem(403);
        }
        Assert.Empty(_node.Whep.Calls);
        Assert.Equal(session, (await _node.SendAsync("POST", $"/whep/{id}", "v=0", Sdp, token)).Header("Location"));
        var byUrl = await _node.SendAsync("POST", $"/whep/{id}?token={token}", "v=0", Sdp);
        Assert.Equal($"{session}?token={token}", byUrl.Header("Location"));
        Assert.Contains($"<{session}/layer?token={token}>", byUrl.Headers["Link"].First(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await _node.SendAsync("DELETE", byUrl.Header("Location")!)).Status);
        await _node.OperateAsync("DELETE", $"/api/v1/channels/{id}/watch-tokens/{made.Json.GetProperty("id").GetString()}");
        (await _node.SendAsync("POST", $"/whep/{id}", "v=0", Sdp, token)).AssertProblem(403);
    }

    [Fact]
    public async Task What_is_wrong_is_told()
    {
        (await _node.SendAsync("POST", "/whep/nobody", "v=0", Sdp)).AssertProblem(404);
        (await _node.SendAsync("POST", "/whep/live", "v=0", "text/plain")).AssertProblem(415);
        (await _node.SendAsync("POST", "/whep/live", "v=0")).AssertProblem(415);
        (await _node.SendAsync("PATCH", Session, "x", "text/plain")).AssertProblem(415);
        (await _node.SendAsync("GET", "/whep/live")).AssertProblem(405);
        (await _node.SendAsync("PUT", Session, "x", Sdp)).AssertProblem(405);
        (await _node.SendAsync("DELETE", "/whep/live/unknown")).AssertProblem(404);
        _node.Whep.Next = SessionOutcome.Refuse(SessionError.NoCommonCodec, "No codec of yours is in the stream.");
        (await _node.SendAsync("POST", "/whep/live", "v=0", Sdp)).AssertProblem(406);
        _node.Whep.Next = SessionOutcome.Refuse(SessionError.NotFound, "");
        (await _node.SendAsync("PATCH", Session, "x", Fragment)).AssertProblem(404);
    }

    [Fact]
    public async Task A_layer_is_chosen_and_given_back()
    {
        var chosen = await _node.SendAsync("POST", Session + "/layer", """{"mediaId":"1","encodingId":"high"}""", "application/json");
        Assert.Equal(HttpStatusCode.NoContent, chosen.Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _node.SendAsync("DELETE", Session + "/layer")).Status);
        Assert.Equal([$"layer live {ScriptedWhep.Session} 1 high", $"layer live {ScriptedWhep.Session} - -"], _node.Whep.Calls);
        Assert.Equal(HttpStatusCode.NoContent, (await _node.SendAsync("POST", Session + "/layer", """{"mediaId":"1"}""", "application/json")).Status);
        Assert.Equal($"layer live {ScriptedWhep.Session} 1 -", _node.Whep.Calls[^1]);
        (await _node.SendAsync("POST", Session + "/layer", """{"encodingId":""}""", "application/json")).AssertProblem(422);
        (await _node.SendAsync("POST", Session + "/layer", "{", "application/json")).AssertProblem(400);
        (await _node.SendAsync("POST", Session + "/layer", """{"encodingId":"h","more":1}""", "application/json")).AssertProblem(400);
        (await _node.SendAsync("POST", Session + "/layer", "h", "text/plain")).AssertProblem(415);
        _node.Whep.Next = SessionOutcome.Refuse(SessionError.Conflict, "There is no such layer.");
        (await _node.SendAsync("POST", Session + "/layer", """{"encodingId":"none"}""", "application/json")).AssertProblem(409);
    }

    [Fact]
    public async Task Events_that_were_asked_for_come_as_a_stream()
    {
        _node.Whep.Events.AddRange([new("active", "{}"), new("layers", """{"0":{"layers":[]}}"""), new("viewercount", """{"viewercount":3}""")]);
        var made = await _node.SendAsync("POST", Session + "/events", """["active","viewercount","active"]""", "application/json");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var stream = await _node.SendAsync("GET", made.Header("Location")!);
        Assert.Equal("text/event-stream", stream.Type);
        Assert.Equal(": listening\n\nid: 1\nevent: active\ndata: {}\n\nid: 2\nevent: viewercount\ndata: {\"viewercount\":3}\n\n", stream.Body);
        Assert.Equal(HttpStatusCode.NoContent, (await _node.SendAsync("DELETE", made.Header("Location")!)).Status);
        (await _node.SendAsync("GET", made.Header("Location")!)).AssertProblem(404);
        (await _node.SendAsync("DELETE", made.Header("Location")!)).AssertProblem(404);
    }

    [Fact]
    public async Task Subscriptions_are_checked_and_bounded()
    {
        (await _node.SendAsync("POST", "/whep/live/unknown/events", "[]", "application/json")).AssertProblem(404);
        (await _node.SendAsync("POST", Session + "/events", "[]", "application/json")).AssertProblem(422);
        (await _node.SendAsync("POST", Session + "/events", """["chat"]""", "application/json")).AssertProblem(422);
        (await _node.SendAsync("POST", Session + "/events", """{"a":1}""", "application/json")).AssertProblem(400);
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.Created, (await _node.SendAsync("POST", Session + "/events")).Status);
        (await _node.SendAsync("POST", Session + "/events")).AssertProblem(429);
        (await _node.SendAsync("GET", Session + "/events/unknown")).AssertProblem(404);
    }

    [Fact]
    public async Task A_viewer_who_belongs_elsewhere_keeps_the_token_in_the_url()
    {
        var (id, _) = await _node.CreateChannelAsync("closed", isPrivate: true);
        var token = (await _node.OperateAsync("POST", $"/api/v1/channels/{id}/watch-tokens")).Json.GetProperty("token").GetString();
        _node.Whereabouts.Place = new Elsewhere("https://edge.example.org", null);
        var reply = await _node.SendAsync("POST", $"/whep/{id}?token={token}", "v=0", Sdp);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, reply.Status);
        Assert.Equal($"https://edge.example.org/whep/{id}?token={token}", reply.Header("Location"));
    }
}
