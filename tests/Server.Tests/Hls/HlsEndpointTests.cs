using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Control.Live;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Server.Hls;

namespace Sluice.Server.Tests.Hls;

public sealed partial class HlsEndpointTests
{
    private const string Video = "/hls/live/video-0/index.m3u8";

    [Fact]
    public async Task The_multivariant_playlist_names_what_can_be_played()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);

        var reply = await node.SendAsync("GET", "/hls/live/index.m3u8", headers: ("Origin", "https://example.org"));
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("application/vnd.apple.mpegurl", reply.Type);
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
        Assert.Equal("nosniff", reply.Header("X-Content-Type-Options"));
        Assert.Contains("CODECS=\"avc1.64001e,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=30.000,AUDIO=\"aac\",CLOSED-CAPTIONS=NONE\nvideo-0/index.m3u8\n", reply.Body, StringComparison.Ordinal);
        Assert.Contains("URI=\"audio-0/index.m3u8\"", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Captions_within_the_pictures_are_announced()
    {
        await using var node = await RunningNode.StartAsync("--Hls:MpegTs=true");
        await LiveSource.StartAsync(node, captions: "00000012" + "06040eb50031474139340341fffc942cff80");
        foreach (var file in new[] { "index.m3u8", "ts.m3u8" })
        {
            var master = (await node.SendAsync("GET", $"/hls/live/{file}")).Body;
            Assert.Contains("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"captions\",NAME=\"CC1\",AUTOSELECT=YES,INSTREAM-ID=\"CC1\"\n", master, StringComparison.Ordinal);
            Assert.Contains($",CLOSED-CAPTIONS=\"captions\"\nvideo-0/{file}\n", master, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Segments_and_parts_are_the_same_bytes_and_may_be_kept_for_ever()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        var playlist = (await node.SendAsync("GET", Video)).Body;

        var init = await node.Client.GetByteArrayAsync($"/hls/live/video-0/{Map().Match(playlist).Groups[1].Value}");
        Assert.True(CmafMovie.TryParse(init, out _));

        // The newest whole segment: of older ones the parts are listed no more.
        var segments = Segment().Matches(playlist);
        var name = segments[^1].Groups[1].Value;
        var before = segments.Count > 1 ? segments[^2].Index + segments[^2].Length : 0;
        using var answer = await node.Client.GetAsync($"/hls/live/video-0/{name}");
        Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl!.ToString());
        Assert.Equal("video/mp4", answer.Content.Headers.ContentType!.MediaType);
        var segment = await answer.Content.ReadAsByteArrayAsync();
        var parts = new List<byte>();
        foreach (Match part in Part().Matches(playlist[before..segments[^1].Index]))
        {
            parts.AddRange(await node.Client.GetByteArrayAsync($"/hls/live/video-0/{part.Groups[1].Value}"));
        }

        Assert.Equal(parts, segment);
    }

    [Fact]
    public async Task Ranges_tags_and_heads_are_honoured()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        var name = Segment().Match((await node.SendAsync("GET", Video)).Body).Groups[1].Value;
        var url = $"/hls/live/video-0/{name}";
        var whole = await node.Client.GetByteArrayAsync(url);

        async Task<(HttpStatusCode, byte[], string?)> RangeAsync(long? from, long? to)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(from, to) } };
            using var answer = await node.Client.SendAsync(request);
            return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(), answer.Content.Headers.ContentRange?.ToString());
        }

        var (status, bytes, range) = await RangeAsync(10, 19);
        Assert.Equal((HttpStatusCode.PartialContent, $"bytes 10-19/{whole.Length}"), (status, range));
        Assert.Equal(whole[10..20], bytes);
        (_, bytes, _) = await RangeAsync(whole.Length - 5, null);
        Assert.Equal(whole[^5..], bytes);
        (_, bytes, _) = await RangeAsync(null, 7);
        Assert.Equal(whole[^7..], bytes);
        (status, bytes, range) = await RangeAsync(whole.Length, null);
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, $"bytes */{whole.Length}"), (status, range));
        Assert.Empty(bytes);

        Assert.Equal(HttpStatusCode.NotModified, (await node.SendAsync("GET", url, headers: ("If-None-Match", $"\"{name}\""))).Status);
        var head = await node.SendAsync("HEAD", url);
        Assert.Equal((HttpStatusCode.OK, "", whole.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)), (head.Status, head.Body, head.Header("Content-Length")));
        var playlist = await node.SendAsync("GET", Video);
        Assert.Equal(HttpStatusCode.NotModified, (await node.SendAsync("GET", Video, headers: ("If-None-Match", playlist.Header("ETag")!))).Status);
    }

    [Fact]
    public async Task Players_behind_one_address_count_by_the_session_they_name()
    {
        await using var node = await RunningNode.StartAsync();
        var source = await LiveSource.StartAsync(node);
        Task<Reply> Ask(string query, params (string, string)[] headers) => node.SendAsync("GET", Video + query, headers: headers);

        // By the short way, and, with a condition in the request, by Kestrel.
        foreach (var more in new (string, string)[][] { [], [("If-None-Match", "\"other\"")] })
        {
            await Ask("", more);
            await Ask("", [("CMCD-Session", "cid=\"x\",sid=\"one\""), .. more]);
            await Ask("", [("CMCD-Session", "sid=\"two\""), .. more]);
            await Ask("?CMCD=bl%3D1200%2Csid%3D%22three%22", more);
            await Ask("?_HLS_msn=1&CMCD=sid%3D%22two%22", more);

            // What is no name counts as none.
            await Ask("", [("CMCD-Session", $"sid=\"{new string('x', 65)}\""), .. more]);
            await Ask("", [("CMCD-Session", "sid=\"a b\""), .. more]);
        }

        Assert.Equal(4, source.Output.ViewerCount);
    }

    [Theory]
    [InlineData("sid=\"a-1.b_2\"", "", "a-1.b_2")]
    [InlineData("bl=1,sid=\"a\"", "", "a")]
    [InlineData("xsid=\"a\"", "", "")]
    [InlineData("sid=\"a", "", "")]
    [InlineData("sid=\"\"", "", "")]
    [InlineData("sid=", "", "")]
    [InlineData("", "?CMCD=sid%3D%22q%22", "q")]
    [InlineData("", "_HLS_msn=3&CMCD=br%3D1%2Csid%3D%22q%22", "q")]
    [InlineData("", "?CMCD=xsid%3D%22q%22", "")]
    [InlineData("", "?sid%3D%22q%22", "")]
    [InlineData("", "?CMCD=sid%3D%22q", "")]
    [InlineData("sid=\"h\"", "?CMCD=sid%3D%22q%22", "h")]
    public void A_session_is_read_where_its_name_is_plain(string header, string query, string expected) =>
        Assert.Equal(expected, CmcdSession.Find(header, query).ToString());

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Playlists_travel_compressed_where_the_client_takes_it(string encoding)
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        var plain = await node.Client.GetStringAsync(Video);

        using var request = new HttpRequestMessage(HttpMethod.Get, Video) { Headers = { AcceptEncoding = { new StringWithQualityHeaderValue(encoding) } } };
        using var answer = await node.Client.SendAsync(request);
        Assert.Equal([encoding], answer.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        await using var body = await answer.Content.ReadAsStreamAsync();
        await using Stream unpacked = encoding == "gzip" ? new GZipStream(body, CompressionMode.Decompress) : new BrotliStream(body, CompressionMode.Decompress);
        Assert.Equal(plain, await new StreamReader(unpacked).ReadToEndAsync());
    }

    [Fact]
    public async Task Thousands_who_wait_for_a_part_get_one_and_the_same_answer_when_it_is_there()
    {
        await using var node = await RunningNode.StartAsync();
        var source = await LiveSource.StartAsync(node);
        using var crowd = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 2000 }) { BaseAddress = node.Host.LocalUrl };

        // Three complete, the fourth has two parts.
        var waits = Enumerable.Range(0, 2000).Select(_ => crowd.GetAsync(new Uri($"{Video}?_HLS_msn=3&_HLS_part=4&_HLS_skip=YES", UriKind.Relative))).ToArray();
        await source.PlayAsync(0.1);
        Assert.Equal(0, waits.Count(w => w.IsCompletedSuccessfully));
        await source.PlayAsync(1);
        var answers = await Task.WhenAll(waits);

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        Assert.All(answers, a => Assert.Equal("public, max-age=12", a.Headers.CacheControl!.ToString()));
        Assert.All(await Task.WhenAll(answers.Select(a => a.Content.ReadAsStringAsync())), body => Assert.Contains(".3.4.m4s\"", body, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("?_HLS_msn=9223372036854775807")]
    [InlineData("?_HLS_msn=5")]
    [InlineData("?_HLS_msn=3&_HLS_part=2000000000")]
    [InlineData("?_HLS_part=1")]
    [InlineData("?_HLS_msn=x")]
    public async Task What_can_never_come_is_not_waited_for(string query)
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.SendAsync("GET", Video + query)).Status);
    }

    [Theory]
    [InlineData("?_HLS_msn=0")]
    [InlineData("?_HLS_msn=0&_HLS_part=2000000000")]
    [InlineData("?_HLS_msn=2&_HLS_part=9")]
    [InlineData("?_HLS_msn=2&_HLS_part=10")]
    [InlineData("?_HLS_msn=3&_HLS_part=1")]
    public async Task What_has_come_is_answered_at_once(string query)
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", Video + query)).Status);
    }

    [Fact]
    public async Task The_hinted_part_streams_as_it_is_made()
    {
        await using var node = await RunningNode.StartAsync();
        var source = await LiveSource.StartAsync(node, 6.6);
        var hint = Hint().Match((await node.SendAsync("GET", Video)).Body).Groups[1].Value;

        using var answer = await node.Client.GetAsync($"/hls/live/video-0/{hint}", HttpCompletionOption.ResponseHeadersRead);
        Assert.Null(answer.Content.Headers.ContentLength);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var first = new byte[100_000];
        var got = await body.ReadAsync(first);
        Assert.True(got > 0);
        await source.PlayAsync(0.5);
        var rest = new MemoryStream();
        await body.CopyToAsync(rest);
        byte[] streamed = [.. first[..got], .. rest.ToArray()];
        Assert.Equal(await node.Client.GetByteArrayAsync($"/hls/live/video-0/{hint}"), streamed);
    }

    [Fact]
    public async Task When_the_stream_is_over_those_who_wait_are_told()
    {
        await using var node = await RunningNode.StartAsync("--Hls:ReturnGraceSeconds=0");
        var source = await LiveSource.StartAsync(node);
        var wait = node.SendAsync("GET", $"{Video}?_HLS_msn=4");
        source.End();

        var reply = await wait;
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.EndsWith("#EXT-X-ENDLIST\n", reply.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("PRELOAD-HINT", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publisher_who_returns_goes_on_in_the_same_playlist()
    {
        await using var node = await RunningNode.StartAsync();
        var source = await LiveSource.StartAsync(node);
        var before = (await node.SendAsync("GET", Video)).Body;
        var wait = node.SendAsync("GET", $"{Video}?_HLS_msn=4");
        source.End();
        await LiveSource.StartAsync(node);

        var after = await wait;
        Assert.Equal(HttpStatusCode.OK, after.Status);
        Assert.Contains("#EXT-X-DISCONTINUITY\n", after.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("ENDLIST", after.Body, StringComparison.Ordinal);
        Assert.Contains(Segment().Match(before).Groups[1].Value, after.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_for_what_is_not_live_costs_nothing_and_is_limited()
    {
        await using var node = await RunningNode.StartAsync("--Http:RequestsPerMinutePerAddress=200");
        var channels = node.Host.App.Services.GetRequiredService<LiveChannels>();
        for (var i = 0; i < 200; i++) (await node.SendAsync("GET", $"/hls/missing_{i}/index.m3u8")).AssertNotOk(404);
        Assert.Empty(channels.All());
        Assert.Equal(HttpStatusCode.TooManyRequests, (await node.SendAsync("GET", "/hls/live/index.m3u8")).Status);
    }

    [Theory]
    [InlineData("/hls/")]
    [InlineData("/hls/live")]
    [InlineData("/hls/live/")]
    [InlineData("/hls/live/other.m3u8")]
    [InlineData("/hls/live/video-9/index.m3u8")]
    [InlineData("/hls/live/video-0/x.0.m4s")]
    [InlineData("/hls/live/video-0/%2e%2e/sluice.db")]
    [InlineData("/hls/live/~x/index.m3u8/")]
    [InlineData("/hls/live/video-0/a/b")]
    public async Task What_was_never_given_out_is_not_found(string path)
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", path)).Status);
    }

    [Fact]
    public async Task A_private_channel_opens_to_a_token_and_its_urls_carry_a_grant()
    {
        await using var node = await RunningNode.StartAsync();
        var (id, _) = await node.CreateChannelAsync("Secret", isPrivate: true);
        await LiveSource.StartAsync(node, channelId: id);
        var made = (await node.OperateAsync("POST", $"/api/v1/channels/{id}/watch-tokens", """{"label":"a"}""")).Json;
        var token = made.GetProperty("token").GetString();

        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync("GET", $"/hls/{id}/index.m3u8")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync("GET", $"/hls/{id}/video-0/index.m3u8")).Status);
        var master = await node.SendAsync("GET", $"/hls/{id}/index.m3u8?token={token}");
        Assert.Equal(HttpStatusCode.OK, master.Status);
        Assert.Equal("no-store", master.Header("Cache-Control"));
        Assert.DoesNotContain(token!, master.Body, StringComparison.Ordinal);
        var uri = master.Body.Split('\n').Single(l => l.EndsWith(".m3u8", StringComparison.Ordinal));
        Assert.StartsWith("~", uri, StringComparison.Ordinal);
        var playlist = await node.SendAsync("GET", $"/hls/{id}/{uri}");
        Assert.Equal(HttpStatusCode.OK, playlist.Status);
        var segment = $"/hls/{id}/{uri.Replace("index.m3u8", "", StringComparison.Ordinal)}{Segment().Match(playlist.Body).Groups[1].Value}";
        var media = await node.SendAsync("GET", segment);
        Assert.Contains("private", media.Header("Cache-Control"), StringComparison.Ordinal);

        // The grant opens this channel and no other, and goes with the token.
        await LiveSource.StartAsync(node);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.SendAsync("GET", $"/hls/live/{uri}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await node.OperateAsync("DELETE", $"/api/v1/channels/{id}/watch-tokens/{made.GetProperty("id").GetString()}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.SendAsync("GET", segment)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.SendAsync("GET", $"/hls/{id}/{uri}")).Status);
    }

    [Fact]
    public async Task Viewers_are_counted_once_and_sent_away_where_there_are_too_many()
    {
        await using var node = await RunningNode.StartAsync("--Hls:MaxViewers=2");
        await LiveSource.StartAsync(node);
        var live = node.Host.App.Services.GetRequiredService<LiveChannels>().Open("live");

        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", Video, headers: ("User-Agent", "one"))).Status);
        Assert.Equal("hls", Assert.Single(live.Viewers()).Observe().Protocol);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", Video, headers: ("User-Agent", "two"))).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await node.SendAsync("GET", Video, headers: ("User-Agent", "three"))).Status);
        foreach (var viewer in live.Viewers()) viewer.Close();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await node.SendAsync("GET", Video, headers: ("User-Agent", "one"))).Status);
    }

    [Fact]
    public async Task A_deleted_channel_is_gone_for_players_too()
    {
        await using var node = await RunningNode.StartAsync();
        var (id, _) = await node.CreateChannelAsync("Brief");
        await LiveSource.StartAsync(node, channelId: id);
        var wait = node.SendAsync("GET", $"/hls/{id}/video-0/index.m3u8?_HLS_msn=4");
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", $"/hls/{id}/video-0/index.m3u8")).Status);
        await node.OperateAsync("DELETE", $"/api/v1/channels/{id}");

        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", $"/hls/{id}/video-0/index.m3u8")).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await wait).Status);
    }

    [Fact]
    public async Task With_packaging_on_demand_the_first_request_begins_it()
    {
        await using var node = await RunningNode.StartAsync("--Hls:Start=demand");
        var source = await LiveSource.StartAsync(node, 2.1);
        Assert.Empty(source.Output.Channels);
        var first = node.SendAsync("GET", "/hls/live/index.m3u8");
        while (!first.IsCompleted)
        {
            await source.PlayAsync(0.1);
            await Task.Yield();
        }

        Assert.Equal(HttpStatusCode.OK, (await first).Status);
    }

    [Fact]
    public async Task It_can_be_switched_off_and_says_so()
    {
        await using var node = await RunningNode.StartAsync("--Hls:Enabled=false");
        foreach (var path in new[] { "/hls/live/index.m3u8", Video })
        {
            (await node.SendAsync("GET", path)).AssertProblem(501);
        }
    }

    [Fact]
    public async Task A_preflight_allows_ranges_and_conditions()
    {
        await using var node = await RunningNode.StartAsync();
        var reply = await node.SendAsync("OPTIONS", Video, null, null, null, ("Origin", "https://example.org"), ("Access-Control-Request-Method", "GET"));
        Assert.Equal(HttpStatusCode.NoContent, reply.Status);
        foreach (var header in new[] { "Range", "If-None-Match" }) Assert.Contains(header, reply.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
    }

    [GeneratedRegex("EXT-X-MAP:URI=\"([^\"]+)\"")]
    private static partial Regex Map();

    [GeneratedRegex("^([a-z0-9]+\\.\\d+\\.m4s)$", RegexOptions.Multiline)]
    private static partial Regex Segment();

    [GeneratedRegex("EXT-X-PART:[^\n]*URI=\"([^\"]+)\"")]
    private static partial Regex Part();

    [GeneratedRegex("PRELOAD-HINT:TYPE=PART,URI=\"([^\"]+)\"")]
    private static partial Regex Hint();
}
