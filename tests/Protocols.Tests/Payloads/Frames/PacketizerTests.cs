using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Payloads.Packetizers;
using Sluice.Testing.Clips;

namespace Sluice.Protocols.Tests.Payloads.Frames;

public sealed class PacketizerTests
{
    [Fact]
    public void A_keyframe_of_h264_begins_with_its_sets_in_one_aggregate()
    {
        var clip = Clip.Load("h264");
        var first = Payloading.Packetize(clip)[0].Payload;
        Assert.Equal(24, first[0] & 0x1f);
        var reader = new H264PayloadReader(first);
        List<int> types = [];
        while (reader.TryRead(out var unit)) types.Add(unit.Header & 0x1f);
        Assert.Equal([7, 8], types.Take(2));
        Assert.Equal(0x60, first[0] & 0x60); // the highest of them
    }

    [Fact]
    public void A_keyframe_of_h265_begins_with_its_sets_in_one_aggregate()
    {
        var first = Payloading.Packetize(Clip.Load("h265"))[0].Payload;
        Assert.Equal(48, first[0] >> 1);
        var reader = new H265PayloadReader(first);
        List<int> types = [];
        while (reader.TryRead(out var unit)) types.Add(unit.Header >> 9 & 0x3f);
        Assert.Equal([32, 33, 34], types.Take(3));
        Assert.Equal(1, first[1] & 7);
    }

    [Fact]
    public void Other_frames_do_not_repeat_the_sets()
    {
        foreach (var packet in Payloading.Packetize(Clip.Load("h264")).Where(p => p.Frame is not (0 or 7)))
        {
            Assert.False(PayloadInspection.Inspect(Codec.H264, packet.Payload).StartsKeyframe);
        }
    }

    [Fact]
    public void Sets_a_source_left_in_the_frame_are_not_sent_twice()
    {
        var clip = Clip.Load("h264");
        byte[] frame = [0, 0, 0, 4, 0x67, 1, 2, 3, 0, 0, 0, 2, 0x68, 1, 0, 0, 0, 2, 0x65, 0x88];
        var packets = Payloading.Packetize(Payloading.NewPacketizer(Codec.H264), clip.Format, new ClipFrame(0, 0, FrameFlags.Keyframe, frame));
        Assert.Equal("78" + "000467010203" + "00026801" + "00026588", Convert.ToHexString(Assert.Single(packets).Payload));
    }

    [Theory]
    [InlineData(Codec.H264, "")]
    [InlineData(Codec.H264, "000000")]
    [InlineData(Codec.H264, "0000000265")] // cut short
    [InlineData(Codec.H264, "ffffffff65")]
    [InlineData(Codec.H264, "000000020910")] // a delimiter alone
    [InlineData(Codec.H264, "000000021c85")] // a type RTP has taken
    [InlineData(Codec.H264, "00000000")]
    [InlineData(Codec.H265, "0000000126")] // shorter than its header
    [InlineData(Codec.H265, "00000003460150")] // a delimiter alone
    [InlineData(Codec.Av1, "1200")] // a delimiter alone
    [InlineData(Codec.Av1, "32ff")] // a size beyond the end
    [InlineData(Codec.Av1, "80")]
    [InlineData(Codec.Vp8, "")]
    [InlineData(Codec.Vp9, "")]
    [InlineData(Codec.Opus, "")]
    public void A_frame_with_nothing_to_send_is_refused(Codec codec, string hex)
    {
        var format = new FrameFormat(codec, CodecFacts.ClockRateOf(codec), 0, default, []);
        Assert.Empty(Payloading.Packetize(Payloading.NewPacketizer(codec), format, new ClipFrame(0, 0, FrameFlags.Keyframe, Convert.FromHexString(hex))));
    }

    [Fact]
    public void A_frame_of_another_codec_is_refused() =>
        Assert.Empty(Payloading.Packetize(Payloading.NewPacketizer(Codec.Vp8), Clip.Load("vp9").Format, Clip.Load("vp9").Frames[0]));

    [Fact]
    public void Opus_too_large_for_a_datagram_is_refused_and_the_largest_frame_there_is_passes()
    {
        var clip = Clip.Load("opus");
        var packetizer = Payloading.NewPacketizer(Codec.Opus);
        Assert.Single(Payloading.Packetize(packetizer, clip.Format, new ClipFrame(0, 0, FrameFlags.Keyframe, new byte[1275])));
        Assert.Empty(Payloading.Packetize(packetizer, clip.Format, new ClipFrame(0, 0, FrameFlags.Keyframe, new byte[1301])));
    }

    [Fact]
    public void A_keyframe_of_av1_without_a_sequence_header_gets_that_of_the_format()
    {
        var clip = Clip.Load("av1");
        var whole = clip.Frames[0].Payload;
        var reader = new Av1ObuReader(whole);
        Assert.True(reader.TryRead(out var sequence) && sequence.Header.Type == Av1ObuType.SequenceHeader);
        var bare = clip.Frames[0] with { Payload = whole[sequence.Unit.Length..] };
        var packets = Payloading.Packetize(Payloading.NewPacketizer(Codec.Av1), clip.Format, bare);
        Assert.Equal(0x08, packets[0].Payload[0] & 0x08);
        Assert.All(packets.Skip(1), p => Assert.Equal(0, p.Payload[0] & 0x08));
        Assert.Equal(whole, Assert.Single(Payloading.Join(Payloading.NewDepacketizer(clip.Format), packets)).Payload);
    }

    [Fact]
    public void Av1_elements_have_no_sizes_of_their_own()
    {
        var elements = 0;
        foreach (var packet in Payloading.Packetize(Clip.Load("av1")))
        {
            var reader = new Av1PayloadReader(packet.Payload);
            while (reader.TryRead(out var element))
            {
                if (!element.Starts) continue;
                Assert.Equal(0, element.Bytes[0] & 2);
                elements++;
            }

            Assert.False(reader.Malformed);
        }

        Assert.True(elements >= 14, $"{elements} elements");
    }

    [Theory]
    [InlineData("vp8", 2)]
    [InlineData("vp9", 1)]
    public void Picture_ids_have_fifteen_bits_and_grow_by_one_a_frame(string name, int offset)
    {
        var clip = Clip.Load(name);
        var packetizer = Payloading.NewPacketizer(clip.Format.Codec);
        for (var i = 1; i < 33_000; i++)
        {
            var packet = Payloading.Packetize(packetizer, clip.Format, clip.Frames[1])[0];
            var ids = PayloadInspection.Inspect(clip.Format.Codec, packet.Payload).Ids;
            Assert.Equal((15, offset, i & 0x7fff), (ids.PictureIdBits, ids.PictureIdOffset, ids.PictureId));
        }
    }

    [Fact]
    public void A_keyframe_of_vp9_says_that_there_is_one_layer()
    {
        var packets = Payloading.Packetize(Clip.Load("vp9"), 300).Where(p => p.Frame == 0).ToList();
        Assert.True(Vp9Descriptor.TryParse(packets[0].Payload, out var first));
        Assert.Equal((1, new Resolution(192, 108), false, true, false), (first.SpatialLayers, first.Resolution, first.IsPredicted, first.StartsFrame, first.IsFlexible));
        Assert.True(Vp9Descriptor.TryParse(packets[^1].Payload, out var last));
        Assert.Equal((0, true, false), (last.SpatialLayers, last.EndsFrame, last.StartsFrame));
    }

    [Fact]
    public void A_frame_nothing_refers_to_says_so_in_vp8()
    {
        var clip = Clip.Load("vp8");
        var frame = clip.Frames[1] with { Flags = FrameFlags.Disposable };
        Assert.True(Payloading.Packetize(Payloading.NewPacketizer(Codec.Vp8), clip.Format, frame).All(p => PayloadInspection.Inspect(Codec.Vp8, p.Payload).IsNonReference));
    }

    [Fact]
    public void Sound_after_a_pause_has_the_marker()
    {
        var clip = Clip.Load("opus");
        var packetizer = Payloading.NewPacketizer(Codec.Opus);
        Assert.False(Payloading.Packetize(packetizer, clip.Format, clip.Frames[0])[0].Facts.Marker);
        var resumed = clip.Frames[1] with { Flags = FrameFlags.Keyframe | FrameFlags.Discontinuity };
        Assert.True(Payloading.Packetize(packetizer, clip.Format, resumed)[0].Facts.Marker);
    }

    [Fact]
    public void A_frame_begun_anew_forgets_the_one_before()
    {
        var clip = Clip.Load("h264");
        var packetizer = Payloading.NewPacketizer(Codec.H264, 100);
        var buffer = new byte[100];
        var first = clip.Frames[0].With(clip.Format);
        Assert.True(packetizer.Begin(first));
        for (var i = 0; i < 5; i++) Assert.True(packetizer.TryTake(first, buffer, out _));
        var packets = Payloading.Packetize(packetizer, clip.Format, clip.Frames[7]);
        Assert.Equal(Payloading.Packetize(clip, 100).Where(p => p.Frame == 7).Select(p => p.Payload), packets.Select(p => p.Payload));
    }

    [Fact]
    public void A_buffer_shorter_than_the_limit_is_the_callers_mistake()
    {
        var clip = Clip.Load("vp8");
        var packetizer = Payloading.NewPacketizer(Codec.Vp8);
        Assert.True(packetizer.Begin(clip.Frames[0].With(clip.Format)));
        Assert.Throws<ArgumentOutOfRangeException>(() => packetizer.TryTake(clip.Frames[0].With(clip.Format), new byte[100], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Payloading.NewPacketizer(Codec.Vp8, 63));
        Assert.False(Packetizer.TryCreate(Codec.Aac, out _));
    }
}
