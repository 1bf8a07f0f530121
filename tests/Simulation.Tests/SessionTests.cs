using Sluice.Control.Live;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>Publishers and viewers that come, go, move and come back.</summary>
public sealed class SessionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_viewer_behind_a_nat_that_rebinds_goes_on_with_the_next_check(int shards)
    {
        using var node = new SimulatedNode(shards: shards);
        var publisher = node.Publish();
        node.Connect(publisher);
        var nat = node.Network.AddNat(NetworkAddress.FromIPv4(0xcb00_7101, 0));
        var viewer = node.Watch(nat: nat);
        node.Run(10);
        for (var i = 0; i < 5; i++)
        {
            nat.Rebind();
            node.Run(12);
        }

        viewer.AssertSound();
        Assert.InRange(viewer.Video.LongestPause, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(3.5));
        Assert.InRange((int)(publisher.Video.Frames - 1 - viewer.Video.LastStamp.Frame), 0, 3);
        Assert.Empty(node.Ended);
        Assert.Equal(2, node.Node.Directory.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_publisher_behind_a_nat_that_rebinds_goes_on_with_the_next_check(int shards)
    {
        using var node = new SimulatedNode(shards: shards);
        var nat = node.Network.AddNat(NetworkAddress.FromIPv4(0xcb00_7101, 0));
        var publisher = node.Publish(nat: nat);
        node.Connect(publisher);
        var viewers = Enumerable.Range(0, 4).Select(_ => node.Watch()).ToArray();
        node.Run(10);
        var stream = node.Live.Stream;
        for (var i = 0; i < 5; i++)
        {
            nat.Rebind();
            node.Run(12);
        }

        Assert.Same(stream, node.Live.Stream);
        Assert.All(viewers, viewer =>
        {
            viewer.AssertSound();
            Assert.InRange(viewer.Video.LongestPause, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(3.5));
            Assert.InRange((int)(publisher.Video.Frames - 1 - viewer.Video.LastStamp.Frame), 0, 3);
        });
    }

    [Fact]
    public void Datagrams_that_reach_another_shard_after_a_move_are_handed_over()
    {
        using var node = new SimulatedNode(shards: 2);
        var nat = node.Network.AddNat(NetworkAddress.FromIPv4(0xcb00_7101, 0));
        var odd = false;
        node.Machine.Spread = (path, _) => path.Remote.WithPort(0) == nat.Address.WithPort(0) && odd ? 1 : 0;
        var publisher = node.Publish(nat: nat);
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(5);
        Assert.Equal(0, node.Machine.HandedOver);
        odd = true;
        nat.Rebind();
        node.Run(10);

        Assert.True(node.Machine.HandedOver > 200);
        viewer.AssertSound();
        Assert.InRange((int)(publisher.Video.Frames - 1 - viewer.Video.LastStamp.Frame), 0, 3);
        Assert.Equal(2, node.Node.Shards[0].Endpoint.PeerCount);
        Assert.Equal(0, node.Node.Shards[1].Endpoint.PeerCount);
    }

    [Fact]
    public void An_address_whose_session_has_ended_is_unknown_even_where_nobody_else_has_spoken_since()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        node.Run(2);
        publisher.Close();
        Assert.True(node.RunUntil(() => node.Ended.Count == 1, 5));
        var before = node.Machine.Refused;
        byte[] media = [0x80, 96, .. new byte[198]];
        for (var i = 0; i < 50; i++) publisher.SendRaw(media);
        node.Run(0.2);

        Assert.InRange(node.Machine.Refused - before, 50, long.MaxValue);
        Assert.Equal(0, node.Node.Shards[0].Endpoint.PeerCount);
    }

    [Fact]
    public void A_stream_has_ended_when_its_DELETE_is_answered_and_ends_once()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(3);
        Assert.NotNull(node.Live.Stream);
        Assert.True(node.Node.Whip.Close(SimulatedNode.Channel, node.SessionOf(publisher)).Succeeded);

        Assert.Null(node.Live.Stream); // no time has passed
        Assert.Equal(StreamEnd.Stopped, Assert.Single(node.Ended).Stream.EndReason);
        node.Run(5);
        Assert.Single(node.Ended);
        Assert.Equal(1, node.Node.Directory.Count);
        viewer.AssertSound();
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(5)]
    [InlineData(20)]
    public void A_viewer_from_the_port_of_one_who_left_without_a_word_is_served_within_seconds(double after)
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var address = node.NewAddress();
        var first = node.WatchFrom(address);
        node.Connect(first);
        node.Run(3);
        node.Vanish(first);
        node.Run(after);
        var second = node.WatchFrom(address);
        node.Connect(second, seconds: 20);
        var forged = second.Forged; // what was sent to the first one until then
        node.Run(60);

        Assert.Equal(forged, second.Forged);
        Assert.Empty(second.Errors);
        Assert.InRange(second.Video.MissingFrames, 0, 1);
        Assert.InRange((int)(publisher.Video.Frames - 1 - second.Video.LastStamp.Frame), 0, 5);
        Assert.Equal(1, node.Live.ViewerCount);
        Assert.Equal(2, node.Node.Directory.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Viewers_stay_through_a_publishers_restart_with_other_numbers_and_codec_parameters(int shards)
    {
        using var node = new SimulatedNode(shards: shards);
        var viewers = Enumerable.Range(0, 4).Select(_ => node.Watch()).ToArray();
        TestPublisher? last = null;
        ushort sequence = 65_000;
        for (var i = 0; i < 5; i++)
        {
            last = node.Publish(new PublisherPlan
            {
                Video = i % 2 == 0 ? Codec.Vp8 : Codec.H264,
                FirstSequence = sequence,
                FirstTimestamp = (uint)node.Random.Next(),
                FirstPictureId = (ushort)node.Random.Next(0x8000),
                VideoPayloadType = (byte)(100 + i * 2),
            });
            sequence = (ushort)node.Random.Next(0x10000);
            node.Connect(last);
            node.Run(6);
            if (i == 4) break;
            last.Close();
            node.Run(3);
        }

        Assert.Equal(4, node.Ended.Count);
        Assert.All(node.Ended, ended => Assert.Equal(StreamEnd.Stopped, ended.Stream.EndReason));
        Assert.All(viewers, viewer =>
        {
            viewer.AssertComplete(last!);
            Assert.Equal(0, viewer.Video.Lost + viewer.Audio.Lost);
            Assert.Equal(4, viewer.Video.Switches);
            Assert.Equal(4, viewer.Audio.Switches);
            Assert.InRange(viewer.LargestSkew, TimeSpan.Zero, TimeSpan.FromMilliseconds(40));
        });
    }

    [Fact]
    public void A_second_publisher_takes_the_channel_over()
    {
        using var node = new SimulatedNode(shards: 2);
        var first = node.Publish(new PublisherPlan { Video = Codec.Vp8 });
        node.Connect(first);
        var viewers = Enumerable.Range(0, 3).Select(_ => node.Watch()).ToArray();
        node.Run(5);
        var second = node.Publish(new PublisherPlan { Video = Codec.Vp8, FirstTimestamp = 1000, FirstPictureId = 17, FirstSequence = 3 });
        node.Connect(second);
        node.Run(5);

        var (_, ended) = Assert.Single(node.Ended);
        Assert.Equal(StreamEnd.TakenOver, ended.EndReason);
        Assert.True(first.IsClosed);
        Assert.Equal(1, node.Node.Whip.SessionCount);
        Assert.All(viewers, viewer =>
        {
            viewer.AssertComplete(second);
            Assert.Equal(1, viewer.Video.Switches);
            Assert.InRange(viewer.Video.LongestPause, TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
        });
    }

    [Fact]
    public void A_publisher_that_vanishes_ends_its_stream_once_after_thirty_seconds()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(10);
        var slab = node.Live.Stream!.Tracks.Sum(t => t.Packets.HeldBytes);
        Assert.True(slab > 0);
        var stream = node.Live.Stream;
        node.Vanish(publisher);
        var vanished = node.Now;
        node.Run(60);

        var (at, ended) = Assert.Single(node.Ended);
        Assert.Same(stream, ended);
        Assert.Equal(StreamEnd.Lost, ended.EndReason);
        Assert.InRange(at - vanished, TimeSpan.FromSeconds(26), TimeSpan.FromSeconds(31));
        Assert.Null(node.Live.Stream);
        Assert.Equal(0, stream.Tracks.Sum(t => t.Packets.HeldBytes));
        Assert.Equal(0, node.Node.Whip.SessionCount);
        Assert.True(viewer.IsConnected);

        var back = node.Publish();
        node.Connect(back);
        node.Run(5);
        viewer.AssertComplete(back);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_publisher_that_crashed_and_comes_back_at_once_takes_its_own_place(int shards)
    {
        using var node = new SimulatedNode(shards: shards);
        var publisher = node.Publish(new PublisherPlan { Video = Codec.Vp8 });
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(5);
        node.Vanish(publisher);
        node.Run(3);
        var back = node.Publish(new PublisherPlan { Video = Codec.Vp8, FirstSequence = 9, FirstTimestamp = 9, FirstPictureId = 9 });
        node.Connect(back);
        var stream = node.Live.Stream;
        node.Run(60);

        // The old session's consent ran out meanwhile: that ends nothing a second time.
        Assert.Equal(StreamEnd.TakenOver, Assert.Single(node.Ended).Stream.EndReason);
        Assert.Same(stream, node.Live.Stream);
        Assert.Equal(1, node.Node.Whip.SessionCount);
        Assert.Equal(2, node.Node.Directory.Count);
        viewer.AssertComplete(back);
        Assert.Equal(1, viewer.Video.Switches);
        Assert.InRange(viewer.LargestSkew, TimeSpan.Zero, TimeSpan.FromMilliseconds(40));
    }

    [Fact]
    public void A_viewer_that_vanishes_is_counted_down()
    {
        using var node = new SimulatedNode(shards: 2);
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewers = Enumerable.Range(0, 6).Select(_ => node.Watch()).ToArray();
        node.Run(5);
        Assert.Equal(6, node.Live.ViewerCount);
        node.Vanish(viewers[0]);
        node.Vanish(viewers[3]);
        node.Run(40);

        Assert.Equal(4, node.Live.ViewerCount);
        Assert.Equal(4, node.Node.Shards.Sum(s => s.FanOut.ViewerCount));
        Assert.Equal(4, node.Node.Whep.SessionCount);
        Assert.Equal(5, node.Node.Directory.Count);
        viewers[1].AssertFlawless(publisher);
    }

    [Fact]
    public void A_session_that_is_deleted_says_goodbye()
    {
        using var node = new SimulatedNode(shards: 2);
        var publisher = node.Publish();
        node.Connect(publisher);
        var stays = node.Watch();
        var goes = node.Watch();
        node.Run(5);
        Assert.True(node.Node.Whep.Close(SimulatedNode.Channel, node.SessionOf(goes)).Succeeded);
        Assert.False(node.Node.Whep.Close("another", node.SessionOf(stays)).Succeeded);
        node.Run(1);
        Assert.True(goes.IsClosed);
        Assert.Equal(1, node.Live.ViewerCount);
        Assert.False(node.Node.Whep.Close(SimulatedNode.Channel, node.SessionOf(goes)).Succeeded);

        Assert.True(node.Node.Whip.Close(SimulatedNode.Channel, node.SessionOf(publisher)).Succeeded);
        node.Run(1);
        Assert.True(publisher.IsClosed);
        Assert.Equal(StreamEnd.Stopped, Assert.Single(node.Ended).Stream.EndReason);
        Assert.True(stays.IsConnected);
        Assert.Equal(1, node.Node.Directory.Count);
    }

    [Fact]
    public void A_client_that_closes_is_forgotten_at_once()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(5);
        viewer.Close();
        publisher.Close();
        node.Run(0.5);

        Assert.Equal(0, node.Node.Directory.Count);
        Assert.Equal(0, node.Live.ViewerCount);
        Assert.Equal(0, node.Node.Whip.SessionCount + node.Node.Whep.SessionCount);
        Assert.Equal(StreamEnd.Stopped, Assert.Single(node.Ended).Stream.EndReason);
    }

    [Fact]
    public void A_session_closed_before_it_connects_never_becomes_a_stream()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish();
        Assert.True(node.Node.Whip.Close(SimulatedNode.Channel, node.SessionOf(publisher)).Succeeded);
        node.Run(40);

        Assert.Empty(node.Ended);
        Assert.Null(node.Live.Stream);
        Assert.Equal(0, node.Node.Directory.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_session_survives_many_restarts_of_ice_and_can_still_be_closed(int shards)
    {
        using var node = new SimulatedNode(shards: shards);
        var publisher = node.Publish();
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(2);
        for (var i = 0; i < 8; i++)
        {
            var outcome = node.Node.Whep.Patch(SimulatedNode.Channel, node.SessionOf(viewer), "a=group:BUNDLE 0 1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n" + viewer.OfferRestart(), "*");
            Assert.True(outcome.Succeeded, outcome.Reason);
            viewer.AcceptRestart(node.Now, outcome.Body);
            node.Run(3);
        }

        viewer.AssertFlawless(publisher);
        Assert.True(node.Node.Whep.Close(SimulatedNode.Channel, node.SessionOf(viewer)).Succeeded);
        node.Run(1);
        Assert.True(viewer.IsClosed);
        Assert.Equal(0, node.Live.ViewerCount);
        Assert.Equal(1, node.Node.Directory.Count);
    }

    [Fact]
    public void An_encoder_replaced_within_its_session_goes_on_for_viewers()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish(new PublisherPlan { Video = Codec.Vp8, FirstSequence = 40_000 });
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(5);
        TestPublisher.ChangeSsrc(publisher.Video, 0x0bad_cafe);
        node.Run(5);

        viewer.AssertComplete(publisher);
    }
}
