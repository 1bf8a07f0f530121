using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Outputs.Hls;

namespace Sluice.Server.Tests.Hls;

public sealed partial class RewindTests
{
    private const string Rewind = "/hls/live/video-0/rewind.m3u8";

    [Fact]
    public async Task Viewers_rewind_as_far_as_the_window_and_what_has_left_it_is_gone_from_disk()
    {
        await using var node = await RunningNode.StartAsync("--Hls:LiveWindowSeconds=6", "--Hls:RewindWindowSeconds=80");
        var source = await LiveSource.StartAsync(node, 60.1);
        var early = Names(await RewindAsync(node));
        Assert.Equal(30, early.Length);
        await source.SettledAsync();
        var first = await node.Client.GetByteArrayAsync($"/hls/live/video-0/{early[0]}");

        // From disk, far behind what memory holds.
        Assert.False(source.Video.TryFind(0, out var oldest) && oldest.Whole is not null);
        Assert.Equal(oldest!.Length, first.Length);
        await source.PlayAsync(60);
        await source.SettledAsync();
        var late = await RewindAsync(node);
        var names = Names(late);
        Assert.Equal(40, names.Length);
        Assert.DoesNotContain(early[0], names);
        Assert.Equal(80, Durations().Matches(late).Sum(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)), 1.0);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", $"/hls/live/video-0/{early[0]}")).Status);
        foreach (var name in names) Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("HEAD", $"/hls/live/video-0/{name}")).Status);
    }

    [Fact]
    public async Task The_budget_of_bytes_is_kept_and_beyond_it_viewers_rewind_as_far_as_memory_goes()
    {
        // Three megabytes a segment, and four in all.
        await using var node = await RunningNode.StartAsync("--Hls:LiveWindowSeconds=6", "--Hls:RewindWindowSeconds=600", "--Hls:MaxDiskMegabytes=4");
        var source = await LiveSource.StartAsync(node, 60, pictureBytes: 50_000);
        await source.SettledAsync();
        var disk = node.Host.App.Services.GetRequiredService<HlsDisk>();
        Assert.InRange(disk.HeldBytes, 0, 4 << 20);
        Assert.Contains(source.Video.Files.Values, f => f.IsLost);
        foreach (var name in Names(await RewindAsync(node))) Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("HEAD", $"/hls/live/video-0/{name}")).Status);
        await source.PlayAsync(4);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", "/hls/live/video-0/index.m3u8")).Status);
    }

    [Fact]
    public async Task A_full_disk_is_said_once_and_the_stream_goes_on_from_memory()
    {
        // No disk has so much left.
        await using var node = await RunningNode.StartAsync("--Hls:LiveWindowSeconds=6", "--Hls:RewindWindowSeconds=600", "--Hls:DiskReserveMegabytes=100000000");
        var source = await LiveSource.StartAsync(node, 120);
        await source.SettledAsync();
        await source.PlayAsync(4);
        Assert.Equal(0, node.Host.App.Services.GetRequiredService<HlsDisk>().HeldBytes);
        Assert.Single(node.Log.Text.Split('\n'), l => l.Contains("viewers can rewind only as far as memory goes", StringComparison.Ordinal));

        // As much as memory holds, all of it to be had, and the edge goes on.
        var names = Names(await RewindAsync(node));
        Assert.InRange(names.Length, 3, 20);
        foreach (var name in names) Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", $"/hls/live/video-0/{name}")).Status);
        var wait = node.SendAsync("GET", "/hls/live/video-0/index.m3u8?_HLS_msn=63&_HLS_part=5");
        await source.PlayAsync(2);
        Assert.Equal(HttpStatusCode.OK, (await wait).Status);
    }

    private static async Task<string> RewindAsync(RunningNode node) => (await node.SendAsync("GET", Rewind)).Body;

    private static string[] Names(string playlist) => [.. Segment().Matches(playlist).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("^([a-z0-9]+\\.\\d+\\.m4s)$", RegexOptions.Multiline)]
    private static partial Regex Segment();

    [GeneratedRegex("#EXTINF:([0-9.]+)")]
    private static partial Regex Durations();
}
