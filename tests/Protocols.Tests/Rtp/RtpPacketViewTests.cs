using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Tests.Rtp;

public class RtpPacketViewTests
{
    private const string Fixed = "04d200015f90cafe0001"; // sequence 1234, timestamp 90000, SSRC cafe0001

    [Fact]
    public void Every_field_of_the_header_is_read()
    {
        Assert.True(Parse("b2e0" + Fixed + "00000001" + "00000002" + "bede0001" + "10aa2000" + "aabbcc" + "000003", out var packet));
        Assert.Equal(new PayloadType(96), packet.PayloadType);
        Assert.True(packet.Marker);
        Assert.Equal(1234, packet.SequenceNumber);
        Assert.Equal(90_000u, packet.Timestamp);
        Assert.Equal(new Ssrc(0xcafe0001), packet.Ssrc);
        Assert.Equal(2, packet.CsrcCount);
        Assert.Equal(new Ssrc(2), packet.Csrc(1));
        Assert.True(packet.HasExtension);
        Assert.Equal(0xbede, packet.ExtensionProfile);
        Assert.Equal(28, packet.HeaderLength);
        Assert.Equal(3, packet.PaddingLength);
        Assert.Equal("AABBCC", Convert.ToHexString(packet.Payload));
    }

    [Fact]
    public void A_bare_header_is_a_packet_without_payload()
    {
        Assert.True(Parse("8060" + Fixed, out var packet));
        Assert.Equal(12, packet.HeaderLength);
        Assert.True(packet.Payload.IsEmpty);
        Assert.False(packet.HasExtension);
        Assert.Equal(0, packet.ExtensionProfile);
        Assert.True(packet.ExtensionBlock.IsEmpty);
        Assert.False(packet.TryGetExtension(1, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("806004d200015f90cafe00")] // eleven bytes
    [InlineData("006004d200015f90cafe0001")] // version 0
    [InlineData("406004d200015f90cafe0001")] // version 1
    [InlineData("c06004d200015f90cafe0001")] // version 3
    [InlineData("816004d200015f90cafe0001")] // one CSRC, none there
    [InlineData("8f6004d200015f90cafe00010000000100000002")] // fifteen CSRCs, two there
    [InlineData("906004d200015f90cafe0001")] // extension bit, no block
    [InlineData("906004d200015f90cafe0001bede00")] // half a block header
    [InlineData("906004d200015f90cafe0001bede0001")] // one word, none there
    [InlineData("906004d200015f90cafe0001bedeffff00000000")] // as long as it gets
    [InlineData("a06004d200015f90cafe0001")] // padding bit, nothing behind the header
    [InlineData("a06004d200015f90cafe0001aa00")] // padding of zero
    [InlineData("a06004d200015f90cafe0001aa03")] // padding over the payload into the header
    [InlineData("a06004d200015f90cafe0001ff")]
    [InlineData("b06004d200015f90cafe0001bede000000000005")] // padding over the extension
    public void A_packet_that_is_not_whole_is_refused(string hex) => Assert.False(Parse(hex, out _));

    [Fact]
    public void A_packet_of_padding_only_is_accepted_and_has_no_payload()
    {
        Assert.True(Parse("a060" + Fixed + "00000004", out var packet));
        Assert.Equal(4, packet.PaddingLength);
        Assert.True(packet.Payload.IsEmpty);
    }

    [Fact]
    public void The_padding_of_an_encrypted_packet_is_not_looked_at()
    {
        var bytes = Convert.FromHexString("a060" + Fixed + "aabbccff");
        Assert.False(RtpPacketView.TryParse(bytes, out _));
        Assert.True(RtpPacketView.TryParseHeader(bytes, out var packet));
        Assert.Equal(4, packet.Payload.Length);
    }

    [Theory]
    [InlineData("bede0003" + "10aa22bbbbbb000031cccc00", "1:AA 2:BBBBBB 3:CCCC")]
    [InlineData("bede0001" + "00000000", "")]
    [InlineData("bede0001" + "000010aa", "1:AA")]
    [InlineData("bede0002" + "10aaf01122330000", "1:AA")] // id 15 ends the block
    [InlineData("bede0001" + "1faabbcc", "")] // runs over the end
    [InlineData("bede0001" + "10aa21bb", "1:AA")] // the second runs over the end by one byte
    [InlineData("bede0001" + "03aabbcc", "")] // id 0 with a length: not an element
    [InlineData("bede0002" + "01aabb10cc000000", "1:CC")] // id 0 with a length is passed over
    [InlineData("10000002" + "0100110201020000", "1: 17:0102")]
    [InlineData("100f0001" + "0101aa00", "1:AA")] // application bits
    [InlineData("10000001" + "000002ff", "")] // runs over the end
    [InlineData("10000001" + "00000002", "")] // an id without a length
    [InlineData("12340001" + "10aa0000", "")] // a profile that is neither
    [InlineData("20000001" + "0101aa00", "")]
    public void Extension_elements_are_found_in_both_forms(string block, string expected)
    {
        Assert.True(Parse("9060" + Fixed + block + "ff", out var packet));
        var found = new List<string>();
        foreach (var element in packet.Extensions)
        {
            found.Add($"{element.Id}:{Convert.ToHexString(element.Data)}");
        }

        Assert.Equal(expected, string.Join(' ', found));
    }

    [Fact]
    public void The_first_of_two_elements_with_one_id_is_given()
    {
        Assert.True(Parse("9060" + Fixed + "bede0001" + "50015002", out var packet));
        Assert.True(packet.TryGetExtension(5, out var data));
        Assert.Equal(1, data[0]);
        Assert.False(packet.TryGetExtension(0, out _));
        Assert.False(packet.TryGetExtension(6, out _));
    }

    [Fact]
    public void Reading_a_packet_allocates_nothing()
    {
        var bytes = Convert.FromHexString("9060" + Fixed + "bede0002" + "10aa2122330000" + "00" + "ff");
        var sum = 0;
        var allocated = Allocations.Least(() =>
        {
            sum = 0;
            for (var i = 0; i < 1000; i++)
            {
                if (RtpPacketView.TryParse(bytes, out var packet) && packet.TryGetExtension(2, out var data))
                {
                    sum += data.Length;
                }
            }
        });
        Assert.Equal(0, allocated);
        Assert.Equal(2000, sum);
    }

    private static bool Parse(string hex, out RtpPacketView packet) => RtpPacketView.TryParse(Convert.FromHexString(hex), out packet);
}
