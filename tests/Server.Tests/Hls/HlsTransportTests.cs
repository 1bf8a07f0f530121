using System.Net;
using System.Text.RegularExpressions;
using Sluice.Testing.Transport;

namespace Sluice.Server.Tests.Hls;

public sealed partial class HlsTransportTests
{
    private const string Video = "/hls/live/video-0/ts.m3u8";

    [Fact]
    public async Task Old_players_find_pictures_and_sound_in_one_file()
    {
        await using var node = await RunningNode.StartAsync("--Hls:MpegTs=true");
        await LiveSource.StartAsync(node);
        var master = (await node.SendAsync("GET", "/hls/live/ts.m3u8")).Body;
        Assert.StartsWith("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:BANDWIDTH=", master, StringComparison.Ordinal);
        Assert.Contains("CODECS=\"avc1.64001e,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=30.000,CLOSED-CAPTIONS=NONE\nvideo-0/ts.m3u8\n", master, StringComparison.Ordinal);

        var reply = await node.SendAsync("GET", Video);
        Assert.Equal("application/vnd.apple.mpegurl", reply.Type);
        Assert.DoesNotContain("PART", reply.Body, StringComparison.Ordinal);
        Assert.Contains("#EXT-X-MEDIA-SEQUENCE:0\n", reply.Body, StringComparison.Ordinal);
        var names = NamesIn(reply.Body);
        Assert.Equal(3, names.Length);

        var reader = new TransportReader();
        var units = new List<TransportUnit>();
        foreach (var name in names)
        {
            using var answer = await node.Client.GetAsync($"/hls/live/video-0/{name}");
            Assert.Equal("video/mp2t", answer.Content.Headers.ContentType!.MediaType);
            Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl!.ToString());
            units.AddRange(reader.Read(await answer.Content.ReadAsByteArrayAsync()));
        }

        // Six seconds: every picture once, sound up to where the picture ends, and both on one time line.
        var pictures = units.FindAll(u => u.Type == 0x1b);
        Assert.Equal(180, pictures.Count);
        Assert.Equal(3, pictures.Count(u => u.IsRandomAccess));
        var sounds = units.FindAll(u => u.Type == 0x0f);
        Assert.InRange(sounds[0].Presentation - pictures[0].Presentation, -2000, 2000);
        var words = System.Text.Encoding.Latin1.GetString([.. sounds.SelectMany(u => u.Payload)]);
        Assert.Equal(Enumerable.Range(0, 281), Word().Matches(words).Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Take(281));
    }

    [Fact]
    public async Task A_segment_is_the_same_bytes_whoever_asks_and_may_be_asked_for_in_ranges()
    {
        await using var node = await RunningNode.StartAsync("--Hls:MpegTs=true");
        var source = await LiveSource.StartAsync(node);
        var name = NamesIn((await node.SendAsync("GET", Video)).Body)[0];
        var url = $"/hls/live/video-0/{name}";
        var bytes = await node.Client.GetByteArrayAsync(url);
        await source.PlayAsync(4);
        Assert.Equal(5, NamesIn((await node.SendAsync("GET", Video)).Body).Length);
        Assert.Equal(bytes, await node.Client.GetByteArrayAsync(url));
        var part = await node.SendAsync("GET", url, headers: ("Range", "bytes=0-187"));
        Assert.Equal((HttpStatusCode.PartialContent, "188"), (part.Status, part.Header("Content-Length")));
    }

    [Fact]
    public async Task It_is_off_unless_it_was_switched_on()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", Video)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", "/hls/live/ts.m3u8")).Status);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", "/hls/live/index.m3u8")).Status);
    }

    [Theory]
    [InlineData("audio-0/ts.m3u8")]
    [InlineData("video-0/x.0.ts")]
    [InlineData("video-0/TAG.1000.ts")]
    [InlineData("video-0/TAG.00.ts")]
    [InlineData("nothing/ts.m3u8")]
    public async Task What_does_not_exist_is_not_found(string path)
    {
        await using var node = await RunningNode.StartAsync("--Hls:MpegTs=true");
        var source = await LiveSource.StartAsync(node);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", Video)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", $"/hls/live/{path.Replace("TAG", source.Video.Names.Tag, StringComparison.Ordinal)}")).Status);
    }

    [Fact]
    public async Task A_segment_that_no_playlist_has_listed_is_not_made()
    {
        await using var node = await RunningNode.StartAsync("--Hls:MpegTs=true");
        var source = await LiveSource.StartAsync(node);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", $"/hls/live/video-0/{source.Video.Names.Transport(0)}")).Status);
    }

    [Fact]
    public async Task A_private_channel_asks_for_its_token_and_goes_on_with_a_grant()
    {
        await using var node = await RunningNode.StartAsync("--Hls:MpegTs=true");
        var (id, _) = await node.CreateChannelAsync("Secret", isPrivate: true);
        await LiveSource.StartAsync(node, channelId: id);
        var token = (await node.OperateAsync("POST", $"/api/v1/channels/{id}/watch-tokens", """{"label":"a"}""")).Json.GetProperty("token").GetString();
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync("GET", $"/hls/{id}/ts.m3u8")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync("GET", $"/hls/{id}/video-0/ts.m3u8")).Status);
        var master = await node.SendAsync("GET", $"/hls/{id}/ts.m3u8?token={token}");
        var uri = master.Body.Split('\n').Single(l => l.EndsWith("/video-0/ts.m3u8", StringComparison.Ordinal));
        Assert.StartsWith("~", uri, StringComparison.Ordinal);
        var playlist = await node.SendAsync("GET", $"/hls/{id}/{uri}");
        var name = NamesIn(playlist.Body)[0];
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync("GET", $"/hls/{id}/video-0/{name}")).Status);
        var media = await node.SendAsync("GET", $"/hls/{id}/{uri.Replace("ts.m3u8", name, StringComparison.Ordinal)}");
        Assert.Equal(HttpStatusCode.OK, media.Status);
        Assert.Contains("private", media.Header("Cache-Control"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_playlist_ends_with_the_stream()
    {
        await using var node = await RunningNode.StartAsync("--Hls:MpegTs=true", "--Hls:ReturnGraceSeconds=0");
        var source = await LiveSource.StartAsync(node);
        Assert.DoesNotContain("ENDLIST", (await node.SendAsync("GET", Video)).Body, StringComparison.Ordinal);
        source.End();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!source.Video.IsEnded)
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        var body = (await node.SendAsync("GET", Video)).Body;
        Assert.EndsWith("#EXT-X-ENDLIST\n", body, StringComparison.Ordinal);
        Assert.Equal(4, NamesIn(body).Length);
    }

    private static string[] NamesIn(string playlist) => [.. playlist.Split('\n').Where(l => l.EndsWith(".ts", StringComparison.Ordinal))];

    [GeneratedRegex("sound (\\d+)")]
    private static partial Regex Word();
}
