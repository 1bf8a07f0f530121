using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Testing.Fuzzing;

/// <summary>A packet that parses divides into header, payload and padding, and survives being written again and sent by RTX.</summary>
public static class RtpTarget
{
    /// <summary>Runs one packet.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        _ = PacketDemux.Classify(input);
        if (!RtpPacketView.TryParse(input, out var packet)) return;

        FuzzAssert.That(RtpPacketView.TryParseHeader(input, out var header), "a packet that parses has a header that parses");
        FuzzAssert.That(header.HeaderLength == packet.HeaderLength, "padding does not change the header");
        FuzzAssert.That(packet.HeaderLength + packet.Payload.Length + packet.PaddingLength == input.Length, "the parts make the whole");
        for (var i = 0; i < packet.CsrcCount; i++)
        {
            _ = packet.Csrc(i);
        }

        WriteAgain(packet);
        Retransmit(packet);
    }

    private static void WriteAgain(in RtpPacketView packet)
    {
        var buffer = new byte[RtpPacketView.FixedHeaderLength + 4 + packet.ExtensionBlock.Length * 2 + 4 + packet.Payload.Length + 255];
        var writer = RtpHeaderWriter.Begin(
            buffer, packet.PayloadType, packet.Marker, packet.SequenceNumber, packet.Timestamp, packet.Ssrc, HeaderExtensionForm.TwoByte);
        var count = 0;
        var bytes = 0;
        foreach (var element in packet.Extensions)
        {
            writer.AddExtension(element.Id, element.Data);
            bytes += element.Data.Length;
            count++;
        }

        FuzzAssert.That(bytes <= packet.ExtensionBlock.Length, "elements lie inside the block");
        var length = writer.Complete();
        packet.Payload.CopyTo(buffer.AsSpan(length));
        length = RtpHeaderWriter.Pad(buffer, length + packet.Payload.Length, packet.PaddingLength);

        FuzzAssert.That(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var again), "what was written parses");
        FuzzAssert.That(again.PayloadType == packet.PayloadType && again.Marker == packet.Marker, "type and marker survive");
        FuzzAssert.That(again.SequenceNumber == packet.SequenceNumber && again.Timestamp == packet.Timestamp, "numbers survive");
        FuzzAssert.That(again.Ssrc == packet.Ssrc && again.PaddingLength == packet.PaddingLength, "stream and padding survive");
        FuzzAssert.That(again.Payload.SequenceEqual(packet.Payload), "the payload survives");
        var left = packet.Extensions;
        foreach (var element in again.Extensions)
        {
            FuzzAssert.That(left.MoveNext(), "no element is invented");
            FuzzAssert.That(left.Current.Id == element.Id && left.Current.Data.SequenceEqual(element.Data), "elements survive");
            count--;
        }

        FuzzAssert.That(count == 0, "no element is lost");
    }

    private static void Retransmit(in RtpPacketView packet)
    {
        var buffer = new byte[packet.Bytes.Length + RtxWriter.Overhead];
        var length = RtxWriter.Write(buffer, packet, new PayloadType(99), new Ssrc(7), 4711);
        FuzzAssert.That(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var retransmission), "a retransmission parses");
        FuzzAssert.That(retransmission.SequenceNumber == 4711 && retransmission.PaddingLength == 0, "it has its own number and no padding");
        FuzzAssert.That(
            RtxUnwrapper.TryUnwrap(buffer.AsSpan(0, length), packet.PayloadType, packet.Ssrc, out var original), "it unwraps");
        var expected = packet.Bytes[..^packet.PaddingLength].ToArray();
        expected[0] &= 0xdf;
        FuzzAssert.That(original.SequenceEqual(expected), "the original comes back without its padding");
    }
}
