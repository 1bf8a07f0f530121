using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Payloads.Packetizers;
using Sluice.Testing;
using Sluice.Testing.Clips;

namespace Sluice.Protocols.Tests.Payloads.Frames;

/// <summary>Real clips through the packetizer and the depacketizer of their codec.</summary>
public sealed class PayloadRoundTripTests
{
    public static TheoryData<string> Clips => [.. Clip.Names];

    public static TheoryData<string> VideoClips => [.. Clip.Names.Where(n => n != "opus")];

    [Theory]
    [MemberData(nameof(Clips))]
    public void Frames_come_out_bit_for_bit_whatever_the_payload_limit(string name)
    {
        var clip = Clip.Load(name);
        foreach (var limit in new[] { 64, 65, 100, 333, Packetizer.DefaultMaxPayload, 1400, 60_000 })
        {
            var packets = Payloading.Packetize(clip, limit);
            var depacketizer = Payloading.NewDepacketizer(clip.Format);
            var frames = Payloading.Join(depacketizer, packets);

            Assert.Equal(clip.Frames.Count, frames.Count);
            for (var i = 0; i < frames.Count; i++)
            {
                Assert.Equal(clip.Frames[i].Payload, frames[i].Payload);
                Assert.Equal(clip.Frames[i].Flags, frames[i].Flags);
                Assert.Equal(clip.Frames[i].With(clip.Format).PresentationTime, frames[i].DecodeTime + frames[i].CompositionOffset);
            }

            Assert.Equal(0, depacketizer.FramesDropped);
            Assert.False(depacketizer.NeedsKeyframe);
        }
    }

    [Theory]
    [MemberData(nameof(VideoClips))]
    public void The_format_is_rebuilt_from_the_bitstream(string name)
    {
        var clip = Clip.Load(name);
        var frames = Payloading.Join(Payloading.NewDepacketizer(clip.Format), Payloading.Packetize(clip));

        Assert.Equal(clip.Format, frames[0].Format);
        Assert.Equal(new Resolution(192, 108), frames[0].Format.Resolution);
        Assert.All(frames, frame => Assert.Same(frames[0].Format, frame.Format));
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public void Payloads_keep_the_limit_and_say_where_frames_begin_and_end(string name)
    {
        var clip = Clip.Load(name);
        var isVideo = clip.Format.Kind == MediaKind.Video;
        foreach (var group in Payloading.Packetize(clip).GroupBy(p => p.Frame))
        {
            var packets = group.ToList();
            var isKeyframe = isVideo && (clip.Frames[group.Key].Flags & FrameFlags.Keyframe) != 0;
            Assert.All(packets, p => Assert.InRange(p.Payload.Length, 1, Packetizer.DefaultMaxPayload));
            Assert.Equal([true, .. packets.Skip(1).Select(_ => false)], packets.Select(p => p.Facts.StartsFrame));
            Assert.Equal([isKeyframe, .. packets.Skip(1).Select(_ => false)], packets.Select(p => p.Facts.StartsKeyframe));
            Assert.Equal([.. packets.SkipLast(1).Select(_ => false), isVideo], packets.Select(p => p.Facts.Marker));
        }
    }

    [Theory]
    [MemberData(nameof(VideoClips))]
    public void Inspection_finds_the_same_beginnings_in_the_payloads(string name)
    {
        var clip = Clip.Load(name);
        foreach (var group in Payloading.Packetize(clip).GroupBy(p => p.Frame))
        {
            var first = PayloadInspection.Inspect(clip.Format.Codec, group.First().Payload);
            Assert.True(first.StartsFrame);
            Assert.Equal((clip.Frames[group.Key].Flags & FrameFlags.Keyframe) != 0, first.StartsKeyframe);
            if (first.StartsKeyframe) Assert.Equal(clip.Format.Resolution, first.Resolution);
        }
    }

    [Theory]
    [InlineData("vp8")]
    [InlineData("vp9")]
    [InlineData("av1")]
    public void The_payloads_of_a_picture_are_equal_but_for_the_last_which_is_no_longer(string name)
    {
        foreach (var group in Payloading.Packetize(Clip.Load(name), 200).GroupBy(p => p.Frame))
        {
            var lengths = group.Select(p => p.Payload.Length).ToList();
            Assert.All(lengths.SkipLast(1), length => Assert.Equal(lengths[0], length));
            Assert.True(lengths[^1] <= lengths[0]);
        }
    }

    [Theory]
    [InlineData("h264", 2)]
    [InlineData("h265", 3)]
    public void The_fragments_of_a_unit_are_equal_but_for_the_last_which_is_no_longer(string name, int headers)
    {
        var fragments = Payloading.Packetize(Clip.Load(name), 200)
            .Where(p => name == "h264" ? (p.Payload[0] & 0x1f) == 28 : p.Payload[0] >> 1 == 49).ToList();
        Assert.True(fragments.Count > 20);
        var expected = 0;
        foreach (var payload in fragments.Select(f => f.Payload))
        {
            var head = payload[headers - 1];
            if ((head & 0x80) != 0) expected = payload.Length;
            if ((head & 0x40) == 0) Assert.Equal(expected, payload.Length);
            else Assert.InRange(payload.Length, headers + 1, expected);
        }
    }

    [Theory]
    [MemberData(nameof(VideoClips))]
    public void A_frame_ends_where_the_timestamp_changes_though_no_marker_came(string name)
    {
        var clip = Clip.Load(name);
        var packets = Payloading.Packetize(clip).Select(p => p with { Facts = p.Facts with { Marker = false } });
        var frames = Payloading.Join(Payloading.NewDepacketizer(clip.Format), packets);

        Assert.Equal(clip.Frames.SkipLast(1).Select(f => f.Payload), frames.Select(f => f.Payload));
    }

    [Theory]
    [MemberData(nameof(VideoClips))]
    public void What_a_gap_breaks_is_dropped_up_to_the_next_keyframe(string name)
    {
        var clip = Clip.Load(name);
        var packets = Payloading.Packetize(clip, 150);
        for (var lost = 0; lost < packets.Count; lost++)
        {
            var depacketizer = Payloading.NewDepacketizer(clip.Format);
            List<JoinedFrame> frames = [];
            for (var i = 0; i < packets.Count; i++)
            {
                if (i == lost)
                {
                    depacketizer.HandleLoss();
                    Assert.True(depacketizer.NeedsKeyframe);
                    continue;
                }

                Payloading.Join(depacketizer, packets[i], frames);
            }

            var broken = packets[lost].Frame;
            var resumed = broken < 7 ? 7 : 14;
            int[] expected = [.. Enumerable.Range(0, broken), .. Enumerable.Range(resumed, 14 - resumed)];
            Assert.Equal(expected.Select(i => clip.Frames[i].Payload), frames.Select(f => f.Payload));
            for (var i = 0; i < frames.Count; i++)
            {
                Assert.Equal(expected[i] == resumed, (frames[i].Flags & FrameFlags.Discontinuity) != 0);
            }

            Assert.Equal(resumed == 14, depacketizer.NeedsKeyframe);
        }
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public void Frames_are_whole_or_missing_whatever_is_lost(string name)
    {
        var clip = Clip.Load(name);
        var whole = clip.Frames.Select(f => Convert.ToHexString(f.Payload)).ToHashSet();
        var delivered = 0;
        for (ulong seed = 0; seed < 60; seed++)
        {
            var random = new SeededRandom(seed);
            var packets = Payloading.Packetize(clip, 64 + random.Next(400));
            var loss = random.NextDouble() * 0.3;
            var depacketizer = Payloading.NewDepacketizer(clip.Format);
            List<JoinedFrame> frames = [];
            foreach (var packet in packets)
            {
                if (random.Chance(loss)) depacketizer.HandleLoss();
                else Payloading.Join(depacketizer, packet, frames);
            }

            Assert.All(frames, f => Assert.Contains(Convert.ToHexString(f.Payload), whole));
            Assert.True(frames.Zip(frames.Skip(1)).All(pair => pair.Second.DecodeTime > pair.First.DecodeTime));
            delivered += frames.Count;
        }

        Assert.InRange(delivered, 60, 60 * clip.Frames.Count - 1);
    }

    [Theory]
    [MemberData(nameof(VideoClips))]
    public void Nothing_is_delivered_before_the_first_keyframe(string name)
    {
        var clip = Clip.Load(name);
        var depacketizer = Payloading.NewDepacketizer(clip.Format);
        var frames = Payloading.Join(depacketizer, Payloading.Packetize(clip).Where(p => p.Frame >= 3));

        Assert.Equal(clip.Frames.Skip(7).Select(f => f.Payload), frames.Select(f => f.Payload));
        Assert.Equal(4, depacketizer.FramesDropped);
    }

    [Fact]
    public void Sound_goes_on_after_a_gap_and_says_that_there_was_one()
    {
        var clip = Clip.Load("opus");
        var depacketizer = Payloading.NewDepacketizer(clip.Format);
        List<JoinedFrame> frames = [];
        foreach (var packet in Payloading.Packetize(clip))
        {
            if (packet.Frame is 5 or 6) depacketizer.HandleLoss();
            else Payloading.Join(depacketizer, packet, frames);
        }

        Assert.Equal(clip.Frames.Count - 2, frames.Count);
        Assert.False(depacketizer.NeedsKeyframe);
        Assert.Equal([5], Enumerable.Range(0, frames.Count).Where(i => (frames[i].Flags & FrameFlags.Discontinuity) != 0));
    }
}
