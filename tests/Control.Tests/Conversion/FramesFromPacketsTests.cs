using Sluice.Control.Tracks;
using Sluice.Conversion;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing;
using Sluice.Testing.Clips;

namespace Sluice.Control.Tests.Conversion;

public sealed class FramesFromPacketsTests
{
    public static TheoryData<string> Clips => [.. Clip.Names];

    [Theory]
    [MemberData(nameof(Clips))]
    public void Packets_become_the_frames_they_were_made_of(string name)
    {
        using var stand = new ConversionStand(name);
        using var cursor = stand.Watch();
        var seen = stand.Seen;
        foreach (var packet in stand.Packets(3)) stand.Append(packet);

        AssertFrames(stand, Enumerable.Range(0, 3 * stand.Clip.Frames.Count), seen);
        Assert.All(seen, frame => Assert.Equal(FrameFlags.None, frame.Flags & FrameFlags.Discontinuity));
        Assert.Equal(0, stand.PacketTrack.Statistics.KeyframeRequests);
        Assert.Equal(name == "h264-reordered", stand.PacketTrack.HasReordering);
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public void A_packet_that_comes_late_is_waited_for(string name)
    {
        using var stand = new ConversionStand(name);
        var packets = stand.Packets(2);
        using var cursor = stand.Watch();
        var seen = stand.Seen;
        for (var i = 0; i < packets.Count; i++)
        {
            stand.Pass(10);
            if (i % 40 != 20) stand.Append(packets[i]);
            if (i % 40 == 39) stand.Append(packets[i - 19]); // 190 ms late
        }

        if (packets.Count % 40 is > 20) return; // the last one never came
        AssertFrames(stand, Enumerable.Range(0, 2 * stand.Clip.Frames.Count), seen);
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public void Any_order_within_the_patience_gives_the_same_frames(string name)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var random = new SeededRandom(seed);
            using var stand = new ConversionStand(name);
            using var cursor = stand.Watch();
            var seen = stand.Seen;
            var first = true;
            foreach (var packet in stand.Packets(2).Select((p, i) => (p, At: i == 0 ? 0 : i + random.Next(12))).OrderBy(x => x.At))
            {
                if (!first) stand.Pass(10);
                first = false;
                stand.Append(packet.p);
            }

            AssertFrames(stand, Enumerable.Range(0, 2 * stand.Clip.Frames.Count), seen);
            Assert.Equal(0, stand.PacketTrack.Statistics.KeyframeRequests);
        }
    }

    [Fact]
    public void A_hole_is_given_up_after_the_patience_and_a_key_picture_asked_for()
    {
        using var stand = new ConversionStand("h264");
        var packets = stand.Packets(2);
        using var cursor = stand.Watch();
        var seen = stand.Seen;
        var lost = packets.FindIndex(p => p.Frame == 3);
        for (var i = 0; i < packets.Count; i++)
        {
            if (packets[i].Frame == 7) break;
            stand.Pass(1);
            if (i != lost) stand.Append(packets[i]);
        }
        AssertFrames(stand, [0, 1, 2], seen);
        Assert.False(stand.PacketTrack.TakeKeyframeRequest());

        stand.Pass(FramesFromPackets.Patience.TotalMilliseconds);
        stand.Derive();
        Assert.True(stand.PacketTrack.TakeKeyframeRequest());

        foreach (var packet in packets.Where(p => p.Frame >= 7)) stand.Append(packet);
        AssertFrames(stand, [0, 1, 2, .. Enumerable.Range(7, 21)], seen);
        Assert.Equal([3], Enumerable.Range(0, seen.Count).Where(i => (seen[i].Flags & FrameFlags.Discontinuity) != 0));
    }

    [Fact]
    public void Holes_found_together_are_given_up_together()
    {
        using var stand = new ConversionStand("opus");
        var packets = stand.Packets(2);
        using var cursor = stand.Watch();
        var seen = stand.Seen;
        for (var i = 0; i < 20; i++)
        {
            if (i is not (5 or 7 or 9)) stand.Append(packets[i]);
        }

        stand.Pass(FramesFromPackets.Patience.TotalMilliseconds);
        stand.Append(packets[20]);
        AssertFrames(stand, Enumerable.Range(0, 21).Where(i => i is not (5 or 7 or 9)), seen);
        Assert.False(stand.PacketTrack.TakeKeyframeRequest());
    }

    [Fact]
    public void While_a_key_picture_is_waited_for_no_hole_before_it_is()
    {
        using var stand = new ConversionStand("vp8");
        var packets = stand.Packets(2);
        using var cursor = stand.Watch();
        var seen = stand.Seen;
        var first = packets.FindIndex(p => p.Frame == 2);
        var second = packets.FindIndex(p => p.Frame == 5);
        for (var i = 0; i < packets.Count; i++)
        {
            if (i == packets.FindIndex(p => p.Frame == 4)) stand.Pass(FramesFromPackets.Patience.TotalMilliseconds);
            if (i != first && i != second) stand.Append(packets[i]);
        }
        AssertFrames(stand, [0, 1, .. Enumerable.Range(7, 21)], seen);
    }

    [Fact]
    public void An_old_key_picture_is_no_beginning_where_a_new_one_can_be_had()
    {
        using var stand = new ConversionStand("vp9");
        var packets = stand.Packets(3);
        using var cursor = stand.WatchLate(packets.Where(p => p.Frame < 10), 5000);
        var seen = stand.Seen;
        stand.Derive();
        Assert.True(stand.PacketTrack.TakeKeyframeRequest());
        foreach (var packet in packets.Where(p => p.Frame is >= 10 and < 20)) stand.Append(packet);
        AssertFrames(stand, Enumerable.Range(14, 6), seen);
    }

    [Fact]
    public void Where_no_new_one_can_be_had_the_newest_key_picture_is_the_beginning()
    {
        using var stand = new ConversionStand("vp9", makesKeyframes: false);
        var packets = stand.Packets(3);
        using var cursor = stand.WatchLate(packets.Where(p => p.Frame < 10), 5000);
        var seen = stand.Seen;
        stand.Derive();
        AssertFrames(stand, Enumerable.Range(7, 3), seen);
    }

    [Fact]
    public void A_request_nobody_answers_is_not_waited_for_forever()
    {
        using var stand = new ConversionStand("vp8");
        var packets = stand.Packets();
        using var cursor = stand.WatchLate(packets.Where(p => p.Frame < 12), 1500);
        var seen = stand.Seen;
        foreach (var packet in packets.Where(p => p.Frame >= 12))
        {
            stand.Append(packet);
            stand.Pass(2000);
        }

        stand.Derive();
        AssertFrames(stand, Enumerable.Range(7, 7), seen);
    }

    [Fact]
    public void A_pause_shorter_than_a_picture_group_misses_nothing()
    {
        using var stand = new ConversionStand("h265");
        var packets = stand.Packets();
        var cursor = stand.Watch();
        foreach (var packet in packets.Where(p => p.Frame < 9)) stand.Append(packet);
        cursor.Dispose();
        foreach (var packet in packets.Where(p => p.Frame is 9 or 10)) stand.Append(packet);
        Assert.Equal(9, stand.PacketTrack.Frames.Count);
        stand.Seen.Clear();
        using var second = stand.Watch();
        var seen = stand.Seen;
        Assert.False(second.TryTake(out _)); // what is there is from before
        foreach (var packet in packets.Where(p => p.Frame > 10)) stand.Append(packet);
        AssertFrames(stand, Enumerable.Range(7, 7), seen);
        Assert.Equal(14, stand.PacketTrack.Frames.Count);
    }

    [Fact]
    public void After_a_longer_pause_nobody_begins_in_what_was_before_it()
    {
        using var stand = new ConversionStand("h264");
        var packets = stand.Packets(2);
        var cursor = stand.Watch();
        foreach (var packet in packets.Where(p => p.Frame < 9)) stand.Append(packet);
        cursor.Dispose();
        foreach (var packet in packets.Where(p => p.Frame is >= 9 and < 16)) stand.Append(packet);
        stand.Pass(3000);
        stand.Seen.Clear();
        using var second = stand.Watch();
        var seen = stand.Seen;
        foreach (var packet in packets.Where(p => p.Frame is >= 16 and < 24))
        {
            stand.Append(packet);
        }

        AssertFrames(stand, [21, 22, 23], seen);
        Assert.NotEqual(FrameFlags.None, seen[0].Flags & FrameFlags.Discontinuity);
    }

    [Fact]
    public void A_track_whose_codec_changes_goes_on_in_the_new_one()
    {
        using var stand = new ConversionStand("vp8");
        using var other = new ConversionStand("h264");
        using var cursor = stand.Watch();
        var seen = stand.Seen;
        var packets = stand.Packets();
        foreach (var packet in packets) stand.Append(packet);
        var index = stand.PacketTrack.IndexOf(other.Format!);
        foreach (var packet in other.Packets())
        {
            var header = packet.Header;
            header.Sequence += packets.Count;
            header.Timestamp += 14 * 3600;
            header.FormatIndex = index;
            header.ArrivedAt = stand.Now;
            Assert.True(stand.PacketTrack.Packets.Append(ref header, default, packet.Payload));
            stand.Derive();
        }
        Assert.Equal([.. Enumerable.Repeat(Codec.Vp8, 14), .. Enumerable.Repeat(Codec.H264, 14)], seen.Select(f => f.Format.Codec));
        Assert.Equal([.. stand.Clip.Frames.Select(f => f.Payload), .. other.Clip.Frames.Select(f => f.Payload)], seen.Select(f => f.Payload));
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public void Whatever_is_lost_frames_are_whole_and_times_grow(string name)
    {
        for (ulong seed = 0; seed < 30; seed++)
        {
            var random = new SeededRandom(seed);
            using var stand = new ConversionStand(name);
            var whole = stand.Clip.Frames.Select(f => Convert.ToHexString(f.Payload)).ToHashSet();
            using var cursor = stand.Watch();
            var seen = stand.Seen;
            var loss = random.NextDouble() * 0.2;
            foreach (var packet in stand.Packets(5))
            {
                stand.Pass(random.Next(40));
                if (random.Chance(loss)) continue;
                stand.Append(packet);
            }

            Assert.All(seen, frame => Assert.Contains(Convert.ToHexString(frame.Payload), whole));
            Assert.True(seen.Zip(seen.Skip(1)).All(pair => pair.Second.DecodeTime > pair.First.DecodeTime));
        }
    }

    private static void AssertFrames(ConversionStand stand, IEnumerable<int> expected, List<SeenFrame> seen)
    {
        var indices = expected.ToList();
        Assert.Equal(indices.Count, seen.Count);
        for (var i = 0; i < seen.Count; i++)
        {
            var frame = stand.FrameAt(indices[i]);
            Assert.True(frame.Payload.SequenceEqual(seen[i].Payload));
            Assert.Equal(frame.PresentationTime, seen[i].DecodeTime + seen[i].CompositionOffset);
            Assert.Equal(frame.IsKeyframe, (seen[i].Flags & FrameFlags.Keyframe) != 0);
        }
    }
}
