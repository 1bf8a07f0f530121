using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Tests.Rtp;

public class RtxTests
{
    private static readonly byte[] Original = Convert.FromHexString(
        "90e0fffe00015f90cafe0001" + "bede0001" + "1076" + "0000" + "0102030405");

    [Fact]
    public void A_retransmission_carries_the_original_number_before_the_payload()
    {
        var buffer = new byte[64];
        var length = Wrap(Original, buffer);
        Assert.Equal(Original.Length + RtxWriter.Overhead, length);
        var expected = "90E1000700015F9000000009" + "BEDE0001" + "10760000" + "FFFE" + "0102030405";
        Assert.Equal(expected, Convert.ToHexString(buffer, 0, length));
    }

    [Fact]
    public void The_original_comes_back_to_the_byte()
    {
        var buffer = new byte[64];
        var length = Wrap(Original, buffer);
        Assert.True(RtxUnwrapper.TryUnwrap(buffer.AsSpan(0, length), new PayloadType(96), new Ssrc(0xcafe0001), out var original));
        Assert.True(original.SequenceEqual(Original));
    }

    [Fact]
    public void Padding_of_either_packet_does_not_come_back()
    {
        var padded = new byte[64];
        Original.CopyTo(padded, 0);
        var paddedLength = RtpHeaderWriter.Pad(padded, Original.Length, 7);
        var buffer = new byte[128];
        var length = Wrap(padded.AsSpan(0, paddedLength), buffer);
        length = RtpHeaderWriter.Pad(buffer, length, 20);
        Assert.True(RtxUnwrapper.TryUnwrap(buffer.AsSpan(0, length), new PayloadType(96), new Ssrc(0xcafe0001), out var original));
        Assert.True(original.SequenceEqual(Original));
    }

    [Theory]
    [InlineData("a06100070000000000000009" + "00000004")] // padding only: a probe
    [InlineData("806100070000000000000009")] // nothing
    [InlineData("806100070000000000000009" + "ff")] // half a number
    [InlineData("006100070000000000000009" + "000102")] // no RTP
    public void A_packet_that_repeats_nothing_does_not_unwrap(string hex)
    {
        var packet = Convert.FromHexString(hex);
        var before = packet.ToArray();
        Assert.False(RtxUnwrapper.TryUnwrap(packet, new PayloadType(96), new Ssrc(1), out _));
        Assert.Equal(before, packet);
    }

    [Fact]
    public void A_retransmission_of_an_empty_payload_is_still_one()
    {
        var packet = Convert.FromHexString("806100070000000000000009" + "1234");
        Assert.True(RtxUnwrapper.TryUnwrap(packet, new PayloadType(96), new Ssrc(1), out var original));
        Assert.True(RtpPacketView.TryParse(original, out var view));
        Assert.Equal(0x1234, view.SequenceNumber);
        Assert.True(view.Payload.IsEmpty);
    }

    private static int Wrap(ReadOnlySpan<byte> original, Span<byte> buffer)
    {
        Assert.True(RtpPacketView.TryParse(original, out var view));
        return RtxWriter.Write(buffer, view, new PayloadType(97), new Ssrc(9), 7);
    }
}
