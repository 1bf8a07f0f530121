using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Sluice.Testing.Media;
using Sluice.Testing.Subtitles;

namespace Sluice.Server.Tests.Hls;

public sealed partial class HlsSubtitleTests
{
    private const string Danger = "<script>alert(1)</script>\n\n00:00:00.000 --> 99:00:00.000\n<img src=x onerror=alert(1)> & done";

    [Fact]
    public async Task A_channel_that_declares_no_language_has_none_and_one_that_does_has_it_before_anybody_speaks()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        Assert.DoesNotContain("SUBTITLES", (await node.SendAsync("GET", "/hls/live/index.m3u8")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", "/hls/live/subtitles-en/index.m3u8")).Status);

        var (id, _) = await CaptionedAsync(node, "en", "de-ch");
        await LiveSource.StartAsync(node, channelId: id);
        var master = (await node.SendAsync("GET", $"/hls/{id}/index.m3u8")).Body;
        Assert.Contains("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"en\",LANGUAGE=\"en\",AUTOSELECT=YES,URI=\"subtitles-en/index.m3u8\"\n", master, StringComparison.Ordinal);
        Assert.Contains("NAME=\"de-CH\",LANGUAGE=\"de-CH\",AUTOSELECT=YES,URI=\"subtitles-de-ch/index.m3u8\"\n", master, StringComparison.Ordinal);
        Assert.Contains(",SUBTITLES=\"subtitles\"", master, StringComparison.Ordinal);

        // The same segments as the pictures', and each knows how far the others are.
        var text = (await node.SendAsync("GET", $"/hls/{id}/subtitles-en/index.m3u8")).Body;
        var pictures = (await node.SendAsync("GET", $"/hls/{id}/video-0/index.m3u8")).Body;
        Assert.Equal(Timing().Matches(pictures).Select(m => m.Value), Timing().Matches(text).Select(m => m.Value));
        Assert.Contains("#EXT-X-RENDITION-REPORT:URI=\"../video-0/index.m3u8\"", text, StringComparison.Ordinal);
        Assert.Contains("#EXT-X-RENDITION-REPORT:URI=\"../subtitles-en/index.m3u8\"", pictures, StringComparison.Ordinal);
        Assert.DoesNotContain("EXT-X-MAP", text, StringComparison.Ordinal);
        Assert.Contains("URI=\"../subtitles-de-ch/rewind.m3u8\"", (await node.SendAsync("GET", $"/hls/{id}/subtitles-en/rewind.m3u8")).Body, StringComparison.Ordinal);
    }

    [FfmpegFact]
    public async Task What_is_posted_is_read_back_by_ffmpeg_at_the_time_of_its_pictures()
    {
        await using var node = await RunningNode.StartAsync();
        var (id, key) = await CaptionedAsync(node, "en", "de");
        var source = await LiveSource.StartAsync(node, channelId: id);
        var from = source.Video.Segmenter.Position;
        Assert.Equal(HttpStatusCode.NoContent, await SayAsync(node, id, "plain words", ",\"seconds\":3", key));
        Assert.Equal(HttpStatusCode.NoContent, await SayAsync(node, id, "Wörter", ",\"seconds\":2,\"language\":\"de-AT\"", RunningNode.OperatorToken));
        Assert.Equal(HttpStatusCode.NoContent, await SayAsync(node, id, Danger, ",\"seconds\":3,\"language\":\"en\"", key));
        await source.PlayAsync(8);

        var (cues, files) = await ReadAsync(node, $"/hls/{id}/subtitles-en/");
        Assert.Equal(["plain words", "<script>alert(1)</script>\n00:00:00.000 --> 99:00:00.000\n<img src=x onerror=alert(1)> & done"], cues.Select(c => c.Plain));

        // This source is faster than the clock: what is said now is late, and appears with the part that is being made.
        Assert.All(cues, c => Assert.InRange(c.From - from / 1000, -200, 200));
        Assert.All(cues, c => Assert.Equal((3000, ""), (c.To - c.From, c.Settings)));
        var german = Assert.Single((await ReadAsync(node, $"/hls/{id}/subtitles-de/")).Cues);
        Assert.Equal(("Wörter", 2000), (german.Plain, german.To - german.From));

        // The whole segments as a stranger reads them.
        foreach (var file in files)
        {
            Assert.Equal(VttReader.Read(file, out _).Select(c => (c.From, c.To - c.From)), Probe(file));
        }
    }

    [Fact]
    public async Task Parts_come_with_those_of_the_pictures_and_blocking_waits_for_them()
    {
        await using var node = await RunningNode.StartAsync();
        var (id, key) = await CaptionedAsync(node, "en");
        var source = await LiveSource.StartAsync(node, 6.5, id);
        Assert.Equal(HttpStatusCode.NoContent, await SayAsync(node, id, "soon", "", key));
        var folder = $"/hls/{id}/subtitles-en/";
        var waiting = node.SendAsync("GET", folder + "index.m3u8?_HLS_msn=3&_HLS_part=4");
        var hinted = Hint().Match((await node.SendAsync("GET", folder + "index.m3u8")).Body).Groups[1].Value;
        var growing = node.Client.GetAsync(folder + hinted);
        await source.PlayAsync(1);
        Assert.Contains(".3.4.vtt\"", (await waiting).Body, StringComparison.Ordinal);
        using var part = await growing;
        Assert.Equal("text/vtt", part.Content.Headers.ContentType!.ToString());
        Assert.Equal("public, max-age=31536000, immutable", part.Headers.CacheControl!.ToString());
        var bytes = await part.Content.ReadAsStringAsync();
        Assert.Equal(["soon"], VttReader.Read(bytes, out _).Select(c => c.Plain));

        // The short way and the long way say the same.
        using var conditional = new HttpRequestMessage(HttpMethod.Get, folder + hinted);
        conditional.Headers.TryAddWithoutValidation("If-None-Match", "\"another\"");
        using var again = await node.Client.SendAsync(conditional);
        Assert.Equal((bytes, "text/vtt"), (await again.Content.ReadAsStringAsync(), again.Content.Headers.ContentType!.ToString()));
    }

    [Fact]
    public async Task Languages_come_and_go_while_the_stream_is_on()
    {
        await using var node = await RunningNode.StartAsync();
        var (id, key) = await CaptionedAsync(node);
        var source = await LiveSource.StartAsync(node, channelId: id);
        Assert.Equal(HttpStatusCode.Conflict, await SayAsync(node, id, "x", "", key));
        await node.OperateAsync("PATCH", $"/api/v1/channels/{id}", """{"subtitles":["fr","it"]}""");
        await source.PlayAsync(2);
        Assert.Equal(HttpStatusCode.NoContent, await SayAsync(node, id, "bonjour", ",\"language\":\"fr\"", key));
        await source.PlayAsync(4);
        Assert.Contains("subtitles-fr/", (await node.SendAsync("GET", $"/hls/{id}/index.m3u8")).Body, StringComparison.Ordinal);
        var (cues, _) = await ReadAsync(node, $"/hls/{id}/subtitles-fr/");
        Assert.Equal(["bonjour"], cues.Select(c => c.Plain));

        await node.OperateAsync("PATCH", $"/api/v1/channels/{id}", """{"subtitles":["fr"],"title":"Still on"}""");
        await source.PlayAsync(0.5);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", $"/hls/{id}/subtitles-it/index.m3u8")).Status);
        Assert.Equal(["bonjour"], (await ReadAsync(node, $"/hls/{id}/subtitles-fr/")).Cues.Select(c => c.Plain));
    }

    [Fact]
    public async Task A_publisher_who_comes_back_goes_on_in_the_same_playlist_behind_a_discontinuity()
    {
        await using var node = await RunningNode.StartAsync();
        var (id, key) = await CaptionedAsync(node, "en");
        var source = await LiveSource.StartAsync(node, channelId: id);
        source.End();
        source = await LiveSource.StartAsync(node, 4.5, id);
        await SayAsync(node, id, "again", "", key);
        await source.PlayAsync(4);
        var text = (await node.SendAsync("GET", $"/hls/{id}/subtitles-en/index.m3u8")).Body;
        var pictures = (await node.SendAsync("GET", $"/hls/{id}/video-0/index.m3u8")).Body;
        Assert.Equal(Timing().Matches(pictures).Select(m => m.Value), Timing().Matches(text).Select(m => m.Value));
        Assert.Contains("#EXT-X-DISCONTINUITY\n", text, StringComparison.Ordinal);
        Assert.Equal(["again"], (await ReadAsync(node, $"/hls/{id}/subtitles-en/")).Cues.Select(c => c.Plain));
    }

    [Theory]
    [InlineData("aes-128")]
    [InlineData("sample-aes")]
    public async Task Encrypted_they_are_text_again_with_the_key(string encryption)
    {
        await using var node = await RunningNode.StartAsync($"--Hls:Encryption={encryption}");
        var (id, key) = await CaptionedAsync(node, "en");
        var source = await LiveSource.StartAsync(node, channelId: id);
        await SayAsync(node, id, "secret words", ",\"seconds\":3", key);
        await source.PlayAsync(4);
        var folder = $"/hls/{id}/subtitles-en/";
        var playlist = (await node.SendAsync("GET", folder + "index.m3u8")).Body;
        var secret = await node.Client.GetByteArrayAsync(folder + KeyUri().Match(playlist).Groups[1].Value);
        var name = Whole().Matches(playlist)[3].Value;
        var vector = new byte[16];
        vector[15] = 3;
        using var cipher = Aes.Create();
        cipher.Key = secret;
        var plain = Encoding.UTF8.GetString(cipher.DecryptCbc(await node.Client.GetByteArrayAsync(folder + name), vector));
        Assert.Equal(["secret words"], VttReader.Read(plain, out _).Select(c => c.Plain));
    }

    [Theory]
    [InlineData("""{"text":""}""", 422)]
    [InlineData("""{"text":" \n\u0007\u2028"}""", 422)]
    [InlineData("""{"text":"x","seconds":0.4}""", 422)]
    [InlineData("""{"text":"x","seconds":31}""", 422)]
    [InlineData("""{"text":"x","language":"fr"}""", 422)]
    [InlineData("""{"text":"x","language":"en\" --> "}""", 422)]
    [InlineData("""{"text":"x","at":"2001-01-01T00:00:00Z"}""", 422)]
    [InlineData("""{"text":"x","at":"2162-12-27T00:00:00Z"}""", 422)]
    [InlineData("""{"text":"x","at":"0001-01-01T00:00:00+14:00"}""", 400)]
    [InlineData("""{"text":"x","at":"now"}""", 400)]
    [InlineData("""{"text":null}""", 400)]
    [InlineData("""{"seconds":1}""", 400)]
    [InlineData("""{"text":"x","style":"line:0"}""", 400)]
    [InlineData("""{"text":"x"}""", 404)]
    public async Task What_is_no_caption_is_refused(string body, int status)
    {
        await using var node = await RunningNode.StartAsync();
        var (id, key) = await CaptionedAsync(node, "en");
        Assert.Equal(status, (int)(await node.SendAsync("POST", $"/api/v1/channels/{id}/captions", body, "application/json", key)).Status);
    }

    [Fact]
    public async Task Who_may_how_much_and_how_often_are_limited()
    {
        await using var node = await RunningNode.StartAsync();
        var (id, key) = await CaptionedAsync(node, "en");
        await LiveSource.StartAsync(node, channelId: id);
        var url = $"/api/v1/channels/{id}/captions";
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync("POST", url, """{"text":"x"}""", "application/json")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, await SayAsync(node, id, "x", "", node.Key));
        Assert.Equal(HttpStatusCode.Forbidden, await SayAsync(node, id, "x", "", "no-key-at-all"));
        Assert.Equal(HttpStatusCode.NotFound, await SayAsync(node, "nobody", "x", "", RunningNode.OperatorToken));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await SayAsync(node, id, new string('x', 1001), "", key));
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 400 && !answers.Contains(HttpStatusCode.TooManyRequests); i++) answers.Add(await SayAsync(node, id, "x", "", RunningNode.OperatorToken));
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.True(answers.Count > 20);
    }

    [Fact]
    public async Task Captions_that_are_declared_are_announced_before_any_was_found()
    {
        await using var node = await RunningNode.StartAsync("--Hls:MpegTs=true");
        await node.OperateAsync("PATCH", "/api/v1/channels/live", """{"closedCaptions":true}""");
        await LiveSource.StartAsync(node);
        foreach (var file in new[] { "index.m3u8", "ts.m3u8" })
        {
            var master = (await node.SendAsync("GET", $"/hls/live/{file}")).Body;
            Assert.Contains("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"captions\",NAME=\"CC1\"", master, StringComparison.Ordinal);
            Assert.Contains(",CLOSED-CAPTIONS=\"captions\"\n", master, StringComparison.Ordinal);
        }
    }

    private static async Task<(string Id, string Key)> CaptionedAsync(RunningNode node, params string[] languages)
    {
        var (id, key) = await node.CreateChannelAsync("Captioned");
        await node.OperateAsync("PATCH", $"/api/v1/channels/{id}", $$"""{"subtitles":[{{string.Join(',', languages.Select(l => $"\"{l}\""))}}]}""");
        return (id, key);
    }

    private static async Task<HttpStatusCode> SayAsync(RunningNode node, string id, string text, string more, string bearer) => (await node.SendAsync(
        "POST", $"/api/v1/channels/{id}/captions", $$"""{"text":"{{System.Text.Json.JsonEncodedText.Encode(text)}}"{{more}}}""", "application/json", bearer)).Status;

    /// <summary>All cues of the whole segments, each once, and the segments.</summary>
    private static async Task<(List<VttCue> Cues, List<string> Files)> ReadAsync(RunningNode node, string folder)
    {
        var cues = new List<VttCue>();
        var files = new List<string>();
        foreach (Match name in Whole().Matches((await node.SendAsync("GET", folder + "rewind.m3u8")).Body))
        {
            var file = await node.Client.GetStringAsync(folder + name.Value);
            files.Add(file);
            var read = VttReader.Read(file, out var header);
            cues.AddRange(read.Except(cues));

            Assert.Equal(["X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"], header);
        }

        return (cues, files);
    }

    private static List<(long From, long Duration)> Probe(string text)
    {
        using var file = new TemporaryFile(text);
        var said = Ffmpeg.Run("ffprobe", "-v", "error", "-f", "webvtt", "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0", file.Path);
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',')).Select(l => (Milliseconds(l[0]), Milliseconds(l[1])))];

        static long Milliseconds(string seconds) => (long)Math.Round(double.Parse(seconds, CultureInfo.InvariantCulture) * 1000);
    }

    [GeneratedRegex("^#EXT(INF|-X-DISCONTINUITY|-X-PROGRAM-DATE-TIME|-X-TARGETDURATION|-X-MEDIA-SEQUENCE|-X-SERVER-CONTROL|-X-PART-INF).*$|DURATION=[0-9.]+", RegexOptions.Multiline)]
    private static partial Regex Timing();

    [GeneratedRegex("HINT:TYPE=PART,URI=\"([^\"]+)\"")]
    private static partial Regex Hint();

    [GeneratedRegex("^[a-z0-9]+\\.\\d+\\.vtt$", RegexOptions.Multiline)]
    private static partial Regex Whole();

    [GeneratedRegex("EXT-X-KEY:METHOD=AES-128,URI=\"([^\"]+)\"")]
    private static partial Regex KeyUri();
}
