using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using Sluice.Server.Hls;
using Sluice.Testing.Fuzzing;
using HttpMethod = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpMethod;

namespace Sluice.Server.Tests.Hls;

/// <summary>What the short way takes for a request is one to the web server's own parser, with the same target, fields and end; it has no body, and neither sees a second one in it.</summary>
public sealed class ExpressFuzzTests
{
    private static readonly string[] Seeds =
    [
        "GET /hls/live/video-0/index.m3u8?_HLS_msn=3&_HLS_part=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: player 1\r\nAccept-Encoding: gzip, br\r\n\r\n",
        "GET /hls/live/~abc/video-0/k3.7.2.m4s HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nOrigin: https://example.org\r\nReferer: https://example.org/\r\n\r\n",
        "GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\n\r\nGET /hls/a/b/d HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /hls/a/b/c HTTP/1.1\r\nhost:x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        "GET /hls/a/b/c HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nY : c\r\n\tz: d\r\nX\n: e\r\n\r\n",
    ];

    [Fact]
    public void The_web_server_would_read_the_same()
    {
        var taken = 0;
        var folder = Directory.CreateTempSubdirectory("sluice-express-").FullName;
        var target = new FuzzTarget("ExpressRequest", input => taken += Check(input) ? 1 : 0);
        var runner = new FuzzRunner(target, 1, [.. Seeds.Select(Encoding.Latin1.GetBytes)], folder);
        runner.RunSeeds();
        Assert.Equal(3, taken);
        runner.RunMutations(200_000);

        // Most mutations are not requests any more, and that many still are.
        Assert.True(taken > 5000, $"{taken}");
        Directory.Delete(folder, recursive: true);
    }

    private static bool Check(ReadOnlySpan<byte> input)
    {
        var reading = ExpressRequest.Read(input, out var request);
        if (reading != ExpressReading.Request) return false;
        var seen = new Seen();
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(input.ToArray()));
        var parser = new HttpParser<Seen>();
        if (!parser.ParseRequestLine(seen, ref reader) || !parser.ParseHeaders(seen, ref reader)) throw new InvalidOperationException("The web server wants more.");
        if (reader.Consumed != request.Length) throw new InvalidOperationException($"It ends at {reader.Consumed} for the web server, at {request.Length} here.");
        var path = Encoding.Latin1.GetString(request.Path);
        var query = Encoding.Latin1.GetString(request.Query);
        if (seen.Method != HttpMethod.Get || seen.Version != HttpVersion.Http11 || seen.IsEncoded) throw new InvalidOperationException("It is another kind of request.");
        if (seen.Path != path || (seen.Query != query && seen.Query != "?" + query)) throw new InvalidOperationException($"{seen.Path} and {seen.Query} for the web server, {path} and {query} here.");
        if (seen.Fields.Count(f => f.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)) != 1) throw new InvalidOperationException("There is not one host.");
        foreach (var (name, value) in seen.Fields)
        {
            if (name.Trim().ToLowerInvariant().Replace('_', '-') is "content-length" or "transfer-encoding" or "expect" or "upgrade" or "range" or "if-none-match" or "authorization")
                throw new InvalidOperationException($"{name} is the web server's business.");
            if (name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase) && value != Encoding.Latin1.GetString(request.UserAgent)) throw new InvalidOperationException("It comes from another program.");
        }

        return true;
    }

    private sealed class Seen : IHttpRequestLineHandler, IHttpHeadersHandler
    {
        public HttpMethod Method { get; private set; }

        public HttpVersion Version { get; private set; }

        public string Path { get; private set; } = "";

        public string Query { get; private set; } = "";

        public bool IsEncoded { get; private set; }

        public List<(string Name, string Value)> Fields { get; } = [];

        public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
        {
            (Method, Version, IsEncoded) = (versionAndMethod.Method, versionAndMethod.Version, targetPath.IsEncoded);
            Path = Encoding.Latin1.GetString(startLine.Slice(targetPath.Offset, targetPath.Length));
            Query = Encoding.Latin1.GetString(startLine[(targetPath.Offset + targetPath.Length)..]);
        }

        public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Fields.Add((Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value)));

        public void OnHeadersComplete(bool endStream)
        {
        }

        public void OnStaticIndexedHeader(int index) => throw new NotSupportedException();

        public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value) => throw new NotSupportedException();

        public void OnDynamicIndexedHeader(int? index, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => throw new NotSupportedException();
    }
}
