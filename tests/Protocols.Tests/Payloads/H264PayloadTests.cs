using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Protocols.Tests.Payloads;

public sealed class H264PayloadTests
{
    private const string Sps = "6742c01eda0280bfe5c044000003000400000300f03c58ba80";
    private const string Pps = "68ce3c80";

    [Fact]
    public void Fragments_of_captured_packets_rebuild_the_stream_that_was_packed()
    {
        var rebuilt = new List<string>();
        var unit = new List<byte>();
        foreach (var packet in Captures.Packets("h264"))
        {
            var reader = new H264PayloadReader(packet.Payload);
            while (reader.TryRead(out var fragment))
            {
                if (fragment.Starts) unit.Add((byte)fragment.Header);
                unit.AddRange(fragment.Body);
                if (fragment.IsWhole) Assert.Equal(unit.ToArray(), fragment.Nal.ToArray());
                if (!fragment.Ends) continue;
                rebuilt.Add(Convert.ToHexString([.. unit]));
                unit.Clear();
            }

            Assert.False(reader.Malformed);
        }

        var packed = Captures.Units("h264");
        Assert.True(packed.Count > 10);
        Assert.Equal(packed, rebuilt);
    }

    [Fact]
    public void Captured_access_units_start_where_the_encoder_started_them()
    {
        var packets = Captures.Packets("h264");
        var keyframes = new List<int>();
        var frames = new List<int>();
        for (var i = 0; i < packets.Count; i++)
        {
            var inspection = PayloadInspection.Inspect(Codec.H264, packets[i].Payload);
            if (inspection.StartsKeyframe) keyframes.Add(i);
            if (inspection.StartsFrame) frames.Add(i);
        }

        // Sets, first packet of the picture; the second slice (packet 3) starts nothing.
        Assert.Equal([0, 1, 8, 9], keyframes);
        Assert.Equal([0, 1, 6, 7, 8, 9, 15, 16], frames);
    }

    [Fact]
    public void A_set_in_an_aggregate_tells_size_and_profile()
    {
        var inspection = PayloadInspection.Inspect(Codec.H264, Captures.Packets("h264")[0].Payload);
        Assert.Equal(new Resolution(96, 64), inspection.Resolution);
        Assert.Equal(H264Profile.High, inspection.ProfileLevelId.Profile);
        Assert.False(inspection.MayReorder);
    }

    [Theory]
    [InlineData(Sps, true, true)]
    [InlineData(Pps, true, true)]
    [InlineData("6588843a", true, true)]              // IDR, macroblock 0
    [InlineData("651a2210", false, false)]            // IDR, a later slice
    [InlineData("419a2622", false, true)]             // other picture
    [InlineData("411a6898", false, false)]
    [InlineData("09f0", false, true)]                 // delimiter
    [InlineData("0605ffff80", false, true)]
    [InlineData("7c858884", true, true)]              // FU-A, start of IDR
    [InlineData("7c058884", false, false)]            // FU-A, middle
    [InlineData("7c451a22", false, false)]            // FU-A, end
    [InlineData("7c851a22", false, false)]            // FU-A, start of a later slice
    [InlineData("5c819a22", false, true)]             // FU-A, start of another picture
    [InlineData("7d8500008884", true, true)]          // FU-B, start of IDR
    [InlineData("78" + "000468ce3c80" + "0004419a2622", false, true)] // PPS before a picture that refers to others
    [InlineData("78" + "000209f0" + "00046588843a", true, true)]
    [InlineData("79" + "0001" + "00046588843a", true, true)]          // STAP-B
    [InlineData("7a" + "0001" + "0004" + "000000" + "6588843a", true, true)]   // MTAP16
    [InlineData("7b" + "0001" + "0004" + "00000000" + "6588843a", true, true)] // MTAP24
    public void Keyframe_and_frame_starts(string hex, bool keyframe, bool frame)
    {
        var inspection = PayloadInspection.Inspect(Codec.H264, Convert.FromHexString(hex));
        Assert.Equal((keyframe, frame), (inspection.StartsKeyframe, inspection.StartsFrame));
        Assert.False(inspection.EndsFrame);
    }

    [Theory]
    [InlineData("01fb1122", true)]
    [InlineData("419a2622", false)]
    [InlineData("1c019a2622", true)]                    // FU-A of a unit nothing refers to
    [InlineData("18" + "000401fb1122" + "0004419a2622", false)]
    [InlineData("0605ffff80", false)]                   // not a picture: nothing is known
    [InlineData("", false)]
    public void A_picture_nothing_refers_to_is_told(string hex, bool nonReference) =>
        Assert.Equal(nonReference, PayloadInspection.Inspect(Codec.H264, Convert.FromHexString(hex)).IsNonReference);

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("1e")]
    [InlineData("7f112233")]
    [InlineData("7c")]
    [InlineData("7c85")]                                // a fragment without content
    [InlineData("7cc58884")]                            // start and end at once
    [InlineData("7d85")]
    [InlineData("7d850000")]
    [InlineData("78")]
    [InlineData("7800")]
    [InlineData("780000")]                              // a unit of no length
    [InlineData("7800000004")]
    [InlineData("78000565888422")]                      // a unit beyond the end
    [InlineData("78ffff65")]
    [InlineData("7900")]
    [InlineData("790001")]
    [InlineData("7a00010004000000658884")]
    public void Damaged_payloads_say_nothing(string hex)
    {
        var payload = Convert.FromHexString(hex);
        var reader = new H264PayloadReader(payload);
        Assert.False(reader.TryRead(out _));
        Assert.True(reader.Malformed);
        Assert.False(reader.TryRead(out _));
        Assert.Equal(default, PayloadInspection.Inspect(Codec.H264, payload));
    }

    [Theory]
    [InlineData("0000")]         // a unit of no length
    [InlineData("00")]           // half a length
    [InlineData("000511")]       // a unit beyond the end
    public void Damage_behind_good_units_keeps_those(string tail)
    {
        var payload = Convert.FromHexString("78" + "0019" + Sps + "0004" + Pps + tail);
        var reader = new H264PayloadReader(payload);
        Assert.True(reader.TryRead(out _));
        Assert.True(reader.TryRead(out _));
        Assert.False(reader.TryRead(out _));
        Assert.True(reader.Malformed);
        Assert.Equal(new Resolution(640, 360), PayloadInspection.Inspect(Codec.H264, payload).Resolution);
    }

    [Fact]
    public void An_aggregate_cut_at_any_length_gives_its_whole_units_only()
    {
        var payload = Convert.FromHexString("78" + "0019" + Sps + "0004" + Pps);
        for (var length = 0; length <= payload.Length; length++)
        {
            var reader = new H264PayloadReader(payload.AsSpan(0, length));
            var units = 0;
            while (reader.TryRead(out var fragment))
            {
                Assert.True(fragment.IsWhole);
                units++;
            }

            Assert.Equal(length < 28 ? 0 : length < 34 ? 1 : 2, units);
            Assert.Equal(length is not (28 or 34), reader.Malformed);
        }
    }

    [Fact]
    public void A_fragments_header_is_put_together_from_indicator_and_fragment_header()
    {
        var reader = new H264PayloadReader([0x3c, 0x81, 0x9a]);
        Assert.True(reader.TryRead(out var fragment));
        Assert.Equal(0x21, fragment.Header);
        Assert.True(fragment.Starts);
        Assert.False(fragment.Ends);
        Assert.False(fragment.IsWhole);
    }

    [Fact]
    public void A_set_with_an_absurd_size_still_starts_a_keyframe_but_tells_no_size()
    {
        var absurd = new BitWriter().Bits(66, 8).Bits(0, 8).Bits(30, 8).Golomb(0).Golomb(0).Golomb(2).Golomb(1).Bits(0, 1)
            .Golomb(4095).Golomb(4095).Bits(1, 1).Bits(0, 3).Bits(1, 1).ToNal(0x67);
        var inspection = PayloadInspection.Inspect(Codec.H264, absurd);
        Assert.True(inspection.StartsKeyframe);
        Assert.True(inspection.Resolution.IsEmpty);
        Assert.True(inspection.ProfileLevelId.IsEmpty);
    }
}
