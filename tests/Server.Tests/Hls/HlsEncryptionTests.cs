using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Server.Tests.Rtmp;
using Sluice.Testing.Media;
using Sluice.Testing.Transport;

namespace Sluice.Server.Tests.Hls;

public sealed partial class HlsEncryptionTests
{
    private const string Folder = "/hls/live/video-0/";

    [Fact]
    public async Task What_travels_is_encrypted_and_the_keys_open_it()
    {
        await using var node = await RunningNode.StartAsync("--Hls:Encryption=aes-128", "--Hls:SegmentsPerKey=2");
        var source = await LiveSource.StartAsync(node, 10.5);
        var playlist = (await node.SendAsync("GET", Folder + "index.m3u8")).Body;

        // The initialization section stands before the first key, and is plain.
        Assert.True(playlist.IndexOf("#EXT-X-MAP", StringComparison.Ordinal) < playlist.IndexOf("#EXT-X-KEY", StringComparison.Ordinal));
        var init = await node.Client.GetByteArrayAsync(Folder + Regex.Match(playlist, "MAP:URI=\"([^\"]+)\"").Groups[1].Value);
        Assert.Equal(source.Video.Segmenter.Init!.Bytes.ToArray(), init);

        byte[] key = [];
        var keys = new List<string>();
        var (segments, parts) = (0, 0);
        foreach (var line in playlist.Split('\n'))
        {
            if (KeyLine().Match(line) is { Success: true } named)
            {
                keys.Add(named.Groups[1].Value);
                var answer = await node.Client.GetAsync(Folder + keys[^1]);
                Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
                key = await answer.Content.ReadAsByteArrayAsync();
                Assert.Equal(16, key.Length);
            }
            else if (PartLine().Match(line) is { Success: true } part)
            {
                var (sequence, index) = (long.Parse(part.Groups[2].Value, CultureInfo.InvariantCulture), int.Parse(part.Groups[3].Value, CultureInfo.InvariantCulture));
                Assert.True(source.Video.TryFind(sequence, out var parent));
                Assert.Equal(parent.Find(index)!.Bytes.ToArray(), Open(await node.Client.GetByteArrayAsync(Folder + part.Groups[1].Value), key, sequence));
                parts++;
            }
            else if (SegmentLine().Match(line) is { Success: true } segment)
            {
                var sequence = long.Parse(segment.Groups[1].Value, CultureInfo.InvariantCulture);
                Assert.True(source.Video.TryFind(sequence, out var found));
                Assert.Equal(found.Parts.SelectMany(p => p.Bytes.ToArray()), Open(await node.Client.GetByteArrayAsync(Folder + line), key, sequence));
                segments++;
            }
        }

        Assert.Equal(["k0.key", "k1.key", "k2.key"], keys.Select(k => k[(k.IndexOf('.', StringComparison.Ordinal) + 1)..]));
        Assert.Equal(5, segments);
        Assert.True(parts > 10);
    }

    [Fact]
    public async Task Sound_has_the_same_keys_and_other_streams_have_others()
    {
        await using var node = await RunningNode.StartAsync("--Hls:Encryption=aes-128");
        var source = await LiveSource.StartAsync(node);
        var (id, _) = await node.CreateChannelAsync("Other");
        await LiveSource.StartAsync(node, channelId: id);
        var name = source.Video.Names.Key(0);
        var key = await node.Client.GetByteArrayAsync(Folder + name);
        Assert.Equal(key, await node.Client.GetByteArrayAsync($"/hls/live/audio-0/{name}"));
        var other = source.Output.Find(id)!.Find("video-0")!.Names.Key(0);
        Assert.NotEqual(key, await node.Client.GetByteArrayAsync($"/hls/{id}/video-0/{other}"));
        Assert.DoesNotContain(Convert.ToHexString(key), node.Log.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToBase64String(key), node.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TAG.k7.key")]
    [InlineData("TAG.k-1.key")]
    [InlineData("TAG.k00.key")]
    [InlineData("TAG.k9223372036854775807.key")]
    [InlineData("TAG.k.key")]
    [InlineData("x.k0.key")]
    public async Task Only_keys_that_are_in_use_are_given(string name)
    {
        await using var node = await RunningNode.StartAsync("--Hls:Encryption=aes-128", "--Hls:SegmentsPerKey=2");
        var source = await LiveSource.StartAsync(node);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", Folder + name.Replace("TAG", source.Video.Names.Tag, StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task Without_encryption_there_are_no_keys()
    {
        await using var node = await RunningNode.StartAsync();
        var source = await LiveSource.StartAsync(node);
        Assert.DoesNotContain("KEY", (await node.SendAsync("GET", Folder + "index.m3u8")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", Folder + source.Video.Names.Key(0))).Status);
    }

    [Fact]
    public async Task The_key_of_a_private_channel_is_for_whom_the_playlist_is()
    {
        await using var node = await RunningNode.StartAsync("--Hls:Encryption=aes-128");
        var (id, _) = await node.CreateChannelAsync("Secret", isPrivate: true);
        var source = await LiveSource.StartAsync(node, channelId: id);
        var token = (await node.OperateAsync("POST", $"/api/v1/channels/{id}/watch-tokens", """{"label":"a"}""")).Json.GetProperty("token").GetString();
        var master = await node.SendAsync("GET", $"/hls/{id}/index.m3u8?token={token}");
        var uri = master.Body.Split('\n').Single(l => l.EndsWith("/video-0/index.m3u8", StringComparison.Ordinal));
        var name = source.Video.Names.Key(0);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", $"/hls/{id}/{uri.Replace("index.m3u8", name, StringComparison.Ordinal)}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync("GET", $"/hls/{id}/video-0/{name}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.SendAsync("GET", $"/hls/{id}/~{new string('0', 32)}/video-0/{name}")).Status);
    }

    [Fact]
    public async Task The_hinted_part_is_sent_when_it_is_complete()
    {
        await using var node = await RunningNode.StartAsync("--Hls:Encryption=aes-128");
        var source = await LiveSource.StartAsync(node);
        var hint = Regex.Match((await node.SendAsync("GET", Folder + "index.m3u8")).Body, "HINT:TYPE=PART,URI=\"([^\"]+?\\.(\\d+)\\.(\\d+)\\.m4s)\"");
        var waiting = node.Client.GetByteArrayAsync(Folder + hint.Groups[1].Value);
        await source.PlayAsync(1);
        var sequence = long.Parse(hint.Groups[2].Value, CultureInfo.InvariantCulture);
        Assert.True(source.Video.TryFind(sequence, out var parent));
        var key = await node.Client.GetByteArrayAsync(Folder + source.Video.Names.Key(0));
        Assert.Equal(parent.Find(int.Parse(hint.Groups[3].Value, CultureInfo.InvariantCulture))!.Bytes.ToArray(), Open(await waiting, key, sequence));
    }

    [Theory]
    [InlineData("video-0", "encv")]
    [InlineData("audio-0", "enca")]
    public async Task Samples_are_encrypted_in_place_of_segments_and_the_keys_open_them(string name, string entry)
    {
        await using var node = await RunningNode.StartAsync("--Hls:Encryption=sample-aes", "--Hls:SegmentsPerKey=2");
        var source = await LiveSource.StartAsync(node, 10.5, pictureBytes: 400);
        var rendition = source.Output.Find("live")!.Find(name)!;
        var folder = $"/hls/live/{name}/";
        var playlist = (await node.SendAsync("GET", folder + "index.m3u8")).Body;
        Assert.True(playlist.IndexOf("#EXT-X-MAP", StringComparison.Ordinal) < playlist.IndexOf("#EXT-X-KEY", StringComparison.Ordinal));
        var init = await node.Client.GetByteArrayAsync(folder + Regex.Match(playlist, "MAP:URI=\"([^\"]+)\"").Groups[1].Value);
        var tenc = ProtectedSamples.Find(init, $"moov/trak/mdia/minf/stbl/stsd/{entry}/sinf/schi/tenc");
        Assert.True(CmafMovie.TryParse(rendition.Segmenter.Init!.Bytes.Span, out var movie));

        byte[] key = [];
        var keys = new List<string>();
        var (segments, parts) = (0, 0);
        foreach (var line in playlist.Split('\n'))
        {
            if (SampleKeyLine().Match(line) is { Success: true } named)
            {
                keys.Add(named.Groups[1].Value);
                Assert.Equal(Convert.ToHexStringLower(tenc[^16..]), named.Groups[2].Value);
                key = await node.Client.GetByteArrayAsync(folder + keys[^1]);
            }
            else if (PartLine().Match(line) is { Success: true } part)
            {
                Assert.True(rendition.TryFind(long.Parse(part.Groups[2].Value, CultureInfo.InvariantCulture), out var parent));
                var plain = parent.Find(int.Parse(part.Groups[3].Value, CultureInfo.InvariantCulture))!.Bytes.ToArray();
                var bytes = await node.Client.GetByteArrayAsync(folder + part.Groups[1].Value);
                Assert.NotEqual(plain, bytes);
                Assert.Equal(Samples(plain, movie), ProtectedSamples.Open(init, bytes, key));
                parts++;
            }
            else if (SegmentLine().Match(line) is { Success: true } segment)
            {
                Assert.True(rendition.TryFind(long.Parse(segment.Groups[1].Value, CultureInfo.InvariantCulture), out var found));
                Assert.Equal(Samples(found.Whole!.Value.ToArray(), movie), ProtectedSamples.Open(init, await node.Client.GetByteArrayAsync(folder + line), key));
                segments++;
            }
        }

        Assert.Equal(["k0.key", "k1.key", "k2.key"], keys.Select(k => k[(k.IndexOf('.', StringComparison.Ordinal) + 1)..]));
        Assert.Equal(5, segments);
        Assert.True(parts > 10);
        Assert.DoesNotContain("AES-128", playlist, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_whose_samples_cannot_be_encrypted_is_encrypted_whole()
    {
        var keys = new HlsKeys(1, encryptsSamples: true);
        var init = new MediaInit(0, new FrameFormat(Codec.Av1, 90_000, 0, new Resolution(640, 360), Convert.FromHexString("81010c000a0b0000000cc4ff6736be4010")), [1, 2, 3]);
        var segment = new MediaSegment(7, 0, init, DateTime.UnixEpoch, true);
        byte[] plain = [4, 5, 6];
        Assert.Equal([1, 2, 3], keys.Describe(init).ToArray());
        Assert.Equal(plain, Open(keys.Seal(segment, plain), keys.KeyOf(7), 7));
    }

    [FfmpegTheory]
    [InlineData("libx264", "-preset veryfast -bf 2 -g 25 -x264-params slices=3:log-level=none")]
    [InlineData("libx264", "-preset ultrafast -bf 0 -g 25")]
    public Task Ffmpeg_decodes_of_the_server_what_ffmpeg_has_sent(string encoder, string options) => DecodeAsync("ffmpeg", encoder, options);

    [NewerProgramTheory("ffmpeg")]
    [InlineData("libx265", "-preset ultrafast -x265-params keyint=25:open-gop=0:log-level=none -tag:v hvc1")]
    public Task The_same_of_H265(string encoder, string options) => DecodeAsync(NewerPrograms.Find("ffmpeg")!, encoder, options);

    private static async Task DecodeAsync(string publisher, string encoder, string options)
    {
        await using var node = await RtmpNode.StartAsync("--Hls:Encryption=sample-aes", "--Hls:SegmentMilliseconds=1000");
        var clip = Path.Combine(node.Folder, "clip.mp4");
        Ffmpeg.Run("ffmpeg", ["-v", "quiet", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=8", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=8",
            "-c:v", encoder, .. options.Split(' '), "-pix_fmt", "yuv420p", "-c:a", "aac", "-aac_pns", "0", "-ac", "2", clip]);
        using var encoding = RtmpNode.Run(publisher, $"-nostdin -v error -re -i {clip} -c copy -f flv rtmp://127.0.0.1:{node.Port}/live/{node.Key}");
        using var client = new HttpClient { BaseAddress = node.Host.LocalUrl };
        foreach (var (name, kind) in new[] { ("video-0", 'v'), ("audio-0", 'a') })
        {
            var playlist = "";
            await node.UntilAsync(() => TryRead(client, $"hls/live/{name}/index.m3u8", out playlist) && SegmentUri().Count(playlist) >= 3, "three segments are listed");
            var media = new MemoryStream();
            foreach (var file in SegmentUri().Matches(playlist).Select(m => m.Value).Prepend(Regex.Match(playlist, "MAP:URI=\"([^\"]+)\"").Groups[1].Value))
            {
                media.Write(await client.GetByteArrayAsync($"hls/live/{name}/{file}"));
            }

            var key = await client.GetByteArrayAsync($"hls/live/{name}/{Regex.Match(playlist, "METHOD=SAMPLE-AES,URI=\"([^\"]+)\"").Groups[1].Value}");
            string[] decode = ["-decryption_key", Convert.ToHexStringLower(key), "-i", "pipe:0", .. Ffmpeg.HashFrames(kind)];

            // Sound that begins in the middle has no past to be overlapped with; noise that the decoder makes up would differ throughout (-aac_pns).
            var decoded = Ffmpeg.FramesOf(Ffmpeg.Convert(media.ToArray(), decode)).Skip(kind == 'a' ? 2 : 0).ToArray();
            Assert.True(decoded.Length > (kind == 'a' ? 100 : 70), $"{decoded.Length} frames");
            Assert.Contains(string.Join(' ', decoded), string.Join(' ', Ffmpeg.DecodedFrames(clip, kind)), StringComparison.Ordinal);
        }

        encoding.Kill();
        await encoding.WaitForExitAsync();
    }

    private static bool TryRead(HttpClient client, string path, out string text)
    {
        using var response = client.Send(new HttpRequestMessage(HttpMethod.Get, path));
        using var reader = new StreamReader(response.Content.ReadAsStream());
        text = reader.ReadToEnd();
        return response.IsSuccessStatusCode;
    }

    [Theory]
    [InlineData("aes-128")]
    [InlineData("sample-aes")]
    public async Task What_lies_on_the_disk_is_encrypted_too(string encryption)
    {
        await using var node = await RunningNode.StartAsync($"--Hls:Encryption={encryption}", "--Hls:LiveWindowSeconds=6", "--Hls:RewindWindowSeconds=80");
        var source = await LiveSource.StartAsync(node, 60.1, pictureBytes: 400);
        await source.SettledAsync();
        Assert.True(source.Video.TryFind(0, out var oldest) && oldest.Whole is null);
        var playlist = (await node.SendAsync("GET", Folder + "rewind.m3u8")).Body;
        var plain = await File.ReadAllBytesAsync(source.Video.FileOf(0)!.Value.Path);
        var init = await node.Client.GetByteArrayAsync(Folder + Regex.Match(playlist, "MAP:URI=\"([^\"]+)\"").Groups[1].Value);
        var sent = await node.Client.GetByteArrayAsync(Folder + SegmentUri().Match(playlist).Value);
        var key = await node.Client.GetByteArrayAsync(Folder + source.Video.Names.Key(0));
        if (encryption == "aes-128")
        {
            Assert.Equal(plain, Open(sent, key, 0));
            return;
        }

        Assert.True(CmafMovie.TryParse(source.Video.Segmenter.Init!.Bytes.Span, out var movie));
        Assert.Equal(Samples(plain, movie), ProtectedSamples.Open(init, sent, key));
    }

    [Fact]
    public async Task A_segment_is_encrypted_once_for_all_who_ask_and_read_again_where_that_failed()
    {
        var keys = new HlsKeys(1);
        var init = new MediaInit(0, new FrameFormat(Codec.Av1, 90_000, 0, new Resolution(640, 360), []), [1, 2, 3]);
        var segment = new MediaSegment(7, 0, init, DateTime.UnixEpoch, true);
        var owner = new object();
        var all = new byte[16][];
        Parallel.For(0, all.Length, i => all[i] = keys.Seal(segment, owner, new byte[] { 4, 5, 6 }));
        Assert.All(all, bytes => Assert.Same(all[0], bytes));

        using var file = new TemporaryFile("");
        await Assert.ThrowsAsync<FileNotFoundException>(() => keys.SealAsync(segment, file.Path + ".gone"));
        await File.WriteAllBytesAsync(file.Path, [4, 5, 6]);
        var (one, other) = (keys.SealAsync(segment, file.Path), keys.SealAsync(segment, file.Path));
        Assert.Same(await one, await other);
        Assert.Equal(all[0], await one);
    }

    [Theory]
    [InlineData("aes-128")]
    [InlineData("sample-aes")]
    public async Task MPEG_TS_is_encrypted_whole(string encryption)
    {
        await using var node = await RunningNode.StartAsync($"--Hls:Encryption={encryption}", "--Hls:SegmentsPerKey=2", "--Hls:MpegTs=true");
        await LiveSource.StartAsync(node);
        var playlist = (await node.SendAsync("GET", Folder + "ts.m3u8")).Body;
        byte[] key = [];
        var reader = new TransportReader();
        var pictures = 0;
        foreach (var line in playlist.Split('\n'))
        {
            if (KeyLine().Match(line) is { Success: true } named) key = await node.Client.GetByteArrayAsync(Folder + named.Groups[1].Value);
            if (!line.EndsWith(".ts", StringComparison.Ordinal)) continue;
            var bytes = await node.Client.GetByteArrayAsync(Folder + line);
            pictures += reader.Read(Open(bytes, key, long.Parse(line.Split('.')[1], CultureInfo.InvariantCulture))).Count(u => u.Type == 0x1b);
        }

        Assert.Equal(180, pictures);
        Assert.Equal(2, KeyLine().Count(playlist));
    }

    private static List<byte[]> Samples(byte[] chunks, CmafMovie movie)
    {
        var samples = new List<byte[]>();
        var reader = new CmafChunkReader(chunks);
        var times = new long[1];
        while (reader.TryRead(out var chunk))
        {
            var frames = new CmafFrameReader(chunk, movie, 0, times);
            while (frames.TryRead(out _, out var frame, out _)) samples.Add(frame.Payload.ToArray());
        }

        Assert.NotEmpty(samples);
        return samples;
    }

    // As RFC 8216 §5.2 says: the media sequence number where no other vector is given.
    private static byte[] Open(byte[] bytes, byte[] key, long sequence)
    {
        var vector = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(vector.AsSpan(8), sequence);
        using var cipher = Aes.Create();
        cipher.Key = key;
        return cipher.DecryptCbc(bytes, vector);
    }

    [GeneratedRegex("^#EXT-X-KEY:METHOD=AES-128,URI=\"([^\"]+)\"$", RegexOptions.Multiline)]
    private static partial Regex KeyLine();

    [GeneratedRegex("^#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"([^\"]+)\",IV=0x([0-9a-f]{32})$")]
    private static partial Regex SampleKeyLine();

    [GeneratedRegex("^[^#.\n]+\\.\\d+\\.m4s$", RegexOptions.Multiline)]
    private static partial Regex SegmentUri();

    [GeneratedRegex("^#EXT-X-PART:.*URI=\"([^\".]+\\.(\\d+)\\.(\\d+)\\.m4s)\"")]
    private static partial Regex PartLine();

    [GeneratedRegex("^[^#.]+\\.(\\d+)\\.m4s$")]
    private static partial Regex SegmentLine();
}
