using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Control.Live;
using Sluice.Outputs.Recordings;
using Sluice.Testing.Media;

namespace Sluice.Server.Tests.Recordings;

/// <summary>Recordings over HTTP, on a whole node.</summary>
public sealed class RecordingApiTests : IAsyncLifetime
{
    private RunningNode _node = null!;
    private NodeRecorder _recorder = null!;

    public async Task InitializeAsync()
    {
        _node = await RunningNode.StartAsync("--Recording:ReserveBytes=1M");
        _recorder = new NodeRecorder(_node);
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    private T Get<T>()
        where T : notnull => _node.Host.App.Services.GetRequiredService<T>();

    [FfmpegFact]
    public async Task A_channel_that_records_lists_plays_and_deletes_what_was_streamed()
    {
        var set = await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"record":true}""");
        Assert.True(set.Json.GetProperty("record").GetBoolean());
        var id = await _recorder.RecordAsync("live", "h264b+aac");

        var list = await _node.SendAsync("GET", "/api/v1/recordings?channel=live");
        var entry = Assert.Single(list.Json.GetProperty("recordings").EnumerateArray());
        Assert.Equal(id, entry.GetProperty("id").GetString());
        var one = (await _node.SendAsync("GET", $"/api/v1/recordings/{id}")).Json;
        Assert.Equal("ready", one.GetProperty("state").GetString());
        Assert.InRange(one.GetProperty("duration").GetDouble(), 3.9, 4.2);
        var tracks = one.GetProperty("tracks").EnumerateArray().ToList();
        Assert.Equal(["video", "audio"], tracks.Select(t => t.GetProperty("kind").GetString()));
        Assert.StartsWith("avc1.", tracks[0].GetProperty("codecString").GetString(), StringComparison.Ordinal);
        Assert.Equal(192, tracks[0].GetProperty("width").GetInt32());

        // The playlist and the file give the same pictures.
        var expected = Ffmpeg.DecodedFrames(Footage.Of("h264b+aac").File, 'v');
        Assert.Equal(expected, Ffmpeg.DecodedFrames(one.GetProperty("play").GetProperty("mp4").GetString()!, 'v'));
        Assert.Equal(expected, Ffmpeg.DecodedFrames(one.GetProperty("play").GetProperty("hls").GetString()!, 'v'));

        Assert.Equal(401, (int)(await _node.SendAsync("DELETE", $"/api/v1/recordings/{id}")).Status);
        Assert.Equal(403, (int)(await _node.SendAsync("DELETE", $"/api/v1/recordings/{id}", bearer: "nonsense")).Status);
        Assert.Equal(204, (int)(await _node.OperateAsync("DELETE", $"/api/v1/recordings/{id}")).Status);
        (await _node.SendAsync("GET", $"/api/v1/recordings/{id}")).AssertProblem(404);
        (await _node.SendAsync("GET", $"/recordings/{id}/1.mp4")).AssertProblem(404);
        Assert.Empty((await _node.SendAsync("GET", "/api/v1/recordings")).Json.GetProperty("recordings").EnumerateArray());
        Assert.False(Directory.Exists(Get<RecordingLibrary>().FolderOf("live", id)));
    }

    [FfmpegFact]
    public async Task A_file_is_given_out_by_ranges_and_with_a_name()
    {
        await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"record":true}""");
        var id = await _recorder.RecordAsync("live", "h264+aac");
        var whole = await _node.Client.GetByteArrayAsync($"/recordings/{id}/1.mp4");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/recordings/{id}/1.mp4?download=1");
        request.Headers.Range = new(100, 299);
        using var part = await _node.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(whole[100..300], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal(whole.Length, part.Content.Headers.ContentRange!.Length);
        var name = part.Content.Headers.ContentDisposition!.FileName!;
        Assert.Matches("^\"?live-[0-9]{8}T[0-9]{6}Z\\.mp4\"?$", name);
        Assert.Equal("video/mp4", part.Content.Headers.ContentType!.MediaType);

        using var last = new HttpRequestMessage(HttpMethod.Get, $"/recordings/{id}/1.mp4");
        last.Headers.Range = new(null, 10);
        using var tail = await _node.Client.SendAsync(last);
        Assert.Equal(whole[^10..], await tail.Content.ReadAsByteArrayAsync());

        using var beyond = new HttpRequestMessage(HttpMethod.Get, $"/recordings/{id}/1.mp4");
        beyond.Headers.Range = new(whole.Length, null);
        using var refused = await _node.Client.SendAsync(beyond);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, refused.StatusCode);

        using var known = new HttpRequestMessage(HttpMethod.Get, $"/recordings/{id}/1.mp4");
        known.Headers.IfNoneMatch.Add(tail.Headers.ETag!);
        using var unchanged = await _node.Client.SendAsync(known);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [FfmpegFact]
    public async Task Recording_is_started_and_stopped_by_hand_by_the_owner_or_the_operator()
    {
        (await _node.OperateAsync("POST", "/api/v1/streams/live/recording")).AssertProblem(404);
        var stream = _recorder.Publish("live", "h264+aac", out var channel);
        (await _node.SendAsync("POST", "/api/v1/streams/live/recording")).AssertProblem(401);
        Assert.Equal(202, (int)(await _node.SendAsync("POST", "/api/v1/streams/live/recording", bearer: _node.Key)).Status);
        _recorder.Until(() => Get<RecordingOutput>().IsRecording("live"));
        _recorder.Play(stream, channel);
        _recorder.Until(() => Get<RecordingLibrary>().FindRunning("live") is { } running && running.Duration > TimeSpan.FromSeconds(2));
        var status = (await _node.OperateAsync("GET", "/api/v1/streams/live/recording")).Json;
        Assert.True(status.GetProperty("recording").GetBoolean());
        var id = status.GetProperty("id").GetString()!;
        Assert.Equal("recording", (await _node.SendAsync("GET", $"/api/v1/recordings/{id}")).Json.GetProperty("state").GetString());
        (await _node.OperateAsync("DELETE", $"/api/v1/recordings/{id}")).AssertProblem(409);

        // What grows can be played already.
        var playlist = (await _node.SendAsync("GET", $"/recordings/{id}/index.m3u8")).Body;
        Assert.Contains("#EXT-X-PLAYLIST-TYPE:EVENT", playlist, StringComparison.Ordinal);
        Assert.DoesNotContain("ENDLIST", playlist, StringComparison.Ordinal);

        var finished = _recorder.FinishedOnce();
        Assert.Equal(202, (int)(await _node.OperateAsync("DELETE", "/api/v1/streams/live/recording")).Status);
        Assert.Equal(id, (await finished).Id);
        Assert.NotNull(channel.Stream);
        Assert.False((await _node.OperateAsync("GET", "/api/v1/streams/live/recording")).Json.GetProperty("recording").GetBoolean());
        Assert.Contains("#EXT-X-ENDLIST", (await _node.SendAsync("GET", $"/recordings/{id}/index.m3u8")).Body, StringComparison.Ordinal);
    }

    [FfmpegFact]
    public async Task Recordings_of_private_channels_are_for_those_who_may_watch()
    {
        var (channel, key) = await _node.CreateChannelAsync("Hidden", isPrivate: true);
        await _node.OperateAsync("PATCH", $"/api/v1/channels/{channel}", """{"record":true}""");
        var token = (await _node.OperateAsync("POST", $"/api/v1/channels/{channel}/watch-tokens")).Json.GetProperty("token").GetString()!;
        var id = await _recorder.RecordAsync(channel, "h264+aac");
        foreach (var path in new[] { $"/api/v1/recordings/{id}", $"/api/v1/recordings?channel={channel}", $"/recordings/{id}/index.m3u8", $"/recordings/{id}/1.mp4", $"/recordings/{id}/1/init.mp4" })
        {
            (await _node.SendAsync("GET", path)).AssertProblem(401);
            (await _node.SendAsync("GET", path, bearer: "wrong")).AssertProblem(403);
            Assert.Equal(200, (int)(await _node.SendAsync("GET", path, bearer: token)).Status);
            Assert.Equal(200, (int)(await _node.SendAsync("GET", path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + $"token={token}")).Status);
            Assert.Equal(200, (int)(await _node.OperateAsync("GET", path)).Status);
        }

        Assert.Empty((await _node.SendAsync("GET", "/api/v1/recordings")).Json.GetProperty("recordings").EnumerateArray());
        Assert.Single((await _node.OperateAsync("GET", "/api/v1/recordings")).Json.GetProperty("recordings").EnumerateArray());

        // The token goes with every address of the playlist, so that it plays.
        var expected = Ffmpeg.DecodedFrames(Footage.Of("h264+aac").File, 'v');
        Assert.Equal(expected, Ffmpeg.DecodedFrames(new Uri(_node.Client.BaseAddress!, $"/recordings/{id}/index.m3u8?token={token}").ToString(), 'v'));

        // Elements send no header: their addresses carry a grant instead of the token.
        foreach (var who in new[] { token, RunningNode.OperatorToken, key })
        {
            var opened = await _node.SendAsync("POST", $"/api/v1/recordings/{id}/viewings", bearer: who);
            if (who == key)
            {
                opened.AssertProblem(403);
                continue;
            }

            Assert.Equal(201, (int)opened.Status);
            Assert.DoesNotContain(who, opened.Body, StringComparison.Ordinal);
            Assert.Equal("no-store", opened.Header("Cache-Control"));
            var hls = opened.Json.GetProperty("play").GetProperty("hls").GetString()!;
            Assert.Equal(expected, Ffmpeg.DecodedFrames(hls, 'v'));
            foreach (var address in new[] { hls, opened.Json.GetProperty("play").GetProperty("mp4").GetString()!, opened.Json.GetProperty("parts")[0].GetProperty("download").GetString()! })
            {
                Assert.Matches("[?&]grant=[0-9a-f]{32}", address);
                Assert.Equal(200, (int)(await _node.SendAsync("GET", address)).Status);
                (await _node.SendAsync("GET", address.Replace("grant=", "grant=0", StringComparison.Ordinal))).AssertProblem(403);
            }
        }

        (await _node.SendAsync("POST", $"/api/v1/recordings/{id}/viewings")).AssertProblem(401);
        (await _node.SendAsync("POST", $"/api/v1/recordings/{id}/viewings", bearer: "wrong")).AssertProblem(403);
        var last = (await _node.SendAsync("POST", $"/api/v1/recordings/{id}/viewings", bearer: token)).Json.GetProperty("play").GetProperty("mp4").GetString()!;
        var (other, _) = await _node.CreateChannelAsync("Other", isPrivate: true);
        await _node.OperateAsync("PATCH", $"/api/v1/channels/{other}", """{"record":true}""");
        var foreign = await _recorder.RecordAsync(other, "h264+aac");
        (await _node.SendAsync("GET", last.Replace(id, foreign, StringComparison.Ordinal))).AssertProblem(403);
        var tokens = (await _node.OperateAsync("GET", $"/api/v1/channels/{channel}/watch-tokens")).Json;
        var tokenId = tokens.GetProperty("watchTokens")[0].GetProperty("id").GetString();
        Assert.Equal(204, (int)(await _node.OperateAsync("DELETE", $"/api/v1/channels/{channel}/watch-tokens/{tokenId}")).Status);
        (await _node.SendAsync("GET", last)).AssertProblem(403);

        // The owner's key deletes, a watcher's token does not.
        (await _node.SendAsync("DELETE", $"/api/v1/recordings/{id}", bearer: token)).AssertProblem(403);
        Assert.Equal(204, (int)(await _node.SendAsync("DELETE", $"/api/v1/recordings/{id}", bearer: key)).Status);
    }

    [FfmpegFact]
    public async Task A_clip_is_played_by_HLS_and_has_a_picture()
    {
        await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"record":true}""");
        var id = await _recorder.RecordAsync("live", "h264b+aac");
        var finished = _recorder.FinishedOnce();
        var begun = await _node.OperateAsync("POST", $"/api/v1/recordings/{id}/clips", """{"start":1.5,"end":3}""");
        Assert.Equal(201, (int)begun.Status);
        Assert.Equal(begun.Json.GetProperty("id").GetString(), (await finished).Id);
        var clip = (await _node.SendAsync("GET", $"/api/v1/recordings/{(await finished).Id}")).Json;
        var play = clip.GetProperty("play");
        Assert.Equal(1.5, clip.GetProperty("duration").GetDouble(), 0.05);
        var playlist = (await _node.SendAsync("GET", play.GetProperty("hls").GetString()!)).Body;
        Assert.Contains("#EXT-X-ENDLIST", playlist, StringComparison.Ordinal);
        var lead = double.Parse(playlist.Split("TIME-OFFSET=")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);

        // Decoding begins at the key picture of second 1, and what is shown from the playlist's start on is what the file shows.
        Assert.Equal(0.5, lead, 0.1);
        var file = Ffmpeg.DecodedFrames(play.GetProperty("mp4").GetString()!, 'v');
        var all = Ffmpeg.DecodedFrames(play.GetProperty("hls").GetString()!, 'v');
        var begin = Array.IndexOf(all, file[0]);
        Assert.InRange(begin, 11, 13);
        Assert.Equal(file, all[begin..(begin + file.Length)]);

        // What the last pictures shown were coded from is there too.
        Assert.InRange(all.Length - begin - file.Length, 0, 2);
        Assert.Equal(Ffmpeg.DecodedFrames(Footage.Of("h264b+aac").File, 'v')[25..(25 + all.Length)], all);
        _recorder.Until(() => _node.SendAsync("GET", $"/recordings/{clip.GetProperty("id").GetString()}/1/poster.jpg").Result.Status == HttpStatusCode.OK);
    }

    [FfmpegFact]
    public async Task Metrics_tell_of_recordings()
    {
        await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"record":true}""");
        var id = await _recorder.RecordAsync("live", "h264+aac");
        var text = (await _node.SendAsync("GET", "/metrics")).Body;
        Assert.Contains("\nsluice_recordings 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\nsluice_recording_faults_total 0\n", text, StringComparison.Ordinal);
        Assert.Contains($"\nsluice_recording_disk_reserve_bytes {1 << 20}\n", text, StringComparison.Ordinal);
        Assert.Matches("\nsluice_recording_disk_free_bytes [1-9][0-9E+.]*\n", text);
        Assert.DoesNotContain("uploads", text, StringComparison.Ordinal);
        var written = double.Parse(text.Split("\nsluice_recording_bytes_total ")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);

        // All of the file but the table that was put behind it.
        Assert.InRange(written, Get<RecordingLibrary>().Find(id)!.Size * 0.7, Get<RecordingLibrary>().Find(id)!.Size);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("..%2f..%2fsluice.db")]
    [InlineData("%2e%2e%2f%2e%2e%2fsluice.db")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef%00")]
    [InlineData("live%2f..%2f..%2f..%2fetc")]
    public async Task Ids_that_are_none_lead_nowhere(string id)
    {
        foreach (var path in new[] { $"/api/v1/recordings/{id}", $"/recordings/{id}/index.m3u8", $"/recordings/{id}/1.mp4", $"/recordings/{id}/1/init.mp4", $"/recordings/{id}/..%2f1.mp4", $"/recordings/{id}/-1.mp4" })
        {
            var reply = await _node.OperateAsync("GET", path);
            Assert.True((int)reply.Status is 400 or 404, $"{path}: {reply.Status}");
        }

        Assert.True((int)(await _node.OperateAsync("DELETE", $"/api/v1/recordings/{id}")).Status is 400 or 404 or 405);
        Assert.True((int)(await _node.OperateAsync("POST", $"/api/v1/recordings/{id}/clips", """{"start":0}""")).Status is 400 or 404);
    }

    [FfmpegFact]
    public async Task Who_downloads_while_it_is_deleted_gets_it_whole()
    {
        await _node.OperateAsync("PATCH", "/api/v1/channels/live", """{"record":true}""");
        var id = await _recorder.RecordAsync("live", "h264+aac");
        var whole = await _node.Client.GetByteArrayAsync($"/recordings/{id}/1.mp4");
        using var response = await _node.Client.GetAsync($"/recordings/{id}/1.mp4", HttpCompletionOption.ResponseHeadersRead);
        using var body = await response.Content.ReadAsStreamAsync();
        var beginning = new byte[100];
        await body.ReadExactlyAsync(beginning);
        Assert.Equal(204, (int)(await _node.OperateAsync("DELETE", $"/api/v1/recordings/{id}")).Status);
        using var rest = new MemoryStream();
        await body.CopyToAsync(rest);
        byte[] got = [.. beginning, .. rest.ToArray()];
        Assert.Equal(whole, got);
    }

    [FfmpegFact]
    public async Task A_deleted_channel_takes_its_recordings_along()
    {
        var (channel, _) = await _node.CreateChannelAsync("Short");
        await _node.OperateAsync("PATCH", $"/api/v1/channels/{channel}", """{"record":true}""");
        var id = await _recorder.RecordAsync(channel, "h264+aac");
        Assert.Equal(204, (int)(await _node.OperateAsync("DELETE", $"/api/v1/channels/{channel}")).Status);
        await Get<RecordingFinisher>().SettleAsync();
        (await _node.OperateAsync("GET", $"/api/v1/recordings/{id}")).AssertProblem(404);
        Assert.False(Directory.Exists(Path.Combine(Get<RecordingLibrary>().Root, channel)));
    }
}
