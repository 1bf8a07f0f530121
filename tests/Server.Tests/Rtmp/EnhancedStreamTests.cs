using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Outputs.Recordings;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Testing.Media;
using Sluice.Testing.Offers;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>What cannot be sent to a viewer as it is: converted, or refused by its name.</summary>
public sealed class EnhancedStreamTests
{
    [FfmpegTheory]
    [InlineData("--Transcoding:Enabled=false", RtmpCodec.Hevc, LabMedia.Hevc, "The stream's video is H265", "this viewer decodes VP8, ", "H.264 without B-frames")]
    [InlineData("--Transcoding:MaxVideo=0", RtmpCodec.Avc, LabMedia.Main, "B-frames", "It is not converted now: all 0 places for pictures are taken (Transcoding:MaxVideo).")]
    [InlineData("--Transcoding:MaxAudio=0", RtmpCodec.Avc, LabMedia.Baseline, "The stream's audio is AAC, which WebRTC does not carry. It is not converted now: all 0 places for sound")]
    public async Task What_nothing_converts_is_refused_by_name_and_not_left_out(string setting, RtmpCodec codec, string record, params string[] words)
    {
        await using var node = await RtmpNode.StartAsync(setting);
        using var publisher = await PublishAsync(node, codec, record);

        var (status, problem) = await WatchAsync(node);

        Assert.Equal(HttpStatusCode.NotAcceptable, status);
        Assert.All(words, word => Assert.Contains(word, problem, StringComparison.Ordinal));
    }

    [InstalledFact("ffmpeg")]
    public async Task A_picture_the_viewer_does_not_decode_is_converted_where_there_is_room()
    {
        await using var node = await RtmpNode.StartAsync("--Transcoding:MaxVideo=1");
        using var publisher = await PublishAsync(node, RtmpCodec.Hevc, LabMedia.Hevc);

        var (status, answer) = await WatchAsync(node);

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Contains("H264/90000", answer, StringComparison.Ordinal);
    }

    [NewerProgramTheory("ffmpeg", "fdkaac")]
    [InlineData(5, true, "mp4a.40.5")]
    [InlineData(29, true, "mp4a.40.29")]
    [InlineData(5, false, "mp4a.40.2")]
    public async Task He_aac_is_packaged_and_recorded_as_what_it_is(int profile, bool isAnnounced, string codec)
    {
        await using var node = await RtmpNode.StartAsync();
        await node.PatchAsync("/api/v1/channels/live", """{"record":true}""");
        var (wave, sound) = (Path.Combine(node.Folder, "in.wav"), Path.Combine(node.Folder, isAnnounced ? "he.m4a" : "he.aac"));
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Host.App.Services.GetRequiredService<RecordingFinisher>().Finished += _ => finished.TrySetResult();
        var newer = NewerPrograms.Find("ffmpeg")!;
        Ffmpeg.Run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=1000:duration=8", "-ar", "48000", "-ac", "2", wave);
        Assert.Equal(0, Ffmpeg.TryRun(NewerPrograms.Find("fdkaac")!, "-S", "-p", $"{profile}", "-b", "48000", "-f", isAnnounced ? "0" : "2", "-o", sound, wave).Exit);
        using var encoder = RtmpNode.Run(newer, $"-nostdin -v error -re -f lavfi -i testsrc=size=160x120:rate=15:duration=8 -re -i {sound} -c:v libx264 -preset ultrafast -bf 0 -g 15 "
            + $"-pix_fmt yuv420p -c:a copy -f flv rtmp://127.0.0.1:{node.Port}/live/{node.Key}");
        var stream = await node.LiveAsync();
        await node.UntilAsync(() => stream.Tracks[1].Frames.Count > 60, "sound comes");

        var playlist = "";
        await node.UntilAsync(() => TryRead(node, "/hls/live/index.m3u8", out playlist), "the stream is packaged");
        Assert.Contains($",{codec}\"", playlist, StringComparison.Ordinal);
        const string Entries = "stream=profile,sample_rate,channels";
        var live = Ffmpeg.Probe($"{node.Host.LocalUrl}hls/live/index.m3u8", "a:0", Entries).Split('\n')[0].Trim();

        // Which of the two ffprobe says of version 2 depends on whether its first frames have said so themselves.
        string[] names = profile == 29 ? ["HE-AAC,48000,2", "HE-AACv2,48000,2"] : ["HE-AAC,48000,2"];
        Assert.Contains(live, names);

        await encoder.WaitForExitAsync();
        JsonElement recording = default;
        await finished.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(IsReady(node, out recording));
        Assert.Contains(Ffmpeg.Probe(recording.GetProperty("play").GetProperty("mp4").GetString()!, "a:0", Entries), names);
    }

    [NewerProgramTheory("ffmpeg")]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task Sound_for_players_without_opus_is_listed_only_where_it_can_be_made(int places, bool isListed)
    {
        await using var node = await RtmpNode.StartAsync($"--Transcoding:MaxAudio={places}");
        using var encoder = RtmpNode.Run(NewerPrograms.Find("ffmpeg")!, "-nostdin -v error -re -f lavfi -i testsrc=size=160x120:rate=15 -re -f lavfi -i sine=frequency=440:sample_rate=48000 "
            + $"-t 20 -c:v libx264 -preset ultrafast -bf 0 -g 15 -pix_fmt yuv420p -c:a libopus -f flv rtmp://127.0.0.1:{node.Port}/live/{node.Key}");
        var playlist = "";
        await node.UntilAsync(() => TryRead(node, "/hls/live/index.m3u8", out playlist), "the stream is packaged");
        encoder.Kill();

        Assert.Contains(",opus\"", playlist, StringComparison.Ordinal);
        Assert.Equal(isListed, playlist.Contains("mp4a.40.2", StringComparison.Ordinal));
    }

    private static async Task<SocketPublisher> PublishAsync(RtmpNode node, RtmpCodec codec, string record)
    {
        var publisher = new SocketPublisher(node.Port, node.Key);
        Assert.True(publisher.Begin(), publisher.Words);
        Send(publisher, codec, 0, TagPacketType.SequenceStart, Convert.FromHexString(record));
        Send(publisher, RtmpCodec.Aac, 0, TagPacketType.SequenceStart, Convert.FromHexString(LabMedia.Aac));
        Send(publisher, codec, 0, TagPacketType.CodedFrames, codec == RtmpCodec.Hevc ? LabMedia.HevcKey : LabMedia.Idr);
        Send(publisher, RtmpCodec.Aac, 0, TagPacketType.CodedFrames, LabMedia.AacFrame);
        await node.LiveAsync();
        return publisher;
    }

    private static void Send(SocketPublisher publisher, RtmpCodec codec, long timestamp, TagPacketType type, byte[] payload)
    {
        var kind = RtmpCodecs.KindOf(codec);
        var message = new byte[payload.Length + 64];
        Assert.True(TagWriter.TryWrite(
            new MediaTag { Kind = kind, Codec = codec, PacketType = type, Timestamp = timestamp, FrameType = kind == MediaKind.Video ? TagFrameType.Key : TagFrameType.None, Payload = payload },
            message, out var written));
        publisher.Send(kind, timestamp, message.AsSpan(0, written));
    }

    // A browser that decodes no H.265.
    private static async Task<(HttpStatusCode Status, string Body)> WatchAsync(RtmpNode node)
    {
        using var client = new HttpClient();
        using var offer = new StringContent(RealOffers.Text("chromium-156/recvonly-default"), Encoding.UTF8, "application/sdp");
        offer.Headers.ContentType!.CharSet = null;
        using var response = await client.PostAsync(new Uri(node.Host.LocalUrl, "/whep/live"), offer);
        var body = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, response.IsSuccessStatusCode ? body : JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString()!);
    }

    private static bool TryRead(RtmpNode node, string path, out string body)
    {
        using var client = new HttpClient();
        using var response = client.GetAsync(new Uri(node.Host.LocalUrl, path)).GetAwaiter().GetResult();
        body = response.Content.ReadAsStringAsync().GetAwaiter().GetResult();
        return response.IsSuccessStatusCode;
    }

    private static bool IsReady(RtmpNode node, out JsonElement recording)
    {
        recording = node.GetAsync("/api/v1/recordings?channel=live").GetAwaiter().GetResult().GetProperty("recordings").EnumerateArray().FirstOrDefault();
        return recording.ValueKind == JsonValueKind.Object && recording.GetProperty("state").GetString() == "ready";
    }
}
