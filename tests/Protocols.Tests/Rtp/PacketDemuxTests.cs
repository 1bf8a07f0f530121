using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Tests.Rtp;

public class PacketDemuxTests
{
    [Theory]
    [InlineData(0, 1, PacketKind.Stun)]
    [InlineData(3, 0, PacketKind.Stun)]
    [InlineData(4, 0, PacketKind.Unknown)]
    [InlineData(16, 0, PacketKind.Unknown)] // ZRTP
    [InlineData(19, 0, PacketKind.Unknown)]
    [InlineData(20, 254, PacketKind.Dtls)]
    [InlineData(63, 254, PacketKind.Dtls)]
    [InlineData(64, 0, PacketKind.Unknown)] // TURN channel
    [InlineData(127, 0, PacketKind.Unknown)]
    [InlineData(128, 96, PacketKind.Rtp)]
    [InlineData(128, 96 + 128, PacketKind.Rtp)]
    [InlineData(191, 191, PacketKind.Rtp)]
    [InlineData(128, 192, PacketKind.Rtcp)]
    [InlineData(129, 200, PacketKind.Rtcp)]
    [InlineData(143, 207, PacketKind.Rtcp)]
    [InlineData(128, 223, PacketKind.Rtcp)]
    [InlineData(128, 72, PacketKind.Rtp)] // payload type 72 without marker is no RTCP type
    [InlineData(192, 0, PacketKind.Unknown)]
    [InlineData(255, 200, PacketKind.Unknown)]
    public void The_first_two_bytes_tell_the_protocol(byte first, byte second, PacketKind kind)
    {
        var datagram = new byte[20];
        datagram[0] = first;
        datagram[1] = second;
        Assert.Equal(kind, PacketDemux.Classify(datagram));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("8060")]
    [InlineData("8060000100000000000000")] // one byte short of an RTP header
    [InlineData("80c800")]
    public void A_datagram_shorter_than_its_header_is_unknown(string hex) =>
        Assert.Equal(PacketKind.Unknown, PacketDemux.Classify(Convert.FromHexString(hex)));
}
