using System.Runtime.CompilerServices;
using Sluice.Control.Live;
using Sluice.Protocols.Media;
using Sluice.Testing;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>Hours, and thousands of viewers.</summary>
[Collection(AloneCollection.Name)]
public sealed class LongRunTests
{
    private const int SettledAfter = 1000;

    // A thousand more viewers: two kilobytes each would show. What may stay of one is its id, among those who left.
    private const long MostGrowth = 2 << 20;

    // As many as are there at once: of those who were there before, nothing is left.
    private const int MostTraces = 100;

    [Fact]
    public void Two_hours_drift_nowhere()
    {
        using var node = new SimulatedNode(seed: 11, shards: 2);
        var publisher = node.Publish(new PublisherPlan
        {
            Video = Codec.Vp8,
            FramesPerSecond = 5,
            VideoBitrate = 80_000,
            KeyframeFactor = 2,
            KeyframeInterval = 50,
            AudioInterval = TimeSpan.FromMilliseconds(80),
            FirstSequence = 30_000,
            FirstTimestamp = uint.MaxValue - 90_000 * 3600u,
            RepairsAudio = true,
        });
        node.Connect(publisher);
        var clean = node.Watch();
        var lossy = node.Watch(RepairingViewer, link: new LinkProfile { Loss = 0.03, Jitter = TimeSpan.FromMilliseconds(20) });
        var bursty = node.Watch(RepairingViewer, link: new LinkProfile { Bursts = new GilbertElliott(0.005, 0.3), Reorder = 0.01 });
        var most = 0L;
        for (var minute = 0; minute < 120; minute++)
        {
            node.Run(60);
            most = Math.Max(most, node.Live.Stream!.Tracks.Sum(t => t.Packets.HeldBytes));
        }

        // Ten seconds between keyframes at 80 kbit/s are 100 kB: two or three pages, one more for sound, and never more.
        Assert.InRange(most, 1, 8 * 64 * 1024);
        Assert.True(publisher.Video.Packets > 65_536, "the sequence numbers did not wrap around");
        clean.AssertFlawless(publisher);
        foreach (var viewer in (TestViewer[])[clean, lossy, bursty])
        {
            viewer.AssertSound();
            Assert.True(viewer.Video.Lost + viewer.Audio.Lost == 0, $"{viewer.Video}; {viewer.Audio}");
            Assert.InRange(viewer.Video.MissingFrames + viewer.Audio.MissingFrames, 0, 2);
            Assert.InRange(viewer.LargestSkew, TimeSpan.Zero, TimeSpan.FromMilliseconds(40));
            Assert.InRange(viewer.Video.LargestReportStep, TimeSpan.Zero, TimeSpan.FromMilliseconds(40));
            Assert.InRange(viewer.Video.Latency, TimeSpan.Zero, TimeSpan.FromMilliseconds(150));
            Assert.InRange((viewer.Video.CaptureError!.Value - clean.Video.CaptureError!.Value).Duration(), TimeSpan.Zero, TimeSpan.FromMilliseconds(40));
        }

        Assert.Empty(node.Ended);

        TestViewer RepairingViewer(Protocols.Wire.NetworkAddress address) => new(node.Random.Fork(), address, node.Clock) { RepairsAudio = true };
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Two_thousand_viewers_come_and_go_and_leave_nothing_behind(int shards)
    {
        using var node = new SimulatedNode(seed: 13, shards: shards);
        var publisher = node.Publish(new PublisherPlan { FramesPerSecond = 5, VideoBitrate = 100_000, KeyframeInterval = 20, AudioInterval = TimeSpan.FromMilliseconds(100) });
        node.Connect(publisher);
        node.Run(20);
        var held = node.Live.Stream!.Tracks.Sum(t => t.Packets.HeldBytes);
        var watching = new Queue<(TestViewer Viewer, int Manner)>();
        var arrived = 0;
        var traces = new List<WeakReference>();
        var heap = 0L;
        for (var i = 0; i < 2000; i++)
        {
            // What grows with the first viewers only, tables and the memory of those who left, has grown by then.
            if (i == SettledAfter) heap = GC.GetTotalMemory(forceFullCollection: true);
            watching.Enqueue((node.Watch(link: i % 7 == 0 ? new LinkProfile { Loss = 0.1 } : null), i % 4));
            node.Run(0.2);
            Trace(node, traces);
            if (watching.Count <= 25) continue;
            var (viewer, manner) = watching.Dequeue();
            if (viewer.Video.CompleteFrames > 0) arrived++;
            switch (manner)
            {
                case 0: viewer.Close(); break;
                case 1: Assert.True(node.Node.Whep.Close(SimulatedNode.Channel, node.SessionOf(viewer)).Succeeded); break;
                case 2: node.Live.Viewers().Single(v => v.Observe().Id == node.SessionOf(viewer)).Close(); break;
                default: node.Vanish(viewer); break;
            }

            node.Run(0.05);
            node.Discard(viewer);
        }

        Assert.True(arrived > 1800, $"{arrived} saw a picture");
        foreach (var (viewer, _) in watching)
        {
            viewer.Close();
        }

        watching.Clear();
        node.Run(40);
        Assert.Equal(0, node.Live.ViewerCount);
        Assert.Equal(1, node.Node.Directory.Count);
        Assert.Equal(0, node.Node.Whep.SessionCount);
        Assert.Equal(0, node.Node.Shards.Sum(s => s.FanOut.ViewerCount));
        Assert.Equal(1, node.Node.Shards.Sum(s => s.Endpoint.PeerCount));
        Assert.InRange(node.Live.Stream!.Tracks.Sum(t => t.Packets.HeldBytes), 1, held + 3 * 64 * 1024);
        Assert.Empty(node.Ended);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - heap, long.MinValue, MostGrowth);
        Assert.InRange(traces.Count(static trace => trace.IsAlive), 0, MostTraces);

        publisher.Close();
        node.Run(1);
        Assert.Equal(0, node.Node.Directory.Count);
        Assert.Equal(StreamEnd.Stopped, Assert.Single(node.Ended).Stream.EndReason);
    }

    // By weak references, so that the test itself keeps nobody.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Trace(SimulatedNode node, List<WeakReference> traces)
    {
        foreach (var viewer in node.Live.Viewers())
        {
            if (!traces.Exists(trace => ReferenceEquals(trace.Target, viewer))) traces.Add(new WeakReference(viewer));
        }
    }
}
