using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtp;

public class RtcpPacketTests
{
    private static readonly Ssrc Us = new(0x01020304);
    private static readonly Ssrc Them = new(0xcafe0001);
    private static readonly ReportBlock Block = new(Them, 25, 18, 0x0001ffff, 64, 0xaabbccdd, 0x10000);

    private readonly byte[] _buffer = new byte[2048];

    [Fact]
    public void A_sender_report_is_written_as_the_rfc_draws_it()
    {
        var length = SenderReport.Write(_buffer, Us, new NtpTime(0xe123456789abcdef), 90_000, 10, 4096, [Block]);
        Assert.Equal(
            "81C8000C" + "01020304" + "E123456789ABCDEF" + "00015F90" + "0000000A" + "00001000" +
            "CAFE0001" + "19000012" + "0001FFFF" + "00000040" + "AABBCCDD" + "00010000",
            Hex(length));
        Assert.True(SenderReport.TryParse(Only(length), out var report));
        Assert.Equal(Block, report.Reports[0]);
        Assert.Equal(1, report.Reports.Count);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, -1)]
    [InlineData(0x7fffff, 0x7fffff)]
    [InlineData(0x800000, 0x7fffff)]
    [InlineData(-0x800000, -0x800000)]
    [InlineData(-0x800001, -0x800000)]
    public void Cumulative_loss_is_signed_and_stays_at_its_limits(int lost, int expected)
    {
        var length = ReceiverReport.Write(_buffer, Us, [Block with { CumulativeLost = lost }]);
        Assert.True(ReceiverReport.TryParse(Only(length), out var report));
        Assert.Equal(expected, report.Reports[0].CumulativeLost);
        Assert.Equal(25, report.Reports[0].FractionLost);
    }

    [Fact]
    public void A_report_has_room_for_31_blocks_and_no_more()
    {
        var blocks = new ReportBlock[32];
        var length = ReceiverReport.Write(_buffer, Us, blocks.AsSpan(0, 31));
        Assert.True(ReceiverReport.TryParse(Only(length), out var report));
        Assert.Equal(31, report.Reports.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => ReceiverReport.Write(_buffer, Us, blocks));
    }

    [Theory]
    [InlineData("", 12)]
    [InlineData("a", 12)]
    [InlineData("ab", 16)]
    [InlineData("abcde", 16)]
    [InlineData("abcdef", 20)]
    public void A_description_ends_with_at_least_one_zero_and_on_a_word(string name, int expected)
    {
        _buffer.AsSpan().Fill(0xff);
        var length = SourceDescription.Write(_buffer, Us, System.Text.Encoding.ASCII.GetBytes(name));
        Assert.Equal(expected, length);
        Assert.Equal(0, _buffer[length - 1]);
        Assert.True(SourceDescription.TryParse(Only(length), out var description));
        Assert.True(description.MoveNext());
        Assert.Equal(Us, description.Ssrc);
        Assert.Equal(name, System.Text.Encoding.ASCII.GetString(description.CanonicalName));
        Assert.False(description.MoveNext());
    }

    [Fact]
    public void The_name_is_found_among_other_items_and_chunks()
    {
        var chunks = "00000001" + "0202" + "6869" + "0103" + "616263" + "000000" + "00000002" + "00000000" + "00000003" + "010178" + "00";
        Write("83ca", chunks);
        Assert.True(SourceDescription.TryParse(Only(4 + chunks.Length / 2), out var description));
        Assert.True(description.MoveNext());
        Assert.True(description.CanonicalName.SequenceEqual("abc"u8));
        Assert.True(description.MoveNext());
        Assert.Equal(new Ssrc(2), description.Ssrc);
        Assert.True(description.CanonicalName.IsEmpty);
        Assert.True(description.MoveNext());
        Assert.True(description.CanonicalName.SequenceEqual("x"u8));
        Assert.False(description.MoveNext());
    }

    [Theory]
    [InlineData("00000001" + "01ff6100")] // an item over the end
    [InlineData("00000001" + "01026162")] // no terminator
    [InlineData("00000001" + "00000001")] // (a second item list is empty: the first ends well)
    public void A_broken_chunk_ends_the_walk(string chunks)
    {
        Write("82ca", chunks);
        Assert.True(SourceDescription.TryParse(Only(4 + chunks.Length / 2), out var description));
        var count = 0;
        while (description.MoveNext())
        {
            count++;
        }

        Assert.Equal(chunks.EndsWith("00000001", StringComparison.Ordinal) ? 1 : 0, count);
    }

    [Fact]
    public void A_goodbye_names_streams_and_may_say_why()
    {
        Write("82cb", "00000001" + "00000002" + "03627965");
        Assert.True(Goodbye.TryParse(Only(16), out var goodbye));
        Assert.Equal(2, goodbye.Count);
        Assert.Equal(new Ssrc(2), goodbye[1]);
        Assert.True(goodbye.Reason.SequenceEqual("bye"u8));

        Write("81cb", "00000001" + "04627965"); // the reason is not whole
        Assert.True(Goodbye.TryParse(Only(12), out goodbye));
        Assert.True(goodbye.Reason.IsEmpty);

        var length = Goodbye.Write(_buffer, [Us, Them]);
        Assert.Equal("82CB0002" + "01020304" + "CAFE0001", Hex(length));
    }

    [Fact]
    public void A_nack_packs_neighbours_into_one_item()
    {
        var length = GenericNack.Write(_buffer, Us, Them, [65520, 65521, 65535, 0, 1, 100], out var taken);
        Assert.Equal(6, taken);
        Assert.Equal("81CD0005" + "01020304" + "CAFE0001" + "FFF0C001" + "00010000" + "00640000", Hex(length));
    }

    [Fact]
    public void A_nack_takes_what_fits_and_says_how_many()
    {
        Assert.Equal(16, GenericNack.Write(_buffer.AsSpan(0, 19), Us, Them, [1, 2, 100], out var taken));
        Assert.Equal(2, taken);
        Assert.Equal(0, GenericNack.Write(_buffer.AsSpan(0, 15), Us, Them, [1], out taken));
        Assert.Equal(0, taken);
        Assert.Equal(0, GenericNack.Write(_buffer, Us, Them, [], out taken));
    }

    [Fact]
    public void Any_ascending_list_of_lost_packets_survives_a_nack()
    {
        var random = new Random(5);
        for (var round = 0; round < 2000; round++)
        {
            var sequences = new List<ushort>();
            var sequence = random.Next(65536);
            for (var count = random.Next(1, 100); count > 0; count--)
            {
                sequences.Add((ushort)sequence);
                sequence += random.Next(1, random.Next(2, 40));
            }

            var length = GenericNack.Write(_buffer, Us, Them, sequences.ToArray(), out var taken);
            Assert.Equal(sequences.Count, taken);
            Assert.True(GenericNack.TryParse(Only(length), out var nack));
            Assert.Equal((Us, Them), (nack.Sender, nack.Media));
            var read = new List<ushort>();
            foreach (var asked in nack)
            {
                read.Add(asked);
            }

            Assert.Equal(sequences, read);
        }
    }

    [Fact]
    public void Keyframe_requests_are_written_as_the_rfcs_draw_them()
    {
        var length = new PictureLossIndication(Us, Them).Write(_buffer);
        Assert.Equal("81CE0002" + "01020304" + "CAFE0001", Hex(length));
        length = FullIntraRequest.Write(_buffer, Us, new FullIntraCommand(Them, 7));
        Assert.Equal("84CE0004" + "01020304" + "00000000" + "CAFE0001" + "07000000", Hex(length));
        Assert.False(PictureLossIndication.TryParse(Only(length), out _));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(262_143, 262_143)] // eighteen bits
    [InlineData(262_144, 262_144)]
    [InlineData(262_145, 262_144)] // nineteen: the last is lost
    [InlineData(2_500_000, 2_500_000)]
    [InlineData(8_000_001, 8_000_000)]
    [InlineData(long.MaxValue, 0x7fff_e000_0000_0000)]
    public void A_remb_keeps_eighteen_bits_of_the_limit(long bitrate, long expected)
    {
        var length = ReceiverEstimatedBitrate.Write(_buffer, Us, bitrate, [Them, new Ssrc(9)]);
        Assert.True(ReceiverEstimatedBitrate.TryParse(Only(length), out var estimate));
        Assert.Equal(expected, estimate.BitsPerSecond);
        Assert.Equal(2, estimate.Count);
        Assert.Equal(new Ssrc(9), estimate[1]);
    }

    [Fact]
    public void A_reference_time_is_answered_with_the_time_since()
    {
        var length = ExtendedReport.WriteReferenceTime(_buffer, Them, new NtpTime(0x1111222233334444));
        Assert.Equal("80CF0004" + "CAFE0001" + "04000002" + "1111222233334444", Hex(length));
        Assert.True(ExtendedReport.TryParse(Only(length), out var report));
        Assert.True(report.MoveNext());
        Assert.Equal(ExtendedBlockType.ReceiverReferenceTime, report.BlockType);

        var answer = new ReceiverDelay(report.Sender, report.ReferenceTime.Middle, 0x8000);
        length = ExtendedReport.WriteDelays(_buffer, Us, [answer]);
        Assert.Equal("80CF0005" + "01020304" + "05000003" + "CAFE0001" + "22223333" + "00008000", Hex(length));
        Assert.True(ExtendedReport.TryParse(Only(length), out report));
        Assert.True(report.MoveNext());
        Assert.Equal(answer, report.Delay(0));
        Assert.False(report.MoveNext());
    }

    [Theory]
    [InlineData("04000003" + "000000000000000000000000", 0)] // a reference time of three words
    [InlineData("05000002" + "0000000000000000", 0)] // a delay of two words
    [InlineData("04000002" + "00000000", 0)] // over the end
    [InlineData("01000001" + "00000000" + "04000002" + "0000000000000000", 2)] // an unknown block before
    [InlineData("05000000", 1)] // no delays
    public void Extended_blocks_of_a_wrong_length_are_passed_over(string blocks, int expected)
    {
        Write("80cf", "00000001" + blocks);
        Assert.True(ExtendedReport.TryParse(Only(8 + blocks.Length / 2), out var report));
        var count = 0;
        while (report.MoveNext())
        {
            count++;
        }

        Assert.Equal(expected, count);
    }

    private void Write(string start, string body)
    {
        var words = body.Length / 8;
        Convert.FromHexString(start + words.ToString("x4", null) + body).CopyTo(_buffer, 0);
    }

    private string Hex(int length) => Convert.ToHexString(_buffer, 0, length);

    private RtcpPacketView Only(int length)
    {
        var reader = new RtcpReader(_buffer.AsSpan(0, length));
        Assert.True(reader.MoveNext());
        var packet = reader.Current;
        Assert.False(reader.MoveNext());
        Assert.False(reader.Malformed);
        return packet;
    }
}
