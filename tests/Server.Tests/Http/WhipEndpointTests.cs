using System.Net;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Server.Tests.Http;

public sealed class WhipEndpointTests : IAsyncLifetime
{
    private const string Sdp = "application/sdp";
    private const string Fragment = "application/trickle-ice-sdpfrag";
    private const string Session = "/whip/live/" + ScriptedWhip.Session;
    private RunningNode _node = null!;

    private string Secret => _node.Key.Split('-')[1];

    public async Task InitializeAsync() => _node = await RunningNode.StartAsync("--WebRtc:IceServers:0:Url=stun:stun.example.org:3478",
        "--WebRtc:IceServers:1:Url=turn:turn.example.org", "--WebRtc:IceServers:1:Username=u", "--WebRtc:IceServers:1:Credential=p");

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task An_offer_with_the_key_gives_the_answer_its_url_and_its_tag()
    {
        var reply = await _node.SendAsync("POST", "/whip/live", "v=0 offer", Sdp, _node.Key);
        Assert.Equal(HttpStatusCode.Created, reply.Status);
        Assert.Equal("v=0 answer", reply.Body);
        Assert.Equal(Sdp, reply.Type);
        Assert.Equal(Session, reply.Header("Location"));
        Assert.Equal("\"tag-1\"", reply.Header("ETag"));
        Assert.Equal(Fragment, reply.Header("Accept-Patch"));
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
        Assert.Equal(
            ["<stun:stun.example.org:3478>; rel=\"ice-server\"",
             "<turn:turn.example.org>; rel=\"ice-server\"; username=\"u\"; credential=\"p\"; credential-type=\"password\""],
            reply.Headers["Link"]);
        Assert.Equal("create live v=0 offer", Assert.Single(_node.Whip.Calls));
    }

    [Fact]
    public async Task The_secret_alone_the_whole_key_and_every_alias_open_the_channel()
    {
        foreach (var (path, bearer, location) in new[]
        {
            ("/whip/live", Secret, Session),
            ("/whip/endpoint/live", _node.Key, Session),
            ($"/whip/stream/{_node.Key}", null, $"/whip/stream/{_node.Key}/{ScriptedWhip.Session}"),
            ($"/whip/stream/{_node.Key}", _node.Key, Session),
        })
        {
            var reply = await _node.SendAsync("POST", path, "v=0", "application/sdp; charset=utf-8", bearer);
            Assert.Equal(HttpStatusCode.Created, reply.Status);
            Assert.Equal(location, reply.Header("Location"));
        }
    }

    [Fact]
    public async Task A_session_begun_with_the_key_in_the_url_is_patched_and_ended_there()
    {
        var path = $"/whip/stream/{_node.Key}/{ScriptedWhip.Session}";
        _node.Whip.Next = new SessionOutcome(SessionError.None, "");
        Assert.Equal(HttpStatusCode.NoContent, (await _node.SendAsync("PATCH", path, "a=candidate", Fragment)).Status);
        Assert.Equal(HttpStatusCode.OK, (await _node.SendAsync("DELETE", path)).Status);
        (await _node.SendAsync("DELETE", path.Replace(Secret, "wrong", StringComparison.Ordinal))).AssertProblem(403);
    }

    [Fact]
    public async Task Without_a_key_it_is_401_with_a_challenge_and_no_session_is_made()
    {
        foreach (var path in new[] { "/whip/live", "/whip/endpoint/live" })
        {
            var reply = await _node.SendAsync("POST", path, "v=0", Sdp);
            reply.AssertProblem(401);
            Assert.StartsWith("Bearer", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
        }
        var basic = await _node.SendAsync("POST", "/whip/live", "v=0", Sdp, null, ("Authorization", $"Basic {_node.Key}"));
        basic.AssertProblem(401);
        Assert.Empty(_node.Whip.Calls);
    }

    [Fact]
    public async Task A_wrong_key_or_one_of_another_channel_is_403_and_no_session_is_made()
    {
        var (_, otherKey) = await _node.CreateChannelAsync("other");
        foreach (var key in new[] { "wrong", Secret[..^1], otherKey, otherKey.Split('-')[1], $"other-{Secret}", "a-b-c", new string('x', 3000), RunningNode.OperatorToken })
            (await _node.SendAsync("POST", "/whip/live", "v=0", Sdp, key)).AssertProblem(403);
        (await _node.SendAsync("POST", "/whip/stream/live-wrong", "v=0", Sdp)).AssertProblem(403);
        Assert.Empty(_node.Whip.Calls);
    }

    [Theory]
    [InlineData("{key}-more")]
    [InlineData("{key}-")]
    [InlineData("live-{key}")]
    [InlineData("live--{secret}")]
    public async Task A_key_with_more_dashes_is_refused_whole_and_its_shape_is_told(string text)
    {
        var key = text.Replace("{key}", _node.Key, StringComparison.Ordinal).Replace("{secret}", Secret, StringComparison.Ordinal);
        foreach (var reply in new[] { await _node.SendAsync("POST", "/whip/live", "v=0", Sdp, key), await _node.SendAsync("POST", $"/whip/stream/{key}", "v=0", Sdp) })
        {
            reply.AssertProblem(403);
            Assert.Contains("CHANNEL-SECRET", reply.Json.GetProperty("remedy").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, reply.Body, StringComparison.Ordinal);
        }

        Assert.Empty(_node.Whip.Calls);
    }

    [Theory]
    [InlineData("/whip/nobody")]
    [InlineData("/whip/stream/nodash")]
    [InlineData("/whip/stream/nobody-secret")]
    [InlineData("/whip/..%2Flive")]
    [InlineData("/whip/LIVE")]
    public async Task A_channel_that_does_not_exist_is_404(string path) =>
        (await _node.SendAsync("POST", path, "v=0", Sdp, _node.Key)).AssertProblem(404);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData(null)]
    public async Task Another_content_type_is_415_and_says_which_is_taken(string? type)
    {
        var reply = await _node.SendAsync("POST", "/whip/live", "v=0", type, _node.Key);
        reply.AssertProblem(415);
        Assert.Equal(Sdp, reply.Header("Accept-Post"));
        Assert.Empty(_node.Whip.Calls);
    }

    [Theory]
    [InlineData(SessionError.BadSdp, 400)]
    [InlineData(SessionError.NoCommonCodec, 406)]
    [InlineData(SessionError.Conflict, 409)]
    [InlineData(SessionError.TooMany, 503)]
    public async Task What_the_session_refuses_has_its_status_and_its_reason(SessionError error, int status)
    {
        _node.Whip.Next = SessionOutcome.Refuse(error, "The reason is told.");
        var reply = await _node.SendAsync("POST", "/whip/live", "v=0", Sdp, _node.Key);
        reply.AssertProblem(status);
        Assert.Equal("The reason is told.", reply.Json.GetProperty("detail").GetString());
        Assert.Equal(status == 503, reply.Header("Retry-After") is not null);
        Assert.Null(reply.Header("Location"));
    }

    [Fact]
    public async Task An_empty_offer_is_400() => (await _node.SendAsync("POST", "/whip/live", "", Sdp, _node.Key)).AssertProblem(400);

    [Fact]
    public async Task A_body_over_the_limit_is_413_and_never_reaches_a_session()
    {
        (await _node.SendAsync("POST", "/whip/live", new string('a', 70_000), Sdp, _node.Key)).AssertProblem(413);
        Assert.Empty(_node.Whip.Calls);
    }

    [Fact]
    public async Task A_failure_inside_is_500_without_its_details()
    {
        var reply = await _node.SendAsync("POST", "/whip/live", "throw", Sdp, _node.Key);
        reply.AssertProblem(500);
        Assert.DoesNotContain("scripted", reply.Body, StringComparison.Ordinal);
        Assert.Contains("scripted", _node.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/whip/live", "POST")]
    [InlineData("HEAD", "/whip/live", "POST")]
    [InlineData("PUT", "/whip/live", "POST")]
    [InlineData("GET", "/whip/endpoint/live", "POST")]
    [InlineData("GET", Session, "PATCH")]
    [InlineData("POST", Session, "DELETE")]
    [InlineData("PUT", Session, "PATCH")]
    public async Task Other_methods_are_405_with_those_that_are_allowed(string method, string path, string allowed)
    {
        var reply = await _node.SendAsync(method, path, bearer: _node.Key);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, reply.Status);
        Assert.Contains(allowed, string.Join(", ", reply.Headers["Allow"]), StringComparison.Ordinal);
        if (method != "HEAD")
            reply.AssertProblem(405);
    }

    [Fact]
    public async Task Candidates_are_204_and_an_ice_restart_is_200_with_the_new_tag()
    {
        _node.Whip.Next = new SessionOutcome(SessionError.None, "");
        var trickle = await _node.SendAsync("PATCH", Session, "a=candidate", Fragment, _node.Key);
        Assert.Equal(HttpStatusCode.NoContent, trickle.Status);
        Assert.Equal("", trickle.Body);
        _node.Whip.Next = new SessionOutcome(SessionError.None, "", ScriptedWhip.Session, "a=ice-ufrag:new", "\"tag-2\"");
        var restart = await _node.SendAsync("PATCH", Session, "a=ice-ufrag:x", Fragment, _node.Key, ("If-Match", "*"));
        Assert.Equal(HttpStatusCode.OK, restart.Status);
        Assert.Equal("\"tag-2\"", restart.Header("ETag"));
        Assert.Equal(Fragment, restart.Type);
        Assert.Equal("a=ice-ufrag:new", restart.Body);
        Assert.Equal($"patch live {ScriptedWhip.Session} a=ice-ufrag:x *", _node.Whip.Calls[^1]);
    }

    [Fact]
    public async Task The_tag_reaches_the_session_as_it_came()
    {
        await _node.SendAsync("PATCH", Session, "x", Fragment, _node.Key, ("If-Match", "\"tag-1\""));
        Assert.EndsWith("x \"tag-1\"", _node.Whip.Calls[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SessionError.PreconditionFailed, 412)]
    [InlineData(SessionError.PreconditionRequired, 428)]
    [InlineData(SessionError.BadSdp, 400)]
    [InlineData(SessionError.NotFound, 404)]
    public async Task A_refused_patch_has_its_status(SessionError error, int status)
    {
        _node.Whip.Next = SessionOutcome.Refuse(error, "");
        (await _node.SendAsync("PATCH", Session, "x", Fragment, _node.Key)).AssertProblem(status);
    }

    [Fact]
    public async Task Patch_and_delete_need_the_same_key()
    {
        foreach (var method in new[] { "PATCH", "DELETE" })
        {
            (await _node.SendAsync(method, Session, "x", Fragment)).AssertProblem(401);
            (await _node.SendAsync(method, Session, "x", Fragment, "wrong")).AssertProblem(403);
            (await _node.SendAsync(method, Session, "x", Fragment, RunningNode.OperatorToken)).AssertProblem(403);
        }
        Assert.Empty(_node.Whip.Calls);
    }

    [Fact]
    public async Task A_patch_of_another_type_is_415()
    {
        var reply = await _node.SendAsync("PATCH", Session, "x", "application/sdp", _node.Key);
        reply.AssertProblem(415);
        Assert.Equal(Fragment, reply.Header("Accept-Patch"));
    }

    [Fact]
    public async Task Delete_ends_the_session_with_an_empty_200_and_an_unknown_one_is_404()
    {
        var reply = await _node.SendAsync("DELETE", Session, bearer: _node.Key);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("", reply.Body);
        Assert.Equal($"close live {ScriptedWhip.Session}", Assert.Single(_node.Whip.Calls));
        (await _node.SendAsync("DELETE", "/whip/live/unknown", bearer: _node.Key)).AssertProblem(404);
    }

    [Fact]
    public async Task A_rotated_key_is_refused_from_the_next_request_on()
    {
        var old = _node.Key;
        var rotated = await _node.OperateAsync("POST", "/api/v1/channels/live/rotate-secret");
        (await _node.SendAsync("DELETE", Session, bearer: old)).AssertProblem(403);
        (await _node.SendAsync("POST", "/whip/live", "v=0", Sdp, old)).AssertProblem(403);
        var fresh = rotated.Json.GetProperty("key").GetString();
        Assert.Equal(HttpStatusCode.Created, (await _node.SendAsync("POST", "/whip/live", "v=0", Sdp, fresh)).Status);
    }

    [Fact]
    public async Task A_stream_that_belongs_elsewhere_is_redirected_with_a_token_and_the_rest_of_the_query()
    {
        _node.Whereabouts.Place = new Sluice.Server.Http.Elsewhere("https://ingest-2.example.org", "short-lived");
        var reply = await _node.SendAsync("POST", "/whip/live?video=h264&token=old", "v=0", Sdp, _node.Key);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, reply.Status);
        Assert.Equal("https://ingest-2.example.org/whip/live?video=h264&token=short-lived", reply.Header("Location"));
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
        Assert.Empty(_node.Whip.Calls);
        (await _node.SendAsync("POST", "/whip/live", "v=0", Sdp, "wrong")).AssertProblem(403);
    }

    [Fact]
    public async Task Options_without_preflight_say_what_is_taken()
    {
        var reply = await _node.SendAsync("OPTIONS", "/whip/live");
        Assert.Equal(HttpStatusCode.NoContent, reply.Status);
        Assert.Equal(Sdp, reply.Header("Accept-Post"));
        Assert.Equal(HttpStatusCode.NoContent, (await _node.SendAsync("OPTIONS", Session)).Status);
    }
}
