using System.Net;
using Sluice.Control.Live;
using Sluice.Protocols.Media.Codecs.Id3;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Sockets;
using Sluice.Testing.Transport;

namespace Sluice.Server.Tests.Hls;

public sealed class HlsMetadataTests
{
    [Fact]
    public async Task What_is_posted_is_in_the_pictures_that_are_made_then()
    {
        await using var node = await RunningNode.StartAsync("--Hls:MpegTs=true");
        var (id, _) = await node.CreateChannelAsync("Cues");
        var source = await LiveSource.StartAsync(node, channelId: id);
        Assert.Equal(HttpStatusCode.NoContent, (await node.OperateAsync("POST", $"/api/v1/channels/{id}/metadata", """{"name":"score","text":"2:1"}""")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await node.OperateAsync("POST", $"/api/v1/channels/{id}/metadata", """{"name":"com.example","data":"AAEC"}""")).Status);
        await source.PlayAsync(2);

        var found = EventsIn(source);
        Assert.Equal([1u, 2u], found.Select(e => e.Timed.Id));
        Assert.All(found, e => Assert.Equal((TimedEvent.Id3Scheme, 90_000u, uint.MaxValue), (e.Timed.Scheme, e.Timed.Timescale, e.Timed.Duration)));
        Assert.All(found, e => Assert.Equal(3, e.Sequence));
        Assert.Equal(Id3Tag.Text("score", "2:1"), found[0].Timed.Message.ToArray());
        Assert.Equal(Id3Tag.Private("com.example", [0, 1, 2]), found[1].Timed.Message.ToArray());

        // The same as MPEG-TS.
        var playlist = (await node.SendAsync("GET", $"/hls/{id}/video-0/ts.m3u8")).Body;
        var name = playlist.Split('\n').Last(l => l.EndsWith(".ts", StringComparison.Ordinal));
        var tags = new TransportReader().Read(await node.Client.GetByteArrayAsync($"/hls/{id}/video-0/{name}")).FindAll(u => u.Type == 0x15);
        Assert.Equal(found.Select(e => e.Timed.Message.ToArray()), tags.Select(t => t.Payload));
    }

    [Fact]
    public async Task Who_begins_to_package_in_mid_stream_leaves_out_what_was_said_long_before()
    {
        await using var node = await RunningNode.StartAsync();
        var source = await LiveSource.StartAsync(node);
        var (now, wall) = (MonotonicClock.Now, MonotonicClock.ReadWallClock());
        Assert.True(source.Stream.Notes.TryPost(new TimedNote(wall.ToNtp(now) + TimeSpan.FromMinutes(-1), "old") { Text = "x" }, now));
        Assert.True(source.Stream.Notes.TryPost(new TimedNote(wall.ToNtp(now), "new") { Text = "x" }, now));
        await source.PlayAsync(2);
        Assert.Equal([Id3Tag.Text("new", "x")], EventsIn(source).Select(e => e.Timed.Message.ToArray()));
    }

    [Theory]
    [InlineData("""{"name":"","text":"x"}""", 422)]
    [InlineData("""{"name":"a\u0000b","text":"x"}""", 422)]
    [InlineData("""{"name":"a"}""", 422)]
    [InlineData("""{"name":"a","text":"x","data":"AA=="}""", 422)]
    [InlineData("""{"name":"a","data":"not base64!"}""", 400)]
    [InlineData("""{"name":"a","words":"x"}""", 400)]
    [InlineData("""[]""", 400)]
    public async Task What_is_no_metadata_is_refused(string body, int status)
    {
        await using var node = await RunningNode.StartAsync();
        var (id, _) = await node.CreateChannelAsync("Cues");
        Assert.Equal(status, (int)(await node.OperateAsync("POST", $"/api/v1/channels/{id}/metadata", body)).Status);
    }

    [Fact]
    public async Task Size_rate_and_who_may_are_limited()
    {
        await using var node = await RunningNode.StartAsync();
        var (id, key) = await node.CreateChannelAsync("Cues");
        var url = $"/api/v1/channels/{id}/metadata";
        const string body = """{"name":"a","text":"b"}""";
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync("POST", url, body, "application/json")).Status);
        Assert.NotEqual(HttpStatusCode.NoContent, (await node.SendAsync("POST", url, body, "application/json", key)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await node.OperateAsync("POST", url, body)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await node.OperateAsync("POST", "/api/v1/channels/nobody/metadata", body)).Status);

        await LiveSource.StartAsync(node, channelId: id);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await node.OperateAsync("POST", url, $$"""{"name":"a","text":"{{new string('x', 4097)}}"}""")).Status);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 400 && !answers.Contains(HttpStatusCode.TooManyRequests); i++) answers.Add((await node.OperateAsync("POST", url, body)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.True(answers.Count > 20);
    }

    private static List<(long Sequence, TimedEvent Timed)> EventsIn(LiveSource source)
    {
        var found = new List<(long, TimedEvent)>();
        for (var sequence = 0L; source.Video.TryFind(sequence, out var segment); sequence++)
        {
            if (!segment.IsComplete) continue;
            var chunks = new CmafChunkReader(segment.Parts.SelectMany(p => p.Bytes.ToArray()).ToArray());
            while (chunks.TryRead(out var chunk))
            {
                var events = new TimedEventReader(chunk);
                while (events.TryRead(out var timed)) found.Add((sequence, timed));
            }
        }

        return found;
    }
}
