using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Protocols.Sockets;
using Sluice.Server.Hls;

namespace Sluice.Server.Tests.Hls;

public sealed partial class SlowPlayerTests
{
    private const int PictureBytes = 180_000;

    [Fact]
    public async Task A_player_who_never_reads_its_ten_megabytes_costs_nobody_anything_and_is_dropped_after_a_minute()
    {
        await using var node = await RunningNode.StartAsync();
        var source = await LiveSource.StartAsync(node, 4.1, pictureBytes: PictureBytes);
        var express = node.Host.App.Services.GetRequiredService<HlsExpress>();
        var name = Segment().Match((await node.SendAsync("GET", "/hls/live/video-0/index.m3u8")).Body).Groups[1].Value;
        var request = $"GET /hls/live/video-0/{name} HTTP/1.1\r\nHost: x\r\n\r\n";
        var sluggards = new List<PlainConnection>();
        for (var i = 0; i < 8; i++)
        {
            sluggards.Add(await PlainConnection.OpenAsync(node, receiveBuffer: 4096));
            await sluggards[i].WriteAsync(request);

            // The first byte is there: the rest is on its way, as far as it goes.
            await sluggards[i].Socket.ReceiveAsync(new byte[1], System.Net.Sockets.SocketFlags.Peek);
        }

        // Others get the same, whole, and parts as they are made.
        await using var player = await PlainConnection.OpenAsync(node);
        Assert.True((await player.AskAsync(request))!.Body.Length > 10_000_000);
        var wait = node.SendAsync("GET", "/hls/live/video-0/index.m3u8?_HLS_msn=2&_HLS_part=2");
        await source.PlayAsync(1);
        Assert.Equal(HttpStatusCode.OK, (await wait).Status);

        // A minute is enough for a rate nobody can watch at; half of it is not too long.
        express.Sweep(MonotonicClock.Now + TimeSpan.FromSeconds(55));
        foreach (var sluggard in sluggards) Assert.True(sluggard.Socket.Connected);
        express.Sweep(MonotonicClock.Now + TimeSpan.FromSeconds(62));
        foreach (var sluggard in sluggards)
        {
            await Assert.ThrowsAnyAsync<IOException>(async () =>
            {
                var buffer = new byte[1 << 20];
                var got = 0L;
                while (true)
                {
                    var read = await sluggard.ReadSomeAsync(buffer);
                    if (read == 0) throw new EndOfStreamException();
                    got += read;
                    Assert.True(got < 10_000_000);
                }
            });
            await sluggard.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_request_that_never_ends_is_dropped_and_an_idle_connection_later()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        var express = node.Host.App.Services.GetRequiredService<HlsExpress>();
        await using var idle = await PlainConnection.OpenAsync(node);
        const string whole = "GET /hls/live/video-0/index.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n";
        await idle.AskAsync(whole);
        await using var drip = await PlainConnection.OpenAsync(node);

        // The answer to the first says that the beginning of the second was read with it.
        await drip.AskAsync(whole + whole[..20]);
        express.Sweep(MonotonicClock.Now + TimeSpan.FromSeconds(9));
        Assert.Equal("HTTP/1.1 200 OK", (await idle.AskAsync(whole))!.Status);
        express.Sweep(MonotonicClock.Now + TimeSpan.FromSeconds(11));
        Assert.Equal(0, await EndedAsync(drip));
        Assert.Equal("HTTP/1.1 200 OK", (await idle.AskAsync(whole))!.Status);
        express.Sweep(MonotonicClock.Now + TimeSpan.FromSeconds(121));
        Assert.Equal(0, await EndedAsync(idle));
    }

    // What is read to the end of a connection, reset or not.
    private static async Task<int> EndedAsync(PlainConnection connection)
    {
        try
        {
            return await connection.ReadSomeAsync(new byte[1000]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [GeneratedRegex("^([a-z0-9]+\\.\\d+\\.m4s)$", RegexOptions.Multiline)]
    private static partial Regex Segment();
}
