using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Outputs.Hls;
using Sluice.Server.Hls;

namespace Sluice.Server.Tests.Hls;

/// <summary>The short way and the web server: one request, asked both ways.</summary>
public sealed partial class ExpressParityTests
{
    // A condition that HLS passes over, and the short way does not take.
    private const string TheLongWay = "If-Unmodified-Since: now\r\n";

    [Fact]
    public async Task Both_ways_give_the_same_answers_byte_for_byte()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        var express = node.Host.App.Services.GetRequiredService<HlsExpress>();
        var grant = node.Host.App.Services.GetRequiredService<HlsOutput>().Grants.Give("live")!;
        var playlist = (await node.SendAsync("GET", "/hls/live/video-0/index.m3u8")).Body;
        var names = new List<string>();
        foreach (var rendition in new[] { "video-0", "audio-0" })
        {
            foreach (var view in new[] { "index", "rewind", "event" })
            {
                foreach (var query in new[] { "", "?_HLS_msn=2", "?_HLS_msn=3&_HLS_part=1", "?_HLS_skip=YES", "?_HLS_msn=0&_HLS_part=0&_HLS_skip=v2&token=x&a=b?c" })
                    names.Add($"{rendition}/{view}.m3u8{query}");
            }

            var text = rendition == "video-0" ? playlist : (await node.SendAsync("GET", "/hls/live/audio-0/index.m3u8")).Body;

            // But the hinted part, which grows: the web server's.
            text = text[..text.IndexOf("#EXT-X-PRELOAD-HINT", StringComparison.Ordinal)];
            names.AddRange(Media().Matches(text).Select(m => $"{rendition}/{m.Value}").Distinct());
        }

        Assert.Contains(names, n => n.EndsWith(".mp4", StringComparison.Ordinal));
        await using var brief = await PlainConnection.OpenAsync(node);
        await using var full = await PlainConnection.OpenAsync(node);
        var count = 0;
        foreach (var path in names.SelectMany(n => new[] { $"/hls/live/{n}", $"/hls/live/~{grant}/{n}" }))
        {
            foreach (var field in new[] { "", "Accept-Encoding: gzip, deflate\r\n", "Accept-Encoding: identity, br,gzip\r\nUser-Agent: player 1\r\nConnection: keep-alive\r\nOrigin: https://example.org\r\n" })
            {
                var before = express.Answers;
                var first = await brief.AskAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n{field}\r\n");
                Assert.Equal(before + 1, express.Answers);
                var second = await full.AskAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n{TheLongWay}{field}\r\n");
                Assert.Equal(before + 1, express.Answers);
                Assert.Equal("HTTP/1.1 200 OK", first!.Status);
                Assert.Equal((first.Status, first.HasDate), (second!.Status, second.HasDate));
                Assert.Equal(first.Headers, second.Headers);
                Assert.True(first.Body.AsSpan().SequenceEqual(second.Body), path);
                count++;
            }
        }

        Assert.True(count > 300, count.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("/hls/live/video-0/index.m3u8?_HLS_msn=99", "400")]
    [InlineData("/hls/live/video-0/index.m3u8?_HLS_part=1", "400")]
    [InlineData("/hls/live/video-0/other.m3u8", "404")]
    [InlineData("/hls/live/video-9/index.m3u8", "404")]
    [InlineData("/hls/nobody/video-0/index.m3u8", "404")]
    [InlineData("/hls/live/~deadbeef/video-0/index.m3u8", "403")]
    public async Task Refusals_are_the_web_server_s_whichever_way_is_asked(string path, string status)
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        await using var brief = await PlainConnection.OpenAsync(node);
        await using var full = await PlainConnection.OpenAsync(node);
        var first = await brief.AskAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        var second = await full.AskAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n{TheLongWay}\r\n");
        Assert.Contains(status, first!.Status, StringComparison.Ordinal);
        Assert.Equal(first.Status, second!.Status);
        Assert.Equal(first.Headers, second.Headers);
        Assert.Equal(Encoding.UTF8.GetString(first.Body), Encoding.UTF8.GetString(second.Body));
    }

    [Fact]
    public async Task Requests_in_pieces_and_several_at_once_are_answered_in_order()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        await using var player = await PlainConnection.OpenAsync(node);
        const string plain = "GET /hls/live/video-0/index.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n";
        await player.WriteAsync(plain + plain + plain[..30]);
        var first = await player.ReadAsync();
        var second = await player.ReadAsync();
        await player.WriteAsync(plain[30..]);
        var third = await player.ReadAsync();

        // One that is the web server's, one behind it in the same bytes, and one later: the connection stays there.
        await player.WriteAsync("GET /hls/live/video-0/index.m3u8 HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"other\"\r\n\r\n" + plain);
        var fourth = await player.ReadAsync();
        var fifth = await player.ReadAsync();
        foreach (var other in new[] { second, third, fourth, fifth, await player.AskAsync(plain) })
        {
            Assert.Equal(first!.Status, other!.Status);
            Assert.Equal(first.Headers, other.Headers);
            Assert.Equal(first.Body, other.Body);
        }
    }

    // Whatever could make two servers disagree about where a request ends is refused by the one that knows all of HTTP, behind a request that went the short way.
    [Theory]
    [InlineData("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("Content-Length : 5\r\n\r\nhello", "400")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400")]
    [InlineData("Content-Length: -1\r\n\r\n", "400")]
    [InlineData("Host: y\r\n\r\n", "400")]
    [InlineData("X: a\r\n folded\r\n\r\n", "400")]
    [InlineData("X\0: a\r\n\r\n", "400")]
    [InlineData("X: a\0\r\n\r\n", "400")]
    public async Task What_is_not_a_request_is_refused_by_the_web_server(string rest, string status)
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        await using var attacker = await PlainConnection.OpenAsync(node);
        Assert.Equal("HTTP/1.1 200 OK", (await attacker.AskAsync("GET /hls/live/video-0/index.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n"))!.Status);
        var answer = await attacker.AskAsync("GET /hls/live/video-0/index.m3u8 HTTP/1.1\r\nHost: x\r\n" + rest);
        Assert.Contains(status, answer!.Status, StringComparison.Ordinal);
        Assert.Null(await attacker.ReadAsync());
    }

    // A body belongs to its request: what is in it is never taken for one.
    [Theory]
    [InlineData("Content-Length: 54\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n36\r\n")]
    public async Task A_body_is_not_taken_for_a_request(string framing)
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        await using var attacker = await PlainConnection.OpenAsync(node);
        const string hidden = "GET /hls/live/audio-0/index.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n";
        Assert.Equal(54, hidden.Length);
        var end = framing.Contains("chunked", StringComparison.Ordinal) ? "\r\n0\r\n\r\n" : "";
        await attacker.WriteAsync("GET /hls/live/video-0/index.m3u8 HTTP/1.1\r\nHost: x\r\n" + framing + hidden + end + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("#EXTM3U", Encoding.UTF8.GetString((await attacker.ReadAsync())!.Body), StringComparison.Ordinal);
        var second = await attacker.ReadAsync();
        Assert.DoesNotContain("#EXTM3U", Encoding.UTF8.GetString(second!.Body), StringComparison.Ordinal);
        Assert.Null(await attacker.ReadAsync());
    }

    [Fact]
    public async Task Other_spellings_of_a_target_are_the_web_server_s_to_read()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        var express = node.Host.App.Services.GetRequiredService<HlsExpress>();
        var before = express.Answers;
        foreach (var target in new[] { "http://x/hls/live/video-0/index.m3u8", "/hls/live/video%2D0/index.m3u8", "/hls/live/./video-0/index.m3u8", "/hls/x/../live/video-0/index.m3u8" })
        {
            await using var player = await PlainConnection.OpenAsync(node);
            Assert.Equal("HTTP/1.1 200 OK", (await player.AskAsync($"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"))!.Status);
        }

        Assert.Equal(before, express.Answers);
    }

    [GeneratedRegex("[a-z0-9]+(\\.\\d+)+\\.m4s|[a-z0-9]+\\.i\\d+\\.mp4")]
    private static partial Regex Media();
}
