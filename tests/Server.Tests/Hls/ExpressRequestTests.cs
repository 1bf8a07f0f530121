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
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nContent-Length\t: 5\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nTransfer_Encoding: chunked\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nX: a\tb\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nX: \u00e9\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nX: \u007f\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost:\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: a b\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: a@b\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: a:\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: a:8o\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nUser-Agent: a\r\nUser-Agent: b\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nAccept-Encoding: br\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip;q=0\r\n\r\n")]
    [InlineData("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, x\r\n\r\n")]
    [InlineData("GET http://x/hls/a/b/c HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /hls/a/b/c  HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("HEAD /hls/a/b/c HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("get /hls/a/b/c HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\r\nGET /hls/a/b/c HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public void Anything_odd_is_left_to_the_web_server(string text) =>
        Assert.Equal(ExpressReading.Other, ExpressRequest.Read(Encoding.Latin1.GetBytes(text), out _));

    [Fact]
    public void A_head_without_end_is_not_collected_for_ever() =>
        Assert.Equal(ExpressReading.Other, ExpressRequest.Read(Encoding.ASCII.GetBytes(Plain[..^2] + "X: " + new string('x', 5000)), out _));

    [Fact]
    public void As_many_fields_as_the_web_server_takes_and_no_more_are_read()
    {
        static ExpressReading Read(int fields) => ExpressRequest.Read(
            Encoding.ASCII.GetBytes("GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", fields - 1)) + "\r\n"), out _);
        Assert.Equal(ExpressReading.Request, Read(64));
        Assert.Equal(ExpressReading.Other, Read(65));
    }

    [Theory]
    [InlineData("gzip, deflate", HlsEncoding.Gzip)]
    [InlineData("identity", HlsEncoding.Identity)]
    public void Encodings_are_taken_only_where_they_are_plainly_wanted(string accepted, HlsEncoding encoding)
    {
        Assert.Equal(ExpressReading.Request, ExpressRequest.Read(Encoding.ASCII.GetBytes($"GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {accepted}\r\n\r\n"), out var request));
        Assert.Equal(encoding, request.Encoding);
    }
}
