using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;
using Sluice.Testing;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>One publisher and its viewers where nothing is lost.</summary>
public sealed class CleanNetworkTests
{
    // A viewer's line and the server's, there and back.
    private static readonly TimeSpan RoundTrip = LinkProfile.Default.Latency * 4;

    [Theory]
    [InlineData(Codec.H264, 1)]
    [InlineData(Codec.Vp8, 1)]
    [InlineData(Codec.H264, 2)]
    [InlineData(Codec.Vp8, 2)]
    public void A_viewer_gets_every_frame_from_the_keyframe_on(Codec codec, int shards)
    {
        using var node = new SimulatedNode(shards: shards);
        var publisher = node.Publish(new PublisherPlan { Video = codec });
        node.Connect(publisher);
        node.Run(2);
        var viewer = node.Watch();
        node.Run(20);

        viewer.AssertFlawless(publisher);
        Assert.Contains(viewer.Video.FirstFrame!.Value, publisher.Video.Keyframes);
        Assert.True(publisher.Reports > 10);
        Assert.True(publisher.TransportFeedback > 100);
        Assert.InRange(viewer.Video.Latency, TimeSpan.Zero, RoundTrip);
    }

    [Fact]
    public void A_viewer_without_retransmissions_of_its_own_gets_every_frame()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewer = node.Watch(address => new TestViewer(node.Random.Fork(), address, node.Clock) { HasRtx = false });
        node.Run(10);

        viewer.AssertFlawless(publisher);
    }

    [Theory]
    [InlineData("active")]
    [InlineData("passive")]
    public void Either_side_may_open_the_handshake(string setup)
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewer = node.Watch(address => new TestViewer(node.Random.Fork(), address, node.Clock) { Setup = setup });
        node.Run(5);

        viewer.AssertFlawless(publisher);
    }

    [Fact]
    public void The_first_picture_is_there_one_round_trip_after_the_handshake()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        node.Run(1);
        var asked = node.Now;
        var viewer = node.Watch();
        node.Run(2);

        // Two round trips of ICE (check, nomination), two of DTLS, and the picture comes with the server's last flight.
        Assert.InRange(viewer.ConnectedAt - asked, TimeSpan.Zero, RoundTrip * 4);
        Assert.InRange(viewer.Video.FirstFrameAt - viewer.ConnectedAt, TimeSpan.Zero, RoundTrip);
        Assert.InRange(viewer.Audio.FirstFrameAt - viewer.ConnectedAt, TimeSpan.Zero, RoundTrip + publisher.Plan.AudioInterval);
    }

    [Fact]
    public void A_late_viewer_gets_the_last_keyframe_and_what_followed_without_asking_the_publisher()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish(new PublisherPlan { KeyframeInterval = 90 });
        node.Connect(publisher);
        node.Run(8.5);
        var keyframe = publisher.Video.Keyframes[^1];
        Assert.True(publisher.Video.Frames - keyframe > 60, "the viewer would come too early to be late");
        var asked = publisher.Video.KeyframeRequests;
        var viewer = node.Watch();
        node.Run(3);

        viewer.AssertFlawless(publisher);
        Assert.Equal(keyframe, viewer.Video.FirstFrame);
        Assert.Equal(asked, publisher.Video.KeyframeRequests);
        Assert.InRange(viewer.Video.Latency, TimeSpan.Zero, RoundTrip);
    }

    [Fact]
    public void A_late_viewer_catches_up_at_a_bounded_rate()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish(new PublisherPlan { KeyframeInterval = 90, VideoBitrate = 4_000_000 });
        node.Connect(publisher);
        node.Run(11.5);
        var arrivals = new List<(Instant At, int Bytes)>();
        var viewer = node.Watch();
        viewer.Arrived = (at, bytes) => arrivals.Add((at, bytes));
        node.Run(4);

        viewer.AssertFlawless(publisher);
        Assert.InRange(viewer.Video.Latency, TimeSpan.Zero, RoundTrip);

        // The bucket's depth, a run that may exceed it, and 20 Mbit/s for the window.
        var window = TimeSpan.FromMilliseconds(100);
        var bound = 2 * 64 * 1200 + (int)(20_000_000 / 8 * window.TotalSeconds);
        long within = 0;
        var first = 0;
        var most = 0L;
        foreach (var (at, bytes) in arrivals)
        {
            within += bytes;
            while (at - arrivals[first].At > window) within -= arrivals[first++].Bytes;
            most = Math.Max(most, within);
        }

        Assert.InRange(most, 4_000_000 / 8 * window.TotalSeconds * 3, bound);
    }

    [Theory]
    [InlineData(40_000_000)]
    [InlineData(12_000_000)]
    public void A_stream_of_many_bits_is_not_slowed_down_by_the_pacing_of_bursts(int bitrate)
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish(new PublisherPlan { VideoBitrate = bitrate, KeyframeFactor = 2, FramesPerSecond = 60 });
        node.Connect(publisher);
        node.Run(2);
        var viewer = node.Watch();
        node.Run(8);

        viewer.AssertFlawless(publisher);
        Assert.InRange(viewer.Video.Latency, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Fifty_viewers_of_an_old_keyframe_make_one_request_a_second()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        node.Run(30);
        Assert.Equal([0u], publisher.Video.Keyframes);
        var before = publisher.Video.KeyframeRequests;
        var viewers = Enumerable.Range(0, 50).Select(_ => node.Watch()).ToArray();
        node.Run(10);

        Assert.InRange(publisher.Video.KeyframeRequests - before, 1, 2);
        Assert.All(viewers, viewer => viewer.AssertFlawless(publisher));
    }

    [Fact]
    public void Viewers_that_ask_for_keyframes_all_the_time_get_one_a_second_for_all()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewers = Enumerable.Range(0, 5).Select(_ => node.Watch(address => new TestViewer(node.Random.Fork(), address, node.Clock)
        {
            Mischief = static (viewer, _) => viewer.SendPli(),
        })).ToArray();
        node.Run(20);

        Assert.True(viewers.Sum(v => v.KeyframeRequests) > 5000);
        Assert.InRange(publisher.Video.KeyframeRequests, 15, 22);
        Assert.All(viewers, viewer => viewer.AssertFlawless(publisher));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    public void A_wanted_keyframe_is_asked_for_at_once(bool hasTransportFeedback, int shards)
    {
        using var node = new SimulatedNode(shards: shards);
        var publisher = node.Publish(new PublisherPlan { HasTransportFeedback = hasTransportFeedback });
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(10.3);
        viewer.SendPli();
        var asked = node.Now;
        node.Run(2);

        // The viewer's line and the server's, then the server's and the publisher's; and a tick of the server's timers.
        Assert.InRange(publisher.Video.KeyframeRequestTimes[^1] - asked, TimeSpan.Zero, RoundTrip + TimeSpan.FromMilliseconds(5));
    }

    [Fact]
    public void Viewers_that_come_before_the_publisher_start_with_it()
    {
        using var node = new SimulatedNode(shards: 2);
        var viewers = Enumerable.Range(0, 4).Select(_ => node.Watch()).ToArray();
        node.Run(40);
        Assert.All(viewers, viewer => Assert.True(viewer.IsConnected));
        var publisher = node.Publish(new PublisherPlan { Video = Codec.Vp8 });
        node.Run(10);

        Assert.All(viewers, viewer =>
        {
            viewer.AssertFlawless(publisher);
            Assert.Equal(0u, viewer.Video.FirstFrame);
        });
    }

    [Fact]
    public void Sound_and_picture_stay_together_whatever_the_publishers_clock_says()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish(new PublisherPlan { ClockAhead = TimeSpan.FromHours(-3) });
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(30);

        viewer.AssertFlawless(publisher);
        Assert.True(viewer.Video.Reports > 20);
        Assert.InRange(viewer.LargestSkew, TimeSpan.Zero, TimeSpan.FromMilliseconds(40));
        Assert.InRange(viewer.Video.LargestReportStep, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        Assert.Equal(Run(), Run());

        static (long, long, long) Run()
        {
            using var node = new SimulatedNode(7);
            var link = new LinkProfile { Loss = 0.05, Jitter = TimeSpan.FromMilliseconds(10) };
            var publisher = node.Publish(link: link);
            node.Connect(publisher);
            var viewer = node.Watch(link: link);
            node.Run(10);
            return (viewer.Video.CompleteFrames, viewer.Video.Repaired, node.Network.Delivered);
        }
    }
}
