using System.Net;
using Sluice.Control.Tracks;

namespace Sluice.Server.Tests.Hls;

public sealed class OfferedSoundTests
{
    private const string Offered = "/hls/live/audio-0-aac/index.m3u8";

    [Fact]
    public async Task Aac_of_opus_is_listed_beside_it_and_made_only_for_who_asks()
    {
        await using var node = await RunningNode.StartAsync();
        var source = await LiveSource.StartAsync(node, offersAac: true);
        var list = (await node.SendAsync("GET", "/hls/live/index.m3u8")).Body;
        Assert.Contains("URI=\"audio-0/index.m3u8\"", list, StringComparison.Ordinal);
        Assert.Contains("URI=\"audio-0-aac/index.m3u8\"", list, StringComparison.Ordinal);
        Assert.Contains("opus", list, StringComparison.Ordinal);
        Assert.Contains("mp4a.40.2", list, StringComparison.Ordinal);
        Assert.False(source.Offered!.IsWanted(TrackFace.Frames));

        // Who asks waits for the first of it, and what comes is numbered as the picture is.
        var first = node.SendAsync("GET", Offered);
        while (!first.IsCompleted)
        {
            await source.PlayAsync(0.5);
            await Task.Yield();
        }

        var reply = await first;
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.True(source.Offered.IsWanted(TrackFace.Frames));
        Assert.Contains(".m4s", reply.Body, StringComparison.Ordinal);
        var picture = (await node.SendAsync("GET", "/hls/live/video-0/index.m3u8")).Body;
        Assert.InRange(Newest(picture) - Newest(reply.Body), 0, 1);
        Assert.Contains("RENDITION-REPORT:URI=\"../audio-0-aac/index.m3u8\"", picture, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_asks_for_any_more_is_made_no_longer()
    {
        await using var node = await RunningNode.StartAsync("--Hls:LingerSeconds=1");
        var source = await LiveSource.StartAsync(node, offersAac: true);
        var first = node.SendAsync("GET", Offered);
        while (!first.IsCompleted)
        {
            await source.PlayAsync(0.5);
            await Task.Yield();
        }

        Assert.True(source.Offered!.IsWanted(TrackFace.Frames));
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (source.Offered.IsWanted(TrackFace.Frames))
        {
            late.Token.ThrowIfCancellationRequested();
            await source.PlayAsync(0.1);
            await Task.Yield();
        }

        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", "/hls/live/audio-0/index.m3u8")).Status);
    }

    private static int Newest(string playlist) => playlist.Split('\n').Where(l => l.EndsWith(".m4s", StringComparison.Ordinal)).Select(l => int.Parse(l.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture)).Max();
}
