using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Protocols.Tests.Payloads;

public sealed class PictureIdRewriterTests
{
    [Fact]
    public void The_first_run_passes_untouched()
    {
        var rewriter = new PictureIdRewriter();
        foreach (var (name, codec) in new[] { ("vp8-15", Codec.Vp8), ("vp8-7", Codec.Vp8), ("vp9-15", Codec.Vp9), ("vp9-7", Codec.Vp9) })
        {
            rewriter = new PictureIdRewriter();
            foreach (var packet in Captures.Packets(name))
            {
                var copy = packet.Payload.ToArray();
                Assert.True(rewriter.Rewrite(codec, copy));
                Assert.Equal(packet.Payload, copy);
            }
        }
    }

    [Fact]
    public void After_a_switch_every_counter_goes_on_from_the_last_one()
    {
        var rewriter = new PictureIdRewriter();
        var before = VpxPacket.Vp8(32767, 15, tl0: 255, key: 31, startsKeyframe: true);
        Assert.True(rewriter.Rewrite(Codec.Vp8, before));
        Assert.Equal(1, rewriter.Switch());

        var after = VpxPacket.Vp8(500, 15, tl0: 40, key: 3, startsKeyframe: true);
        Assert.True(rewriter.Rewrite(Codec.Vp8, after));
        Assert.Equal(VpxPacket.Vp8(0, 15, tl0: 0, key: 0, startsKeyframe: true), after);

        var next = VpxPacket.Vp8(501, 15, tl0: 41, key: 3);
        Assert.True(rewriter.Rewrite(Codec.Vp8, next));
        Assert.Equal(VpxPacket.Vp8(1, 15, tl0: 1, key: 0), next);
    }

    [Fact]
    public void Captured_clips_played_one_after_another_count_on()
    {
        var rewriter = new PictureIdRewriter();
        var ids = new List<int>();
        for (var round = 0; round < 3; round++)
        {
            foreach (var packet in Captures.Packets("vp9-15"))
            {
                var copy = packet.Payload.ToArray();
                Assert.True(rewriter.Rewrite(Codec.Vp9, copy));
                Assert.Equal(packet.Payload[3..], copy[3..]);
                Assert.True(Vp9Descriptor.TryParse(copy, out var descriptor));
                if (descriptor.StartsFrame) ids.Add(descriptor.Ids.PictureId);
            }

            rewriter.Switch();
        }

        Assert.Equal(Enumerable.Range(0, ids.Count).Select(i => ids[0] + i & 0x7fff), ids);
    }

    [Theory]
    [InlineData(Codec.Vp8, 15, 1)]
    [InlineData(Codec.Vp8, 15, 2)]
    [InlineData(Codec.Vp8, 7, 3)]
    [InlineData(Codec.Vp8, 7, 4)]
    [InlineData(Codec.Vp9, 15, 5)]
    [InlineData(Codec.Vp9, 15, 6)]
    [InlineData(Codec.Vp9, 7, 7)]
    public void Through_switches_reordering_and_retransmission_ids_follow_frames_one_by_one(Codec codec, int bits, int seed)
    {
        var random = new Random(seed);
        var viewer = new SwitchingViewer(codec, bits, random);
        for (var run = 0; run < 60; run++)
        {
            viewer.Watch(random.Next(3), frames: random.Next(1, bits == 7 ? 200 : 900));
        }

        Assert.True(viewer.FramesSeen > 1000);
        Assert.True(viewer.Retransmissions > 100);
    }

    [Fact]
    public void Numbers_wrap_within_one_long_run()
    {
        var random = new Random(8);
        var viewer = new SwitchingViewer(Codec.Vp8, 15, random);
        viewer.Watch(0, 70_000);
        viewer.Watch(1, 70_000);
        Assert.Equal(140_000, viewer.FramesSeen);
    }

    [Fact]
    public void Frames_outside_what_an_earlier_run_sent_are_refused_and_stay_untouched()
    {
        var rewriter = new PictureIdRewriter();
        Send(rewriter, 10);
        rewriter.Switch();
        Send(rewriter, 900, startsKeyframe: true);
        Send(rewriter, 905);
        rewriter.Switch();
        Send(rewriter, 300, startsKeyframe: true);

        AssertRefused(rewriter, 11, 0);
        AssertRefused(rewriter, 899, 1);
        AssertRefused(rewriter, 906, 1);
        AssertRefused(rewriter, 299, 2);
        Assert.Equal(13, Rewritten(rewriter, 902, 1));
        Assert.Equal(9, Rewritten(rewriter, 9, 0)); // before the very first frame there is nothing to run into
        Assert.Equal(17, Rewritten(rewriter, 300, 2));
    }

    [Fact]
    public void A_run_that_sent_nothing_has_nothing_to_send_again()
    {
        var rewriter = new PictureIdRewriter();
        Send(rewriter, 10);
        rewriter.Switch();
        rewriter.Switch();
        Assert.Equal(11, Rewritten(rewriter, 0, 2, startsKeyframe: true));
        AssertRefused(rewriter, 0, 1);
    }

    [Fact]
    public void Runs_beyond_those_remembered_and_runs_to_come_are_refused()
    {
        var rewriter = new PictureIdRewriter();
        for (ushort run = 0; run < 20; run++)
        {
            Send(rewriter, (ushort)(run * 100), startsKeyframe: true);
            if (run < 19) rewriter.Switch();
        }

        Assert.Equal(19, rewriter.Run);
        for (var run = -3; run < 24; run++)
        {
            if (run is > 19 - PictureIdRewriter.RememberedRuns and <= 19)
            {
                Assert.Equal(run, Rewritten(rewriter, (ushort)(run * 100), run, startsKeyframe: true));
            }
            else
            {
                AssertRefused(rewriter, (ushort)(Math.Abs(run) * 100), run);
            }
        }
    }

    [Fact]
    public void A_source_that_counts_anew_with_a_keyframe_goes_on()
    {
        var rewriter = new PictureIdRewriter();
        Send(rewriter, 10);
        rewriter.Switch();
        Send(rewriter, 900, startsKeyframe: true);
        Send(rewriter, 901);
        AssertRefused(rewriter, 0, 1);
        Assert.Equal(13, Rewritten(rewriter, 0, 1, startsKeyframe: true));
        Assert.Equal(14, Rewritten(rewriter, 1, 1));
    }

    [Fact]
    public void Field_widths_stay_where_sources_differ()
    {
        var rewriter = new PictureIdRewriter();
        Send(rewriter, 20_000);
        rewriter.Switch();
        var narrow = VpxPacket.Vp8(5, 7, startsKeyframe: true);
        Assert.True(rewriter.Rewrite(Codec.Vp8, narrow));
        Assert.Equal(VpxPacket.Vp8(20_001 & 0x7f, 7, startsKeyframe: true), narrow);
        rewriter.Switch();
        Assert.Equal(20_002, Rewritten(rewriter, 77, 2, startsKeyframe: true));
    }

    [Fact]
    public void A_sender_may_change_to_the_wide_field_within_a_run()
    {
        var rewriter = new PictureIdRewriter();
        Send(rewriter, 1000);
        rewriter.Switch();
        Assert.True(rewriter.Rewrite(Codec.Vp8, VpxPacket.Vp8(127, 7, startsKeyframe: true)));
        Assert.Equal(1002, Rewritten(rewriter, 128, 1));
    }

    [Fact]
    public void Sources_without_a_counter_do_not_disturb_the_others()
    {
        var rewriter = new PictureIdRewriter();
        Assert.True(rewriter.Rewrite(Codec.Vp8, VpxPacket.Vp8(10, 15, tl0: 5)));
        rewriter.Switch();
        byte[] bare = [0x10, 0x00, 1, 2];
        Assert.True(rewriter.Rewrite(Codec.Vp8, bare));
        Assert.Equal([0x10, 0x00, 1, 2], bare);
        rewriter.Switch();
        var back = VpxPacket.Vp8(700, 15, tl0: 90, startsKeyframe: true);
        Assert.True(rewriter.Rewrite(Codec.Vp8, back));
        Assert.Equal(VpxPacket.Vp8(11, 15, tl0: 6, startsKeyframe: true), back);
    }

    [Fact]
    public void Damaged_descriptors_are_refused_and_other_codecs_pass()
    {
        var rewriter = new PictureIdRewriter();
        byte[] cut = [0x90, 0x80, 0x92];
        Assert.False(rewriter.Rewrite(Codec.Vp8, cut));
        Assert.False(rewriter.Rewrite(Codec.Vp9, new byte[] { 0x80, 0x92 }));
        Assert.False(rewriter.Rewrite(Codec.Vp8, []));
        Assert.Equal([0x90, 0x80, 0x92], cut);
        byte[] h264 = [0x65, 0x88];
        Assert.True(rewriter.Rewrite(Codec.H264, h264));
        Assert.Equal([0x65, 0x88], h264);
    }

    [Fact]
    public void Rewriting_allocates_nothing()
    {
        var rewriter = new PictureIdRewriter();
        var packet = VpxPacket.Vp8(10, 15, tl0: 5, key: 1, startsKeyframe: true);
        rewriter.Rewrite(Codec.Vp8, packet);
        PayloadInspection.Inspect(Codec.Vp8, packet);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            rewriter.Switch();
            rewriter.Rewrite(Codec.Vp8, packet);
            PayloadInspection.Inspect(Codec.Vp8, packet);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Send(PictureIdRewriter rewriter, ushort id, bool startsKeyframe = false) =>
        Assert.True(rewriter.Rewrite(Codec.Vp8, VpxPacket.Vp8(id, 15, startsKeyframe: startsKeyframe)));

    private static int Rewritten(PictureIdRewriter rewriter, ushort id, int run, bool startsKeyframe = false)
    {
        var packet = VpxPacket.Vp8(id, 15, startsKeyframe: startsKeyframe);
        Assert.True(rewriter.Rewrite(Codec.Vp8, packet, run));
        Assert.True(Vp8Descriptor.TryParse(packet, out var descriptor));
        return descriptor.Ids.PictureId;
    }

    private static void AssertRefused(PictureIdRewriter rewriter, ushort id, int run)
    {
        var packet = VpxPacket.Vp8(id, 15);
        var original = packet.ToArray();
        Assert.False(rewriter.Rewrite(Codec.Vp8, packet, run));
        Assert.Equal(original, packet);
    }
}
