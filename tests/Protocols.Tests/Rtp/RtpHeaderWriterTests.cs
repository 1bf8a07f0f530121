using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Tests.Rtp;

public class RtpHeaderWriterTests
{
    [Fact]
    public void A_header_without_extensions_has_twelve_bytes()
    {
        var buffer = new byte[12];
        var writer = RtpHeaderWriter.Begin(buffer, new PayloadType(111), true, 0xfffe, 0x80000001, new Ssrc(0x01020304));
        Assert.Equal(12, writer.Complete());
        Assert.Equal("80EFFFFE8000000101020304", Convert.ToHexString(buffer));
    }

    [Fact]
    public void The_one_byte_form_is_written_as_the_rfc_draws_it()
    {
        var buffer = new byte[64];
        var writer = Begin(buffer, HeaderExtensionForm.OneByte);
        writer.AddExtension(1, [0xaa]);
        writer.AddExtension(14, [1, 2, 3]);
        var length = writer.Complete();
        Assert.Equal(24, length);
        Assert.Equal("BEDE000210AAE201020300", Convert.ToHexString(buffer, 12, 11));
        Assert.Equal(0x90, buffer[0]);
    }

    [Fact]
    public void The_two_byte_form_is_written_as_the_rfc_draws_it()
    {
        var buffer = new byte[64];
        var writer = Begin(buffer, HeaderExtensionForm.TwoByte);
        writer.AddExtension(200, []);
        writer.AddExtension(1, [1, 2, 3]);
        Assert.Equal(24, writer.Complete());
        Assert.Equal("10000002C8000103010203" + "00", Convert.ToHexString(buffer, 12, 12));
    }

    [Theory]
    [InlineData(HeaderExtensionForm.OneByte, 0, 1)]
    [InlineData(HeaderExtensionForm.OneByte, 15, 1)]
    [InlineData(HeaderExtensionForm.OneByte, -1, 1)]
    [InlineData(HeaderExtensionForm.OneByte, 1, 0)]
    [InlineData(HeaderExtensionForm.OneByte, 1, 17)]
    [InlineData(HeaderExtensionForm.TwoByte, 0, 1)]
    [InlineData(HeaderExtensionForm.TwoByte, 256, 1)]
    [InlineData(HeaderExtensionForm.TwoByte, 1, 256)]
    public void An_element_the_form_cannot_carry_is_a_bug_of_the_caller(HeaderExtensionForm form, int id, int length)
    {
        var buffer = new byte[600];
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            var writer = Begin(buffer, form);
            writer.AddExtension(id, length);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    public void Padding_can_be_read_back(int padding)
    {
        var buffer = new byte[600];
        buffer.AsSpan().Fill(0xee);
        var length = Begin(buffer, HeaderExtensionForm.OneByte).Complete() + 10;
        length = RtpHeaderWriter.Pad(buffer, length, padding);
        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var packet));
        Assert.Equal(padding, packet.PaddingLength);
        Assert.Equal(10, packet.Payload.Length);
    }

    [Fact]
    public void Whatever_is_written_reads_back_the_same()
    {
        var random = new Random(20260101);
        var buffer = new byte[4096];
        for (var round = 0; round < 3000; round++)
        {
            random.NextBytes(buffer); // a writer must not rely on a clean buffer
            var form = (HeaderExtensionForm)random.Next(2);
            var type = new PayloadType((byte)random.Next(128));
            var marker = random.Next(2) == 1;
            var sequence = (ushort)random.Next(65536);
            var timestamp = (uint)random.NextInt64(1L << 32);
            var ssrc = new Ssrc((uint)random.NextInt64(1L << 32));
            var writer = RtpHeaderWriter.Begin(buffer, type, marker, sequence, timestamp, ssrc, form);
            var elements = new List<(int Id, byte[] Bytes)>();
            for (var count = random.Next(6); count > 0; count--)
            {
                var oneByte = form == HeaderExtensionForm.OneByte;
                var bytes = new byte[oneByte ? random.Next(1, 17) : random.Next(256)];
                random.NextBytes(bytes);
                elements.Add((oneByte ? random.Next(1, 15) : random.Next(1, 256), bytes));
                writer.AddExtension(elements[^1].Id, bytes);
            }

            var length = writer.Complete();
            Assert.Equal(0, length % 4);
            Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length + 5), out var packet));
            Assert.Equal(length, packet.HeaderLength);
            Assert.Equal((type, marker, sequence), (packet.PayloadType, packet.Marker, packet.SequenceNumber));
            Assert.Equal((timestamp, ssrc), (packet.Timestamp, packet.Ssrc));
            var index = 0;
            foreach (var element in packet.Extensions)
            {
                Assert.Equal(elements[index].Id, element.Id);
                Assert.True(element.Data.SequenceEqual(elements[index].Bytes));
                index++;
            }

            Assert.Equal(elements.Count, index);
        }
    }

    private static RtpHeaderWriter Begin(Span<byte> buffer, HeaderExtensionForm form) =>
        RtpHeaderWriter.Begin(buffer, new PayloadType(96), false, 1, 2, new Ssrc(3), form);
}
