using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Protocols.Tests.Payloads;

public sealed class VpxPayloadTests
{
    [Theory]
    [InlineData("vp8-15", Codec.Vp8, 15, 32766)]
    [InlineData("vp8-7", Codec.Vp8, 7, 126)]
    [InlineData("vp9-15", Codec.Vp9, 15, -1)]
    [InlineData("vp9-7", Codec.Vp9, 7, -1)]
    public void Captured_frames_start_and_count_as_the_sender_did(string name, Codec codec, int bits, int firstId)
    {
        var frame = -1;
        var atStart = true;
        var packets = Captures.Packets(name);
        var first = firstId >= 0 ? firstId : PayloadInspection.Inspect(codec, packets[0].Payload).Ids.PictureId;
        foreach (var packet in packets)
        {
            var inspection = PayloadInspection.Inspect(codec, packet.Payload);
            if (atStart) frame++;
            Assert.Equal(atStart, inspection.StartsFrame);
            Assert.Equal(atStart && frame % 3 == 0, inspection.StartsKeyframe); // a keyframe every three frames
            Assert.Equal(inspection.StartsKeyframe ? new Resolution(96, 64) : default, inspection.Resolution);
            Assert.Equal(bits, inspection.Ids.PictureIdBits);
            Assert.Equal(first + frame & (1 << bits) - 1, inspection.Ids.PictureId);
            Assert.Equal(codec == Codec.Vp9 && packet.Marker, inspection.EndsFrame);
            atStart = packet.Marker;
        }

        Assert.True(frame >= 5);
    }

    [Theory]
    [InlineData("1000", 1, 0, -1, -1, -1)]
    [InlineData("908011ff", 3, 7, 0x11, -1, -1)]
    [InlineData("90809234ff", 4, 15, 0x1234, -1, -1)]
    [InlineData("904077ff", 3, 0, -1, 0x77, -1)]
    [InlineData("90f0923477ebff", 6, 15, 0x1234, 0x77, 0x0b)]
    [InlineData("901085ff", 3, 0, -1, -1, 5)]
    [InlineData("90a0118aff", 4, 7, 0x11, -1, -1)]
    public void A_vp8_descriptor_has_the_fields_its_bits_announce(string hex, int length, int bits, int picture, int tl0, int key)
    {
        Assert.True(Vp8Descriptor.TryParse(Convert.FromHexString(hex), out var descriptor));
        Assert.Equal(length, descriptor.Length);
        Assert.True(descriptor.StartsFrame);
        var ids = descriptor.Ids;
        Assert.Equal(bits, ids.PictureIdBits);
        Assert.Equal(picture, ids.HasPictureId ? ids.PictureId : -1);
        Assert.Equal(tl0, ids.HasTl0 ? ids.Tl0 : -1);
        Assert.Equal(key, ids.HasKeyIndex ? ids.KeyIndex : -1);
    }

    [Fact]
    public void A_vp8_descriptor_tells_layer_sync_and_reference()
    {
        Assert.True(Vp8Descriptor.TryParse([0xb0, 0x20, 0xa0, 0xff], out var descriptor));
        Assert.Equal((2, true, true), (descriptor.TemporalId, descriptor.IsLayerSync, descriptor.IsNonReference));
        Assert.True(Vp8Descriptor.TryParse([0x90, 0x10, 0xa0, 0xff], out descriptor)); // K without T: TID says nothing
        Assert.Equal((0, false), (descriptor.TemporalId, descriptor.IsLayerSync));
    }

    [Theory]
    [InlineData("10f0c600", true, true)]
    [InlineData("107121", false, true)]
    [InlineData("00f0c600", false, false)]   // not the first packet
    [InlineData("11f0c600", false, false)]   // first of a later partition
    public void Vp8_keyframes_start_with_the_first_partition(string hex, bool keyframe, bool frame)
    {
        var inspection = PayloadInspection.Inspect(Codec.Vp8, Convert.FromHexString(hex));
        Assert.Equal((keyframe, frame), (inspection.StartsKeyframe, inspection.StartsFrame));
        Assert.True(inspection.Resolution.IsEmpty); // no whole header here
    }

    [Fact]
    public void A_descriptor_cut_at_any_length_is_refused()
    {
        foreach (var hex in new[] { "90f0923477eb", "90e01177a0", "90809234", "9040aa", "10" })
        {
            var payload = Convert.FromHexString(hex);
            for (var length = 0; length <= payload.Length; length++)
            {
                Assert.False(Vp8Descriptor.TryParse(payload.AsSpan(0, length), out _));
                Assert.Equal(default, PayloadInspection.Inspect(Codec.Vp8, payload.AsSpan(0, length)));
            }

            Assert.True(Vp8Descriptor.TryParse([.. payload, 1], out var whole));
            Assert.Equal(payload.Length, whole.Length);
        }

        // Picture id, layer and TL0PICIDX; flexible with three references; scalability structure with two sizes and two pictures.
        foreach (var hex in new[] { "ac92342177", "fc9234210305" + "06", "8a9234" + "38" + "014000b402800168" + "02" + "04" + "01" + "28" + "0102" })
        {
            var payload = Convert.FromHexString(hex);
            for (var length = 0; length <= payload.Length; length++)
            {
                Assert.False(Vp9Descriptor.TryParse(payload.AsSpan(0, length), out _));
                Assert.Equal(default, PayloadInspection.Inspect(Codec.Vp9, payload.AsSpan(0, length)));
            }

            Assert.True(Vp9Descriptor.TryParse([.. payload, 1], out var whole));
            Assert.Equal(payload.Length, whole.Length);
        }
    }

    [Fact]
    public void A_vp9_scalability_structure_tells_layers_and_the_highest_layers_size()
    {
        var payload = Convert.FromHexString("8a9234" + "38" + "014000b402800168" + "02" + "04" + "01" + "28" + "0102" + "ff");
        Assert.True(Vp9Descriptor.TryParse(payload, out var descriptor));
        Assert.Equal(2, descriptor.SpatialLayers);
        Assert.Equal(new Resolution(640, 360), descriptor.Resolution);
        Assert.True(descriptor.StartsKeyframe);
    }

    [Fact]
    public void A_vp9_scalability_structure_with_an_absurd_size_tells_none()
    {
        Assert.True(Vp9Descriptor.TryParse([0x0a, 0x10, 0xff, 0xff, 0xff, 0xff, 0x01], out var descriptor));
        Assert.True(descriptor.Resolution.IsEmpty);
        Assert.Equal(6, descriptor.Length);
    }

    [Fact]
    public void Four_vp9_references_are_refused() => Assert.False(Vp9Descriptor.TryParse([0xd8, 0x11, 0x03, 0x05, 0x07, 0x09, 0xff], out _));

    [Theory]
    [InlineData("28" + "00" + "01" + "ff", true, 0)]      // layer 0
    [InlineData("28" + "03" + "01" + "ff", false, 1)]     // layer 1 of the same picture
    [InlineData("68" + "00" + "01" + "ff", false, 0)]     // refers to earlier pictures
    [InlineData("20" + "00" + "01" + "ff", false, 0)]     // not the first packet
    [InlineData("08" + "ff", true, 0)]
    public void A_vp9_keyframe_starts_with_the_first_packet_of_layer_0(string hex, bool keyframe, int spatial)
    {
        var inspection = PayloadInspection.Inspect(Codec.Vp9, Convert.FromHexString(hex));
        Assert.Equal((keyframe, spatial), (inspection.StartsKeyframe, inspection.SpatialId));
    }

    [Fact]
    public void Codecs_without_pictures_say_nothing()
    {
        foreach (var codec in new[] { Codec.Opus, Codec.Aac, Codec.Unknown, (Codec)200 })
        {
            Assert.Equal(default, PayloadInspection.Inspect(codec, [0x67, 0x42, 0xc0, 0x1e]));
        }
    }
}
