using Sluice.Protocols.Media;
using Sluice.Testing;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>Bad lines on either side of the node.</summary>
public sealed class LossTests
{
    public static TheoryData<double, bool, Codec> Losses
    {
        get
        {
            var rows = new TheoryData<double, bool, Codec>();
            foreach (var loss in (ReadOnlySpan<double>)[0.01, 0.05, 0.1, 0.2])
            {
                rows.Add(loss, false, Codec.H264);
                rows.Add(loss, true, Codec.Vp8);
            }

            return rows;
        }
    }

    private static LinkProfile Link(double loss, bool inBursts) => inBursts
        ? new LinkProfile { Latency = TimeSpan.FromMilliseconds(10), Bursts = new GilbertElliott(loss / (1 - loss) / 4, 0.25) }
        : new LinkProfile { Latency = TimeSpan.FromMilliseconds(10), Loss = loss };

    [Theory]
    [MemberData(nameof(Losses))]
    public void What_a_viewers_line_loses_is_sent_again(double loss, bool inBursts, Codec codec)
    {
        using var node = new SimulatedNode(seed: (ulong)(loss * 1000));
        var publisher = node.Publish(new PublisherPlan { Video = codec });
        node.Connect(publisher);
        var bad = node.Watch(link: Link(loss, inBursts));
        var good = node.Watch();
        node.Run(60);

        good.AssertFlawless(publisher);
        bad.AssertSound();
        Assert.True(bad.Video.Repaired > bad.Video.Packets * loss / 4, bad.Video.ToString());
        AssertFramesMissing(bad.Video, publisher, loss);
        AssertSoundMissing(bad.Audio, loss);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void What_the_publishers_line_loses_is_asked_for_again(double loss, bool inBursts, Codec codec)
    {
        using var node = new SimulatedNode(seed: (ulong)(loss * 1000) + 1);
        var publisher = node.Publish(new PublisherPlan { Video = codec }, link: Link(loss, inBursts));
        node.Connect(publisher, 20);
        var viewer = node.Watch();
        node.Run(60);

        viewer.AssertSound();
        Assert.True(publisher.Video.Retransmitted > publisher.Video.Packets * loss / 4);
        AssertFramesMissing(viewer.Video, publisher, loss);
        AssertSoundMissing(viewer.Audio, loss);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.1)]
    public void Both_lines_may_be_bad_at_once(double loss)
    {
        using var node = new SimulatedNode(seed: 77);
        var publisher = node.Publish(new PublisherPlan { RepairsAudio = true }, link: Link(loss, false));
        node.Connect(publisher, 20);
        var viewer = node.Watch(address => new TestViewer(node.Random.Fork(), address, node.Clock) { RepairsAudio = true }, link: Link(loss, true));
        node.Run(60);

        viewer.AssertSound();
        AssertFramesMissing(viewer.Video, publisher, loss);
        Assert.InRange(viewer.Audio.MissingFrames, 0, viewer.Audio.CompleteFrames / 100);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Reordering_duplication_and_jitter_cost_nothing(int shards)
    {
        var link = new LinkProfile { Jitter = TimeSpan.FromMilliseconds(30), Reorder = 0.05, Duplicate = 0.05 };
        using var node = new SimulatedNode(seed: 5, shards);
        var publisher = node.Publish(new PublisherPlan { Video = Codec.Vp8 }, link: link);
        node.Connect(publisher);
        var viewer = node.Watch(link: link);
        var good = node.Watch();
        node.Run(60);

        // Media that overtakes the server's last flight cannot be decrypted: the beginning may be missed, nothing after it.
        viewer.AssertSound();
        good.AssertSound();
        Assert.InRange(viewer.Video.MissingFrames + good.Video.MissingFrames, 0, 2);
        Assert.InRange(viewer.Video.CompleteFrames - viewer.Video.DecodableFrames, 0, 30);
        Assert.InRange((int)(publisher.Video.Frames - 1 - viewer.Video.LastStamp.Frame), 0, 5);
        Assert.Equal(0, viewer.Video.Lost + viewer.Audio.Lost + good.Video.Lost + good.Audio.Lost);
    }

    [Fact]
    public void A_viewer_whose_line_is_too_thin_takes_nothing_from_the_others()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var thin = node.Watch(link: new LinkProfile { BitsPerSecond = 700_000 });
        var others = Enumerable.Range(0, 3).Select(_ => node.Watch()).ToArray();
        node.Run(60);

        thin.AssertSound();
        Assert.True(thin.Video.Lost > 0, "the line was not too thin");

        // The thin one asks for keyframes, once a second at most: the others get them too, and every frame.
        Assert.All(others, viewer => viewer.AssertFlawless(publisher));
    }

    [Fact]
    public void Viewers_that_misbehave_take_nothing_from_the_others()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var silent = node.Watch(address => new TestViewer(node.Random.Fork(), address, node.Clock) { Acknowledges = false }, link: Link(0.2, false));
        var greedy = node.Watch(address => new TestViewer(node.Random.Fork(), address, node.Clock) { Mischief = NackEverything });
        var impatient = node.Watch(address => new TestViewer(node.Random.Fork(), address, node.Clock) { Mischief = static (v, _) => v.SendPli() });
        var others = Enumerable.Range(0, 3).Select(_ => node.Watch()).ToArray();
        node.Run(30);

        Assert.All(others, viewer => viewer.AssertFlawless(publisher));
        impatient.AssertFlawless(publisher);
        silent.AssertSound();
        greedy.AssertSound();
        Assert.True(greedy.Video.Duplicates > 1000, "nothing was asked for twice");

        // Whatever it asks for, it gets no more than the rate bursts are spread to.
        Assert.InRange(greedy.RtpBytes, 0, 30 * 20_000_000 / 8 + 2 * 64 * 1200);
    }

    [Theory]
    [InlineData(Codec.H264)]
    [InlineData(Codec.Vp8)]
    public void Viewers_that_come_while_a_keyframe_is_being_repaired_get_all_of_it(Codec codec)
    {
        using var node = new SimulatedNode(seed: 51);
        var publisher = node.Publish(new PublisherPlan { Video = codec, KeyframeInterval = 15, KeyframeFactor = 3 }, link: Link(0.1, false));
        node.Connect(publisher, 20);
        node.Run(2);
        var viewers = new List<(TestViewer Viewer, Protocols.Wire.Instant Asked)>();
        for (var i = 0; i < 120; i++)
        {
            viewers.Add((node.Watch(), node.Now));
            node.Run(0.0517);
        }

        node.Run(3);
        foreach (var (viewer, asked) in viewers)
        {
            viewer.AssertSound();
            Assert.InRange(viewer.Video.FirstFrameAt - asked, TimeSpan.Zero, TimeSpan.FromMilliseconds(600));
        }

        var broken = viewers.Count(v => v.Viewer.Video.CompleteFrames - v.Viewer.Video.DecodableFrames > 0);
        Assert.True(broken == 0, $"{broken} of {viewers.Count} began with a picture they could not show");
    }

    [Theory]
    [InlineData(Codec.H264)]
    [InlineData(Codec.Vp8)]
    public void A_keyframe_whose_beginning_comes_late_is_begun_at_its_beginning(Codec codec)
    {
        using var node = new SimulatedNode(seed: 52);
        var publisher = node.Publish(new PublisherPlan { Video = codec, KeyframeInterval = 15 }, link: new LinkProfile { Latency = TimeSpan.FromMilliseconds(40) });
        node.Connect(publisher, 20);
        node.Run(2);
        publisher.Loses = static stamp => stamp is { IsKey: true, Part: 0 };
        var viewers = new List<TestViewer>();
        for (var i = 0; i < 100; i++)
        {
            viewers.Add(node.Watch());
            node.Run(0.0217);
        }

        node.Run(3);
        Assert.True(publisher.Video.Retransmitted > 5);
        var broken = viewers.Count(v => v.Video.CompleteFrames - v.Video.DecodableFrames > 0 || v.Video.MissingFrames > 1 || v.Errors.Any());
        Assert.True(broken == 0, $"{broken} of {viewers.Count} began with a picture they could not show");
    }

    [Fact]
    public void Two_seconds_without_network_are_over_within_three()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(5);
        var host = node.HostOf(viewer);
        host.Down.AddOutage(node.Now, node.Now + TimeSpan.FromSeconds(2));
        host.Up.AddOutage(node.Now, node.Now + TimeSpan.FromSeconds(2));
        node.Run(20);

        viewer.AssertSound();
        Assert.InRange(viewer.Video.LongestPause, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(5));
        Assert.InRange(viewer.Video.Latency, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        Assert.InRange(publisher.Video.Frames - 1 - viewer.Video.LastStamp.Frame, 0u, 3u);
    }

    // Ten tries within a second: only at 20 % does a frame of ten packets ever stay broken, and then rarely.
    private static void AssertFramesMissing(ReceivedTrack track, TestPublisher publisher, double loss)
    {
        var share = track.MissingFrames / (double)(track.CompleteFrames + track.MissingFrames);
        Assert.True(share <= (loss >= 0.2 ? 0.05 : 0.01), $"{share:p2} of the frames are missing: {track}");
        Assert.InRange((int)(publisher.Video.Frames - 1 - track.LastStamp.Frame), 0, 60);
    }

    // Sound is not repaired unless offered: what is lost is lost, and no more.
    private static void AssertSoundMissing(ReceivedTrack track, double loss)
    {
        var share = track.MissingFrames / (double)(track.CompleteFrames + track.MissingFrames);
        Assert.InRange(share, loss / 3, loss * 2);
    }

    private static void NackEverything(TestViewer viewer, Protocols.Wire.Instant now)
    {
        if (viewer.Video.Packets == 0) return;
        Span<ushort> sequences = stackalloc ushort[400];
        for (var i = 0; i < sequences.Length; i++)
        {
            sequences[i] = (ushort)(viewer.NewestSequence - sequences.Length + i);
        }

        viewer.SendNack(sequences);
    }
}
