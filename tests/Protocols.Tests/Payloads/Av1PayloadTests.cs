using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Protocols.Tests.Payloads;

/// <summary>The units are SVT-AV1's; RTP leaves their sizes out.</summary>
public sealed class Av1PayloadTests
{
    private const string Sequence = "080000000cc4ff6736be4010"; // 12 bytes with header
    private const string Keyframe = "3010008080e000";
    private const string InterFrame = "3030038080";

    [Theory]
    [InlineData("28" + "0c" + Sequence + Keyframe, true, true)]            // N, W = 2
    [InlineData("20" + "0c" + Sequence + Keyframe, true, true)]            // no N, but a sequence header
    [InlineData("00" + "0c" + Sequence + "07" + Keyframe, true, true)]     // W = 0
    [InlineData("18" + Keyframe, true, true)]                              // N alone
    [InlineData("10" + Keyframe, false, true)]
    [InlineData("10" + InterFrame, false, true)]
    [InlineData("90" + InterFrame, false, false)]                          // Z: middle of a unit
    [InlineData("a0" + "05" + "0011223344" + InterFrame, false, true)]     // Z, then a new frame
    [InlineData("10" + "2011", false, false)]                              // tiles
    public void Keyframe_and_frame_starts(string hex, bool keyframe, bool frame)
    {
        var inspection = PayloadInspection.Inspect(Codec.Av1, Convert.FromHexString(hex));
        Assert.Equal((keyframe, frame), (inspection.StartsKeyframe, inspection.StartsFrame));
        var hasSequence = hex.Contains(Sequence, StringComparison.Ordinal);
        Assert.Equal(hasSequence ? new Resolution(640, 360) : default, inspection.Resolution);
    }

    [Fact]
    public void A_sequence_header_with_its_size_kept_is_understood()
    {
        var inspection = PayloadInspection.Inspect(Codec.Av1, Convert.FromHexString("180a0b0000000cc4ff6736be4010"));
        Assert.Equal(new Resolution(640, 360), inspection.Resolution);
    }

    [Fact]
    public void Layers_come_from_the_frames_extension()
    {
        var inspection = PayloadInspection.Inspect(Codec.Av1, [0x10, 0x34, 0x48, 0x30]);
        Assert.Equal((2, 1), (inspection.TemporalId, inspection.SpatialId));
    }

    [Fact]
    public void First_and_last_elements_may_be_pieces()
    {
        var reader = new Av1PayloadReader(Convert.FromHexString("f0" + "02aabb" + "03301122" + "3033"));
        Assert.True(reader.TryRead(out var first));
        Assert.Equal((false, true, 2), (first.Starts, first.Ends, first.Bytes.Length));
        Assert.True(reader.TryRead(out var middle));
        Assert.Equal((true, true, 3), (middle.Starts, middle.Ends, middle.Bytes.Length));
        Assert.True(reader.TryRead(out var last));
        Assert.Equal((true, false, 2), (last.Starts, last.Ends, last.Bytes.Length));
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.Malformed);
    }

    [Fact]
    public void A_lone_piece_neither_starts_nor_ends()
    {
        var reader = new Av1PayloadReader([0xd0, 1, 2, 3]);
        Assert.True(reader.TryRead(out var piece));
        Assert.Equal((false, false), (piece.Starts, piece.Ends));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("08")]                       // N and nothing else
    [InlineData("00ff")]                     // a length without end
    [InlineData("0005aabb")]                 // an element beyond the end
    [InlineData("00ffffffff0f30")]           // 4 GB
    [InlineData("008080808080808080800130")] // a length of nine bytes
    [InlineData("20ff30")]
    public void Damaged_payloads_give_no_element(string hex)
    {
        var reader = new Av1PayloadReader(Convert.FromHexString(hex));
        Assert.False(reader.TryRead(out _));
        Assert.True(reader.Malformed);
        Assert.False(PayloadInspection.Inspect(Codec.Av1, Convert.FromHexString(hex)).StartsKeyframe);
    }

    [Fact]
    public void Fewer_elements_than_announced_is_damage()
    {
        var reader = new Av1PayloadReader(Convert.FromHexString("30" + "023011"));
        Assert.True(reader.TryRead(out _));
        Assert.False(reader.TryRead(out _));
        Assert.True(reader.Malformed);
    }

    [Fact]
    public void A_payload_cut_at_any_length_never_tells_another_size()
    {
        var payload = Convert.FromHexString("28" + "0c" + Sequence + Keyframe);
        for (var length = 0; length < payload.Length; length++)
        {
            var resolution = PayloadInspection.Inspect(Codec.Av1, payload.AsSpan(0, length)).Resolution;
            Assert.Equal(length < 14 ? default : new Resolution(640, 360), resolution);
        }
    }
}
