using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;

namespace Sluice.Protocols.Tests.Rtp;

public class TransportFeedbackTests
{
    private const short Lost = TransportFeedbackWriter.NotReceived;
    private readonly byte[] _buffer = new byte[200_000];

    [Fact]
    public void One_packet_takes_a_run_of_one()
    {
        var length = Write([0], baseSequence: 5, reference: 1);
        var expected = "AFCD0005" + "00000001" + "00000002" + "00050001" + "00000107" + "2001" + "00" + "01";
        Assert.Equal(expected, Convert.ToHexString(_buffer, 0, length));
    }

    [Fact]
    public void Chunks_are_those_the_draft_draws()
    {
        // Fourteen one-bit symbols, then a run of three large deltas, which a vector of seven would not cover better.
        var length = Write([1, Lost, 1, 1, Lost, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, 256, 300], 0, 0);
        Assert.Equal("ADFF" + "4003", Convert.ToHexString(_buffer, 20, 4));
        Assert.Equal(20 + 4 + 12 + 6 + 2, length);

        // Mixed symbols take seven of two bits.
        Write([1, -1, Lost, 1, 1, 1, 1, 1], 0, 0);
        Assert.Equal("D855" + "2001", Convert.ToHexString(_buffer, 20, 4));
    }

    [Fact]
    public void A_long_gap_is_one_run()
    {
        var deltas = new short[5002];
        Array.Fill(deltas, Lost);
        deltas[0] = deltas[^1] = 3;
        var length = Write(deltas, 60000, -5);
        Assert.True(length < 40, $"{length} bytes");
        AssertSurvives(deltas, 60000, -5);
    }

    [Fact]
    public void Random_arrivals_survive_the_round_trip()
    {
        var random = new Random(6);
        for (var round = 0; round < 3000; round++)
        {
            var count = random.Next(1, random.Next(2, 600));
            var loss = random.NextDouble();
            var large = random.NextDouble() * random.Next(2);
            var deltas = new short[count];
            for (var i = 0; i < count; i++)
            {
                var delta = random.NextDouble() < large ? random.Next(-32767, 32768) : random.Next(256);
                deltas[i] = random.NextDouble() < loss ? Lost : (short)delta;
            }

            AssertSurvives(deltas, (ushort)random.Next(65536), random.Next(-0x800000, 0x800000));
        }
    }

    [Fact]
    public void Runs_of_equal_packets_survive_the_round_trip()
    {
        var random = new Random(7);
        for (var round = 0; round < 150; round++)
        {
            var deltas = new List<short>();
            for (var runs = random.Next(1, 8); runs > 0; runs--)
            {
                var delta = random.Next(3) switch { 0 => Lost, 1 => (short)random.Next(256), _ => (short)-random.Next(1, 1000) };
                deltas.AddRange(Enumerable.Repeat(delta, random.Next(1, random.Next(2, 10_000))));
            }

            AssertSurvives([.. deltas], (ushort)random.Next(65536), 0);
        }
    }

    [Theory]
    [InlineData("00000001" + "00000000" + "2001" + "0000", false)] // a whole one, unpadded
    [InlineData("00000002" + "00000000" + "2001" + "0000", true)] // the second is covered by no chunk
    [InlineData("00000001" + "00000000" + "4001" + "0000", false)]
    [InlineData("00000003" + "00000000" + "4003" + "0000", true)] // deltas over the end
    [InlineData("00000001" + "00000000" + "6001" + "0000", true)] // reserved symbol, run
    [InlineData("00000007" + "00000000" + "c003" + "0000", true)] // reserved symbol, last of a vector
    [InlineData("00000006" + "00000000" + "c003" + "0000", false)] // the same, not covered by the count
    [InlineData("00000001" + "00000000" + "0000" + "0000", true)] // a run of nothing, for ever
    [InlineData("0000ffff" + "00000000" + "3fff" + "0000", true)] // eight thousand deltas, none there
    [InlineData("00000001" + "00000000", true)] // no chunk
    [InlineData("00000000" + "00000000", false)] // nothing reported
    public void Feedback_that_does_not_add_up_is_refused(string rest, bool refused)
    {
        var body = "0000000100000002" + rest;
        var bytes = Convert.FromHexString("8fcd" + (body.Length / 8).ToString("x4", null) + body);
        var reader = new RtcpReader(bytes);
        Assert.True(reader.MoveNext());
        Assert.Equal(!refused, TransportFeedback.TryParse(reader.Current, out var feedback));
        if (refused) return;
        var count = 0;
        foreach (var arrival in feedback)
        {
            count++;
        }

        Assert.Equal(feedback.StatusCount, count);
    }

    private int Write(ReadOnlySpan<short> deltas, ushort baseSequence, int reference)
    {
        var room = _buffer.AsSpan(0, TransportFeedbackWriter.LongestLength(deltas.Length));
        return TransportFeedbackWriter.Write(room, new Ssrc(1), new Ssrc(2), baseSequence, reference, 7, deltas);
    }

    private void AssertSurvives(short[] deltas, ushort baseSequence, int reference)
    {
        var length = Write(deltas, baseSequence, reference);
        var reader = new RtcpReader(_buffer.AsSpan(0, length));
        Assert.True(reader.MoveNext());
        Assert.True(TransportFeedback.TryParse(reader.Current, out var feedback));
        Assert.False(reader.MoveNext());
        Assert.False(reader.Malformed);
        Assert.Equal((baseSequence, reference, deltas.Length), (feedback.BaseSequence, feedback.ReferenceTime, feedback.StatusCount));
        Assert.Equal(7, feedback.FeedbackCount);
        var ticks = (long)reference * TransportFeedback.TicksPerReferenceUnit;
        var index = 0;
        foreach (var arrival in feedback)
        {
            var delta = deltas[index];
            ticks += delta == Lost ? 0 : delta;
            var expected = new PacketArrival((ushort)(baseSequence + index), delta != Lost, delta == Lost ? 0 : ticks);
            if (arrival != expected) Assert.Fail($"{arrival} instead of {expected}");
            index++;
        }

        Assert.Equal(deltas.Length, index);
    }
}
