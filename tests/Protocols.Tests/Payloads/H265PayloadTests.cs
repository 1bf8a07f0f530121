using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Protocols.Tests.Payloads;

public sealed class H265PayloadTests
{
    private const string Sps = "42010101600000030090000003000003003fa00502016965959a4932bc05a020000003002000000303c1";
    private const string Pps = "4401c172b46240";

    [Fact]
    public void Fragments_of_captured_packets_rebuild_the_stream_that_was_packed()
    {
        var rebuilt = new List<string>();
        var unit = new List<byte>();
        foreach (var packet in Captures.Packets("h265"))
        {
            var reader = new H265PayloadReader(packet.Payload);
            while (reader.TryRead(out var fragment))
            {
                if (fragment.Starts) unit.AddRange([(byte)(fragment.Header >> 8), (byte)fragment.Header]);
                unit.AddRange(fragment.Body);
                if (fragment.IsWhole) Assert.Equal(unit.ToArray(), fragment.Nal.ToArray());
                if (!fragment.Ends) continue;
                rebuilt.Add(Convert.ToHexString([.. unit]));
                unit.Clear();
            }

            Assert.False(reader.Malformed);
        }

        var packed = Captures.Units("h265");
        Assert.True(packed.Count > 6);
        Assert.Equal(packed, rebuilt);
    }

    [Fact]
    public void Captured_access_units_start_where_the_encoder_started_them()
    {
        var packets = Captures.Packets("h265");
        var keyframes = new List<int>();
        for (var i = 0; i < packets.Count; i++)
        {
            var inspection = PayloadInspection.Inspect(Codec.H265, packets[i].Payload);
            if (inspection.StartsKeyframe) keyframes.Add(i);
            Assert.Equal(i is 0 or 7 ? new Resolution(96, 64) : default, inspection.Resolution);
        }

        Assert.Equal([0, 1, 7, 8], keyframes);
    }

    [Theory]
    [InlineData(Sps, true, true)]
    [InlineData(Pps, true, true)]
    [InlineData("40010c01ffff0160", true, true)]       // VPS
    [InlineData("2801af0b4c", true, true)]             // IDR_N_LP, first slice
    [InlineData("28012f0b4c", false, false)]           // IDR_N_LP, a later slice
    [InlineData("2a01af0b4c", true, true)]             // CRA
    [InlineData("2001af0b4c", true, true)]             // BLA
    [InlineData("3001af0b4c", false, true)]            // reserved, not random access
    [InlineData("0201d0097e", false, true)]            // TRAIL_R
    [InlineData("020150097e", false, false)]
    [InlineData("460150", false, true)]                // delimiter
    [InlineData("6201" + "94" + "af19", true, true)]   // FU, start of IDR
    [InlineData("6201" + "14" + "af19", false, false)] // FU, middle
    [InlineData("6201" + "94" + "2f19", false, false)] // FU, start of a later slice
    [InlineData("6201" + "81" + "d009", false, true)]  // FU, start of TRAIL_R
    [InlineData("6001" + "0007" + Pps + "00050201d0097e", false, true)] // PPS before a picture that refers to others
    [InlineData("6001" + "0007" + Pps + "00052801af0b4c", true, true)]
    [InlineData("2809af0b4c", false, false)]           // layer 1
    [InlineData("64010000000000", false, false)]       // content information
    public void Keyframe_and_frame_starts(string hex, bool keyframe, bool frame)
    {
        var inspection = PayloadInspection.Inspect(Codec.H265, Convert.FromHexString(hex));
        Assert.Equal((keyframe, frame), (inspection.StartsKeyframe, inspection.StartsFrame));
    }

    [Fact]
    public void Temporal_layer_and_reordering_are_told()
    {
        Assert.Equal(2, PayloadInspection.Inspect(Codec.H265, [0x02, 0x03, 0xd0]).TemporalId);
        Assert.True(PayloadInspection.Inspect(Codec.H265, Convert.FromHexString(Sps)).MayReorder);
        Assert.True(PayloadInspection.Inspect(Codec.H265, [0x00, 0x01, 0xd0]).IsNonReference);
        Assert.False(PayloadInspection.Inspect(Codec.H265, [0x02, 0x01, 0xd0]).IsNonReference);
    }

    [Theory]
    [InlineData("")]
    [InlineData("28")]
    [InlineData("66010000")]             // a type RFC 7798 does not know
    [InlineData("6201")]
    [InlineData("620194")]               // a fragment without content
    [InlineData("6201d4af")]             // start and end at once
    [InlineData("6001")]
    [InlineData("600100")]
    [InlineData("60010000")]             // a unit of no length
    [InlineData("600100012801")]         // a unit shorter than its header
    [InlineData("60010006280100aabb")]   // a unit beyond the end
    public void Damaged_payloads_say_nothing(string hex)
    {
        var payload = Convert.FromHexString(hex);
        var reader = new H265PayloadReader(payload);
        Assert.False(reader.TryRead(out _));
        Assert.True(reader.Malformed);
        Assert.Equal(default, PayloadInspection.Inspect(Codec.H265, payload));
    }

    [Fact]
    public void An_aggregate_cut_at_any_length_gives_its_whole_units_only()
    {
        var payload = Convert.FromHexString("6001" + "002a" + Sps + "0007" + Pps);
        for (var length = 0; length <= payload.Length; length++)
        {
            var reader = new H265PayloadReader(payload.AsSpan(0, length));
            var units = 0;
            while (reader.TryRead(out _))
            {
                units++;
            }

            Assert.Equal(length < 46 ? 0 : length < 55 ? 1 : 2, units);
            Assert.Equal(length is not (46 or 55), reader.Malformed);
        }
    }
}
