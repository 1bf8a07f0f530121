using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads.Depacketizers;
using Sluice.Protocols.Tests.Rtp;
using Sluice.Testing.Clips;

namespace Sluice.Protocols.Tests.Payloads.Frames;

/// <summary>What senders other than ours send, and what no sender should.</summary>
public sealed class DepacketizerTests
{
    private const string Pps = "68ce3c80";

    private readonly Clip _h264 = Clip.Load("h264");
    private readonly List<JoinedFrame> _frames = [];

    private string Sps
    {
        get
        {
            _ = AvcConfiguration.TryParse(_h264.Format.Configuration, out var record);
            var sets = record.SequenceSets;
            _ = sets.TryRead(out var nal);
            return Convert.ToHexString(nal);
        }
    }

    [Theory]
    [InlineData("h264", Codec.H264)]
    [InlineData("h265", Codec.H265)]
    public void What_another_packetizer_sent_comes_out_unit_for_unit(string name, Codec codec)
    {
        var depacketizer = New(codec);
        var timestamp = 0;
        foreach (var packet in Captures.Packets(name))
        {
            Send(depacketizer, Convert.ToHexString(packet.Payload), timestamp, packet.Marker);
            if (packet.Marker) timestamp += 3000;
        }

        var units = new List<string>();
        foreach (var frame in _frames)
        {
            var reader = new LengthPrefixedReader(frame.Payload, 4);
            while (reader.TryRead(out var nal)) units.Add(Convert.ToHexString(nal));
        }

        Assert.Equal(Captures.Units(name).Where(unit => !IsStripped(codec, unit)), units);
        Assert.Equal(new Resolution(96, 64), _frames[0].Format.Resolution);
        Assert.Equal(0, depacketizer.FramesDropped);
    }

    [Theory]
    [InlineData("vp8-7", Codec.Vp8)]
    [InlineData("vp8-15", Codec.Vp8)]
    [InlineData("vp9-7", Codec.Vp9)]
    [InlineData("vp9-15", Codec.Vp9)]
    public void Pictures_of_another_packetizer_come_out_each(string name, Codec codec)
    {
        var depacketizer = New(codec);
        var packets = Captures.Packets(name);
        for (var i = 0; i < packets.Count; i++)
        {
            Send(depacketizer, Convert.ToHexString(packets[i].Payload), packets.Take(i).Count(p => p.Marker) * 3000, packets[i].Marker);
        }

        Assert.Equal(packets.Count(p => p.Marker), _frames.Count);
        Assert.Equal(new Resolution(96, 64), _frames[0].Format.Resolution);
        Assert.Equal(0, depacketizer.FramesDropped);
    }

    [Theory]
    [InlineData("7c05aabb")] // a fragment in the middle of nothing
    [InlineData("7c45aabb")] // the end of nothing
    [InlineData("7cc5aabb")] // beginning and end in one
    [InlineData("7c85")] // a fragment without bytes
    [InlineData("7800ff65")] // an aggregate cut short
    [InlineData("78")]
    [InlineData("e588")] // the forbidden bit
    [InlineData("6508")] // not the picture's first slice
    [InlineData("1f88")] // no packet type
    [InlineData("676400")] // a set nobody can read
    public void A_picture_with_damage_is_dropped_and_a_keyframe_wanted(string payload)
    {
        var depacketizer = New(Codec.H264);
        Send(depacketizer, Sps, 0, false);
        Send(depacketizer, Pps, 0, false);
        Send(depacketizer, "6588aa", 0, true);
        Send(depacketizer, payload, 3000, true);
        Send(depacketizer, "4188aa", 6000, true);

        Assert.Single(_frames);
        Assert.True(depacketizer.NeedsKeyframe);
        Assert.Equal(2, depacketizer.FramesDropped);
        Send(depacketizer, "6588bb", 9000, true);
        Send(depacketizer, "6588cc", 12_000, true);
        Assert.Contains(_frames, f => (f.Flags & FrameFlags.Discontinuity) != 0);
        Assert.False(depacketizer.NeedsKeyframe);
    }

    [Theory]
    [InlineData("7c85aa", "7c85bb")] // begun twice
    [InlineData("7c85aa", "7c41bb")] // ended as another unit
    [InlineData("7c85aa", "6588bb")] // another unit within
    public void Fragments_that_do_not_follow_one_another_are_no_unit(string first, string second)
    {
        var depacketizer = Started();
        Send(depacketizer, first, 3000, false);
        Send(depacketizer, second, 3000, true);
        Assert.Single(_frames);
        Assert.True(depacketizer.NeedsKeyframe);
    }

    [Fact]
    public void A_unit_without_its_end_is_no_unit()
    {
        var depacketizer = Started();
        Send(depacketizer, "5c8188aa", 3000, true);
        Assert.Single(_frames);
        Assert.True(depacketizer.NeedsKeyframe);
    }

    [Fact]
    public void Delimiters_and_filler_leave_the_picture_and_messages_stay()
    {
        var depacketizer = Started();
        foreach (var payload in new[] { "0910", "0605aa", "418855", "0cffff", "0a" }) Send(depacketizer, payload, 3000, payload == "0a");
        Assert.Equal("000000030605aa" + "00000003418855" + "000000010a", Convert.ToHexStringLower(_frames[^1].Payload));
    }

    [Fact]
    public void Sets_alone_are_no_picture_and_break_none()
    {
        var depacketizer = Started();
        Send(depacketizer, Pps, 3000, true);
        Send(depacketizer, "0605aa", 6000, true);
        Send(depacketizer, "418855", 9000, true);
        Assert.Equal(2, _frames.Count);
        Assert.Equal(0, depacketizer.FramesDropped);
        Assert.Equal(FrameFlags.None, _frames[1].Flags);
    }

    [Fact]
    public void A_picture_nothing_refers_to_may_be_left_out()
    {
        var depacketizer = Started();
        Send(depacketizer, "018855", 3000, true);
        Assert.Equal(FrameFlags.Disposable, _frames[^1].Flags);
    }

    [Fact]
    public void A_changed_set_makes_a_new_format_and_an_equal_one_does_not()
    {
        var depacketizer = Started();
        var first = _frames[0].Format;
        Send(depacketizer, Sps, 3000, false);
        Send(depacketizer, Pps, 3000, false);
        Send(depacketizer, "6588aa", 3000, true);
        Assert.Same(first, _frames[^1].Format);

        Send(depacketizer, "6742c01eda0280bfe5c044000003000400000300f03c58ba80", 6000, false);
        Send(depacketizer, Pps, 6000, false);
        Send(depacketizer, "6588aa", 6000, true);
        Assert.NotEqual(first, _frames[^1].Format);
        Assert.Equal(new Resolution(640, 360), _frames[^1].Format.Resolution);
    }

    [Fact]
    public void A_new_sequence_set_takes_its_picture_sets_with_it()
    {
        var depacketizer = Started();
        Send(depacketizer, "6742c01eda0280bfe5c044000003000400000300f03c58ba80", 3000, false);
        Send(depacketizer, Pps, 3000, false);
        Send(depacketizer, "6588aa", 3000, true);
        Assert.True(AvcConfiguration.TryParse(_frames[^1].Format.Configuration, out var record));
        var sets = record.SequenceSets;
        Assert.True(sets.TryRead(out var nal) && H264Sps.TryParse(nal, out _));
        sets = record.PictureSets;
        Assert.True(sets.TryRead(out nal));
        Assert.Equal(Pps, Convert.ToHexStringLower(nal));
    }

    [Fact]
    public void A_keyframe_that_lost_its_sets_is_not_shown_with_the_old_ones()
    {
        var depacketizer = Started();
        depacketizer.HandleLoss();
        Send(depacketizer, "6588bb", 3000, true);
        Assert.Single(_frames);
        Send(depacketizer, Sps, 6000, false);
        Send(depacketizer, Pps, 6000, false);
        Send(depacketizer, "6588cc", 6000, true);
        Assert.Equal(2, _frames.Count);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void Sets_may_come_with_the_description_alone(bool areGood, int frames)
    {
        var sets = $"{Convert.ToBase64String(Convert.FromHexString(Sps))},{(areGood ? Convert.ToBase64String(Convert.FromHexString(Pps)) : "!,,aA==")}";
        var format = new TrackFormat(Codec.H264, 90_000, 0, $"packetization-mode=1; sprop-parameter-sets={sets};profile-level-id=64000b");
        Assert.True(Depacketizer.TryCreate(format, out var depacketizer));
        Send(depacketizer, "6588aa", 0, true);
        Assert.Equal(frames, _frames.Count);
    }

    [Fact]
    public void More_sets_than_anybody_uses_are_forgotten_from_the_oldest_on()
    {
        var depacketizer = Started();
        for (var id = 1; id < 200; id++)
        {
            // pic_parameter_set_id of 1 to 199 in Exp-Golomb, then seq_parameter_set_id 0.
            var bits = Convert.ToString(id + 1, 2);
            var text = (new string('0', bits.Length - 1) + bits + "1").PadRight(24, '1');
            Send(depacketizer, "68" + Convert.ToInt32(text, 2).ToString("x6", null), 3000 * id, false);
            Send(depacketizer, "418855", 3000 * id, true);
        }

        Assert.Equal(200, _frames.Count);
        Assert.True(AvcConfiguration.TryParse(_frames[^1].Format.Configuration, out var record));
        var sets = record.PictureSets;
        var count = 0;
        while (sets.TryRead(out _)) count++;
        Assert.Equal(16, count);
    }

    [Fact]
    public void A_frame_larger_than_any_is_dropped_and_the_stream_goes_on()
    {
        var depacketizer = Started();
        var body = new byte[60_000];
        Send(depacketizer, "7c8588", 3000, false);
        body[0] = 0x7c;
        body[1] = 0x05;
        for (var sent = 0; sent < Depacketizer.MaxFrame + body.Length; sent += body.Length) depacketizer.Handle(body, 3000, false);
        body[1] = 0x45;
        depacketizer.Handle(body, 3000, true);
        Assert.False(depacketizer.TryTake(out _));
        Assert.True(depacketizer.NeedsKeyframe);
        Assert.Equal(1, depacketizer.FramesDropped);
        Send(depacketizer, Sps, 6000, false);
        Send(depacketizer, Pps, 6000, false);
        Send(depacketizer, "6588cc", 6000, true);
        Assert.Equal(2, _frames.Count);
    }

    [Fact]
    public void A_timestamp_that_stands_still_or_goes_back_still_gives_times_that_grow()
    {
        var depacketizer = Started();
        foreach (var timestamp in new[] { 3000, 3000, 3000, -50_000, -50_000, 100 }) Send(depacketizer, "418855", timestamp, true);
        Assert.Equal(7, _frames.Count);
        Assert.True(_frames.Zip(_frames.Skip(1)).All(pair => pair.Second.DecodeTime > pair.First.DecodeTime));
    }

    [Fact]
    public void Empty_payloads_change_nothing()
    {
        var depacketizer = Started();
        Send(depacketizer, "5c8188aa", 3000, false);
        Send(depacketizer, "", 9000, true);
        Send(depacketizer, "5c41bb", 3000, true);
        Assert.Equal(2, _frames.Count);
    }

    [Theory]
    [InlineData("10000000")] // the start of partition 0, no keyframe before
    [InlineData("0000aa")] // not the start
    [InlineData("90")] // a descriptor without its rest
    [InlineData("10")] // nothing behind it
    [InlineData("100000")] // a frame shorter than its header
    public void Vp8_that_begins_nowhere_is_dropped(string payload)
    {
        var depacketizer = New(Codec.Vp8);
        Send(depacketizer, payload, 0, true);
        Assert.Empty(_frames);
        Assert.Equal(1, depacketizer.FramesDropped);
    }

    [Fact]
    public void Vp8_that_begins_twice_is_dropped()
    {
        var clip = Clip.Load("vp8");
        var key = Convert.ToHexString(clip.Frames[0].Payload.AsSpan(0, 100));
        var depacketizer = New(Codec.Vp8);
        Send(depacketizer, "10" + key, 0, false);
        Send(depacketizer, "10" + key, 0, true);
        Assert.Empty(_frames);
        Send(depacketizer, "10" + key, 3000, false);
        Send(depacketizer, "00" + key, 3000, true);
        Assert.Single(_frames);
    }

    [Fact]
    public void Vp9_without_its_end_is_dropped()
    {
        var key = Convert.ToHexString(Clip.Load("vp9").Frames[0].Payload.AsSpan(0, 100));
        var depacketizer = New(Codec.Vp9);
        Send(depacketizer, "08" + key, 0, true);
        Assert.Empty(_frames);
        Send(depacketizer, "0c" + key, 3000, true);
        Assert.Single(_frames);
    }

    [Fact]
    public void Layers_of_one_vp9_picture_are_one_frame()
    {
        var key = Convert.ToHexString(Clip.Load("vp9").Frames[0].Payload.AsSpan(0, 100));
        var depacketizer = New(Codec.Vp9);
        Send(depacketizer, "2c0000" + key, 0, false);
        Send(depacketizer, "2c0200" + "aabb", 0, true);
        Assert.Equal(key + "AABB", Convert.ToHexString(Assert.Single(_frames).Payload));
        Send(depacketizer, "2c0200" + key, 3000, true); // the lower layer is missing
        Assert.Single(_frames);
        Assert.True(depacketizer.NeedsKeyframe);
    }

    [Theory]
    [InlineData("90aabb")] // goes on from nothing
    [InlineData("10")] // no element
    [InlineData("105032aa", "90aabb")] // ended, yet goes on
    [InlineData("1080aa")] // the forbidden bit
    [InlineData("1020aa")] // tiles without a frame
    [InlineData("300aff32aa")] // a length beyond the end
    public void Av1_that_does_not_fit_together_is_dropped(params string[] payloads)
    {
        var clip = Clip.Load("av1");
        var depacketizer = New(Codec.Av1);
        foreach (var packet in Payloading.Packetize(clip).Where(p => p.Frame == 0)) Payloading.Join(depacketizer, packet, _frames);
        for (var i = 0; i < payloads.Length; i++) Send(depacketizer, payloads[i], 3600, i == payloads.Length - 1);
        Assert.Single(_frames);
        Assert.True(depacketizer.NeedsKeyframe);
    }

    [Fact]
    public void Av1_units_with_sizes_delimiters_and_padding_come_out_in_normal_form()
    {
        var clip = Clip.Load("av1");
        var packet = new List<byte> { 0x00 }; // every element has a length
        void Element(ReadOnlySpan<byte> unit)
        {
            Span<byte> length = stackalloc byte[8];
            packet.AddRange(length[..Leb128.Write(length, (uint)unit.Length)]);
            packet.AddRange(unit);
        }

        Element([0x12, 0x00]); // a temporal delimiter
        var reader = new Av1ObuReader(clip.Frames[0].Payload);
        while (reader.TryRead(out var obu)) Element(obu.Unit);
        Element([0x42, 0x00]); // a tile list
        var depacketizer = New(Codec.Av1);
        Send(depacketizer, Convert.ToHexString([.. packet]), 0, true);
        Assert.Equal(clip.Frames[0].Payload, Assert.Single(_frames).Payload);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0300")] // no frames
    [InlineData("03")]
    [InlineData("01aabbcc")] // two frames of an odd length
    public void Opus_that_is_none_is_dropped_and_nothing_else(string payload)
    {
        var depacketizer = New(Codec.Opus);
        Send(depacketizer, "f8aabb", 0, false);
        Send(depacketizer, payload, 960, false);
        Send(depacketizer, "f8ccdd", 1920, false);
        Assert.Equal([0L, 1920L], _frames.Select(f => f.DecodeTime));
        Assert.Equal(payload.Length > 0, (_frames[1].Flags & FrameFlags.Discontinuity) != 0);
        Assert.Equal(new FrameFormat(Codec.Opus, 48_000, 2, default, Clip.Load("opus").Format.Configuration).Channels, _frames[0].Format.Channels);
    }

    [Theory]
    [InlineData("h264")]
    [InlineData("h265")]
    [InlineData("vp8")]
    [InlineData("vp9")]
    [InlineData("av1")]
    [InlineData("opus")]
    public void Nothing_is_allocated_in_the_steady_state(string name)
    {
        var clip = Clip.Load(name);
        var packetizer = Payloading.NewPacketizer(clip.Format.Codec);
        var depacketizer = Payloading.NewDepacketizer(clip.Format);
        var buffer = new byte[packetizer.MaxPayload];
        long time = 0;
        var frames = 0;
        var allocated = Allocations.Least(() =>
        {
            for (var i = 0; i < clip.Frames.Count; i++)
            {
                time += 3600;
                var frame = clip.Frames[i].With(clip.Format);
                packetizer.Begin(frame);
                while (packetizer.TryTake(frame, buffer, out var payload))
                {
                    depacketizer.Handle(buffer.AsSpan(0, payload.Length), time, payload.Marker);
                    while (depacketizer.TryTake(out var joined)) frames += joined.Payload.Length == frame.Payload.Length ? 1 : 0;
                }
            }
        });
        Assert.Equal(0, allocated);
        Assert.Equal(clip.Frames.Count * 6, frames);
    }

    private static Depacketizer New(Codec codec)
    {
        Assert.True(Depacketizer.TryCreate(new TrackFormat(codec, CodecFacts.ClockRateOf(codec), codec == Codec.Opus ? 2 : 0, ""), out var depacketizer));
        return depacketizer;
    }

    private static bool IsStripped(Codec codec, string unit)
    {
        var head = Convert.FromHexString(unit.AsSpan(0, 4));
        return codec == Codec.H264 ? (head[0] & 0x1f) is 7 or 8 or 9 : (head[0] >> 1) is 32 or 33 or 34 or 35;
    }

    // After the first keyframe.
    private Depacketizer Started()
    {
        var depacketizer = New(Codec.H264);
        Send(depacketizer, Sps, 0, false);
        Send(depacketizer, Pps, 0, false);
        Send(depacketizer, "6588aa", 0, true);
        Assert.Single(_frames);
        return depacketizer;
    }

    private void Send(Depacketizer depacketizer, string payload, long timestamp, bool marker) =>
        Payloading.Join(depacketizer, new PayloadPacket(0, Convert.FromHexString(payload), timestamp, new(0, marker, false, false)), _frames);
}
