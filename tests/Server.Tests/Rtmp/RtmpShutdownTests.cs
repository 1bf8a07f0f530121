using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Control.Live;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Sessions;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>What publishers hear when the node goes down.</summary>
public sealed class RtmpShutdownTests
{
    [Fact]
    public void Publishers_are_asked_to_connect_again_where_they_can_and_every_stream_ends_once()
    {
        var lab = new RtmpLab();
        var modern = Live(lab, "room-secret", RtmpCapabilities.Reconnect);
        var plain = Live(lab, "den-secret", RtmpCapabilities.None);
        var waiting = lab.Publish("hall-secret");
        lab.Input.Shutdown();
        lab.Channels.Shutdown();
        lab.Input.Shutdown();
        foreach (var publisher in (LabPublisher[])[modern, plain, waiting])
        {
            publisher.Pump();
            Assert.True(publisher.Server.IsOver);
            publisher.Server.HandleClosed(lab.Now);
        }

        lab.Channels.Shutdown();
        Assert.Contains(modern.Told, t => t.Kind == RtmpClientEventKind.ReconnectRequested);
        Assert.DoesNotContain(modern.Told, t => t.Code.StartsWith("NetStream.Publish", StringComparison.Ordinal) && t.Code != "NetStream.Publish.Start");
        Assert.All((LabPublisher[])[plain, waiting], p => Assert.Contains(p.Told, t => t.Code == "NetConnection.Connect.AppShutdown"));
        Assert.Equal(2, lab.Ended.Count);
        Assert.All(lab.Ended, stream => Assert.Equal(StreamEnd.Shutdown, stream.EndReason));
        Assert.Equal(0, lab.Input.PublisherCount);
    }

    [Theory]
    [InlineData(false, RtmpCapabilities.Reconnect)]
    [InlineData(false, RtmpCapabilities.None)]
    [InlineData(true, RtmpCapabilities.Reconnect)]
    [InlineData(true, RtmpCapabilities.None)]
    public async Task A_publisher_that_goes_on_sending_reads_why_the_node_went_down(bool isPortable, RtmpCapabilities capabilities)
    {
        await using var node = await RtmpNode.StartAsync($"--Rtmp:ForcePortableSockets={isPortable}");
        using var publisher = new SocketPublisher(node.Port, node.Key, capabilities: capabilities);
        Assert.True(publisher.Begin(), publisher.Words);
        publisher.Send(MediaKind.Video, 0, [0x17, 0, 0, 0, 0, .. Convert.FromHexString(LabMedia.Baseline)]);
        publisher.Send(MediaKind.Audio, 0, [0xaf, 0, .. Convert.FromHexString(LabMedia.Aac)]);
        publisher.Send(MediaKind.Video, 0, [0x17, 1, 0, 0, 0, .. LabMedia.Idr]);
        await node.LiveAsync();
        var ended = new ConcurrentQueue<StreamEnd>();
        node.Host.App.Services.GetRequiredService<LiveChannels>().StreamEnded += stream => ended.Enqueue(stream.EndReason);

        // Sent while the node stops: what nobody reads must not reset the connection before its last words are read.
        var message = RtmpWire.Of(publisher.Client, MediaKind.Video, 1, [0x27, 1, 0, 0, 0, .. LabMedia.Slice]);
        var sending = Task.Run(() =>
        {
            try
            {
                while (publisher.Socket.Send(message) > 0)
                {
                    // As fast as the node takes it.
                }
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // The node has hung up, or the test has.
            }
        });
        var stopping = node.Host.App.StopAsync();
        publisher.HearOut();
        publisher.Socket.Dispose();
        await sending;
        await stopping;
        Assert.Equal([StreamEnd.Shutdown], ended);
        if (capabilities == RtmpCapabilities.Reconnect) Assert.Contains(publisher.Told, t => t.Kind == RtmpClientEventKind.ReconnectRequested);
        else Assert.Contains(publisher.Told, t => t.Code == "NetConnection.Connect.AppShutdown");
    }

    private static LabPublisher Live(RtmpLab lab, string name, RtmpCapabilities capabilities)
    {
        var publisher = lab.Publish(name, capabilities: capabilities);
        publisher.Begin();
        publisher.Picture(0, isKey: true);
        return publisher;
    }
}
