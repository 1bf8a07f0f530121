using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Av1;

namespace Sluice.Protocols.Tests.Media;

/// <summary>The units come from SVT-AV1 and libaom.</summary>
public sealed class Av1Tests
{
    private const string Svt640 = "0000000cc4ff6736be4010";
    private const string Svt1080 = "00000042abbfc373efe501";
    private const string Aom96 = "000000032dffcdaf9004";

    [Theory]
    [InlineData("00", 0u, 1)]
    [InlineData("7f", 127u, 1)]
    [InlineData("8001", 128u, 2)]
    [InlineData("e58e26", 624485u, 3)]
    [InlineData("ffffffff0f", uint.MaxValue, 5)]
    [InlineData("8000", 0u, 2)]                // longer than need be, as the format allows
    [InlineData("8180808080808000", 1u, 8)]
    public void A_leb128_number_is_read(string hex, uint value, int length)
    {
        Assert.True(Leb128.TryRead(Convert.FromHexString(hex + "ff"), out var read, out var taken));
        Assert.Equal((value, length), (read, taken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("ffffff")]
    [InlineData("8080808010")]                 // 2^32
    [InlineData("ffffffffffffff7f")]
    [InlineData("818080808080808000")]         // a ninth byte
    public void A_leb128_number_without_end_or_past_32_bits_is_refused(string hex) =>
        Assert.False(Leb128.TryRead(Convert.FromHexString(hex), out _, out _));

    [Fact]
    public void A_written_leb128_number_reads_back()
    {
        var random = new Random(128);
        Span<byte> buffer = stackalloc byte[5];
        for (var i = 0; i < 5_000; i++)
        {
            var value = (uint)random.NextInt64(1L << random.Next(1, 33));
            var length = Leb128.Write(buffer, value);
            Assert.True(Leb128.TryRead(buffer[..length], out var read, out var taken));
            Assert.Equal((value, length), (read, taken));
        }
    }

    [Theory]
    [InlineData(Svt640, 640, 360)]
    [InlineData(Svt1080, 1920, 1080)]
    [InlineData(Aom96, 96, 64)]
    public void A_sequence_header_tells_its_size(string hex, int width, int height)
    {
        Assert.True(Av1SequenceHeader.TryParse(Convert.FromHexString(hex), out var header));
        Assert.Equal(new Resolution(width, height), header.Resolution);
        Assert.Equal((0, 1, false), (header.Profile, header.OperatingPoints, header.IsReducedStill));
    }

    [Theory]
    [InlineData(Svt640, 7)]
    [InlineData(Svt1080, 8)] // two more bits in each side
    [InlineData(Aom96, 7)]
    public void A_sequence_header_cut_short_is_refused_or_says_the_same(string hex, int needed)
    {
        var payload = Convert.FromHexString(hex);
        Assert.True(Av1SequenceHeader.TryParse(payload, out var whole));
        for (var length = 0; length < payload.Length; length++)
        {
            var parsed = Av1SequenceHeader.TryParse(payload.AsSpan(0, length), out var header);
            Assert.Equal(length >= needed, parsed);
            if (parsed) Assert.Equal(whole, header);
        }
    }

    [Fact]
    public void Timing_decoder_model_and_operating_points_are_walked_over()
    {
        var bits = new BitWriter().Bits(1, 3).Bits(0, 2)
            .Bits(1, 1).Bits(1, 32).Bits(30, 32).Bits(1, 1).Golomb(5)   // timing with equal intervals
            .Bits(1, 1).Bits(9, 5).Bits(1, 32).Bits(9, 5).Bits(9, 5)    // decoder model, ten-bit delays
            .Bits(1, 1).Bits(1, 5);                                     // display delays, two points
        bits.Bits(0x103, 12).Bits(13, 5).Bits(1, 1).Bits(1, 1).Bits(700, 10).Bits(800, 10).Bits(0, 1).Bits(1, 1).Bits(3, 4);
        bits.Bits(0x101, 12).Bits(5, 5).Bits(0, 1).Bits(0, 1);
        bits.Bits(11, 4).Bits(10, 4).Bits(3839, 12).Bits(1599, 11);
        Assert.True(Av1SequenceHeader.TryParse(bits.ToArray(), out var header));
        Assert.Equal(new Av1SequenceHeader(1, 13, true, false, 2, new Resolution(3840, 1600)), header);
    }

    [Theory]
    [InlineData(3u, 100u, false)]    // a profile that does not exist
    [InlineData(0u, 16383u, true)]
    [InlineData(0u, 16384u, false)]
    [InlineData(0u, 65535u, false)]
    public void Absurd_sequence_headers_are_refused(uint profile, uint widthMinusOne, bool accepted)
    {
        var payload = new BitWriter().Bits(profile, 3).Bits(3, 2).Bits(4, 5).Bits(15, 4).Bits(15, 4).Bits(widthMinusOne, 16).Bits(99, 16).ToArray();
        Assert.Equal(accepted, Av1SequenceHeader.TryParse(payload, out var header));
        Assert.Equal(accepted, header.IsReducedStill);
    }

    [Fact]
    public void Units_of_a_temporal_unit_are_walked()
    {
        var reader = new Av1ObuReader(Convert.FromHexString("1200" + "0a0b" + Svt640 + "3202aabb" + "36680155"));
        Assert.True(reader.TryRead(out var delimiter));
        Assert.Equal(Av1ObuType.TemporalDelimiter, delimiter.Header.Type);
        Assert.True(delimiter.Payload.IsEmpty);
        Assert.True(reader.TryRead(out var sequence));
        Assert.Equal(Svt640, Convert.ToHexStringLower(sequence.Payload));
        Assert.True(reader.TryRead(out var frame));
        Assert.Equal("3202aabb", Convert.ToHexStringLower(frame.Unit));
        Assert.True(reader.TryRead(out var layered));
        Assert.Equal((3, 1), (layered.Header.TemporalId, layered.Header.SpatialId));
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.Malformed);
    }

    [Theory]
    [InlineData("92")]               // the forbidden bit
    [InlineData("16")]               // an extension that is missing
    [InlineData("12")]               // a size that is missing
    [InlineData("1201")]             // a size beyond the end
    [InlineData("12ffffffff0f")]     // a size of 4 GB
    [InlineData("12ffffffffff7f")]   // a size past 32 bits
    public void Damaged_units_end_the_walk(string hex)
    {
        var reader = new Av1ObuReader(Convert.FromHexString("1200" + hex));
        Assert.True(reader.TryRead(out _));
        Assert.False(reader.TryRead(out _));
        Assert.True(reader.Malformed);
        Assert.False(reader.TryRead(out _));
    }

    [Theory]
    [InlineData("1200" + "0a0b" + Svt640 + "320410000000", true, true)]
    [InlineData("1200" + "320430038080", false, false)]   // an inter frame
    [InlineData("1200" + "320480000000", false, false)]   // shows an existing frame
    [InlineData("1200" + "1a0110", false, true)]          // a frame header alone
    [InlineData("1200" + "220110", false, false)]         // tiles
    public void A_scan_finds_sequence_headers_and_keyframes(string hex, bool hasSequence, bool hasKeyframe)
    {
        var scan = Av1TemporalUnit.Scan(Convert.FromHexString(hex));
        Assert.True(scan.IsWellFormed);
        Assert.Equal((hasSequence, hasKeyframe), (scan.HasSequenceHeader, scan.HasKeyframe));
    }

    [Fact]
    public void A_scan_of_a_damaged_unit_keeps_what_came_before()
    {
        var scan = Av1TemporalUnit.Scan(Convert.FromHexString("0a0b" + Svt640 + "32ff"));
        Assert.False(scan.IsWellFormed);
        Assert.Equal(640, scan.SequenceHeader.Resolution.Width);
    }
}
