using System.Net.Sockets;
using System.Text;
using Sluice.Outputs.Hls;
using Sluice.Server.Hls;

namespace Sluice.Server.Tests.Hls;

public sealed class ExpressRequestTests
{
    private const string Plain = "GET /hls/live/video-0/index.m3u8?_HLS_msn=3 HTTP/1.1\r\nHost: x\r\nUser-Agent: player 1\r\nAccept-Encoding: gzip, br\r\n\r\n";

    [Fact]
    public void A_player_s_request_is_read()
    {
        Assert.Equal(ExpressReading.Request, ExpressRequest.Read(Encoding.ASCII.GetBytes(Plain + "GET /next"), out var request));
        Assert.Equal("/hls/live/video-0/index.m3u8", Encoding.ASCII.GetString(request.Path));
        Assert.Equal("_HLS_msn=3", Encoding.ASCII.GetString(request.Query));
        Assert.Equal("player 1", Encoding.ASCII.GetString(request.UserAgent));
        Assert.Equal(HlsEncoding.Brotli, request.Encoding);
        Assert.Equal(Plain.Length, request.Length);
    }

    [Fact]
    public void Every_beginning_of_it_asks_for_more()
    {
        for (var length = 1; length < Plain.Length; length++)
        {
            Assert.Equal(ExpressReading.More, ExpressRequest.Read(Encoding.ASCII.GetBytes(Plain[..length]), out _));
        }
    }

    [Theory]
    [InlineData("POST /hls/a/b/c HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /whip/a HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.0\r\nHost: x\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")]
    [InlineData("GET /hls/a/b/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /hls/a/../c HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /hls/a/b/c d HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /hls/a/b/c\u0001 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\nEvil: y\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public void Anything_odd_is_left_to_the_web_server(string text) =>
        Assert.Equal(ExpressReading.Other, ExpressRequest.Read(Encoding.Latin1.GetBytes(text), out _));

    [Fact]
    public void A_head_without_end_is_not_collected_for_ever() =>
        Assert.Equal(ExpressReading.Other, ExpressRequest.Read(Encoding.ASCII.GetBytes(Plain[..^2] + "X: " + new string('x', 5000)), out _));

    [Theory]
    [InlineData("gzip, deflate", HlsEncoding.Gzip)]
    [InlineData("gzip;q=0", HlsEncoding.Identity)]
    [InlineData("br;q=0, gzip", HlsEncoding.Identity)]
    [InlineData("identity", HlsEncoding.Identity)]
    public void Encodings_are_taken_only_where_they_are_plainly_wanted(string accepted, HlsEncoding encoding)
    {
        Assert.Equal(ExpressReading.Request, ExpressRequest.Read(Encoding.ASCII.GetBytes($"GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {accepted}\r\n\r\n"), out var request));
        Assert.Equal(encoding, request.Encoding);
    }

    [Fact]
    public async Task Both_ways_give_the_same_answers_on_one_connection()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(node.Host.LocalUrl.Host, node.Host.LocalUrl.Port);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.Latin1);

        // Two at once; then one with a header that is the web server's business, and one behind it.
        var plain = "GET /hls/live/video-0/index.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
        await stream.WriteAsync((byte[])[.. plain, .. plain]);
        var first = await ReadAsync(reader);
        var second = await ReadAsync(reader);
        Assert.Equal((first.Status, first.Body), (second.Status, second.Body));
        await stream.WriteAsync("GET /hls/live/video-0/index.m3u8 HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"other\"\r\n\r\n"u8.ToArray());
        var third = await ReadAsync(reader);
        await stream.WriteAsync(plain);
        Assert.Equal(third.Body, (await ReadAsync(reader)).Body);
        Assert.Equal(first.Body, third.Body);
        Assert.Equal(first.Headers.Order(), third.Headers.Order());
    }

    private static async Task<(string Status, string[] Headers, string Body)> ReadAsync(StreamReader reader)
    {
        var status = await reader.ReadLineAsync();
        var headers = new List<string>();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            // The second may have changed between two answers.
            if (!line.StartsWith("Date:", StringComparison.Ordinal)) headers.Add(line);
        }

        var length = int.Parse(headers.Single(h => h.StartsWith("Content-Length: ", StringComparison.Ordinal))["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        var body = new char[length];
        await reader.ReadBlockAsync(body);
        return (status!, [.. headers], new string(body));
    }
}
