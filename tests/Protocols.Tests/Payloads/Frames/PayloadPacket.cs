using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Payloads.Depacketizers;
using Sluice.Protocols.Rtp.Payloads.Packetizers;
using Sluice.Testing.Clips;

namespace Sluice.Protocols.Tests.Payloads.Frames;

internal sealed record PayloadPacket(int Frame, byte[] Payload, long Timestamp, PacketizedPayload Facts);

/// <summary>A frame as a depacketizer gave it, with memory of its own.</summary>
internal sealed record JoinedFrame(FrameFormat Format, long DecodeTime, int CompositionOffset, FrameFlags Flags, byte[] Payload);

/// <summary>Frames into payloads and back.</summary>
internal static class Payloading
{
    public static List<PayloadPacket> Packetize(Clip clip, int maxPayload = Packetizer.DefaultMaxPayload)
    {
        Assert.True(Packetizer.TryCreate(clip.Format.Codec, out var packetizer, maxPayload));
        List<PayloadPacket> packets = [];
        for (var i = 0; i < clip.Frames.Count; i++)
        {
            packets.AddRange(Packetize(packetizer, clip.Format, clip.Frames[i]).Select(p => p with { Frame = i }));
        }

        return packets;
    }

    public static List<PayloadPacket> Packetize(Packetizer packetizer, FrameFormat format, ClipFrame clipFrame)
    {
        List<PayloadPacket> packets = [];
        var frame = clipFrame.With(format);
        var buffer = new byte[packetizer.MaxPayload];
        if (!packetizer.Begin(frame)) return packets;
        while (packetizer.TryTake(frame, buffer, out var facts))
        {
            packets.Add(new PayloadPacket(0, buffer[..facts.Length], frame.PresentationTime, facts));
        }

        return packets;
    }

    public static Packetizer NewPacketizer(Codec codec, int maxPayload = Packetizer.DefaultMaxPayload)
    {
        Assert.True(Packetizer.TryCreate(codec, out var packetizer, maxPayload));
        return packetizer;
    }

    public static Depacketizer NewDepacketizer(FrameFormat format)
    {
        Assert.True(RtpFormats.TryDescribe(format, out var packets));
        Assert.True(Depacketizer.TryCreate(packets, out var depacketizer));
        return depacketizer;
    }

    public static List<JoinedFrame> Join(Depacketizer depacketizer, IEnumerable<PayloadPacket> packets)
    {
        List<JoinedFrame> frames = [];
        foreach (var packet in packets) Join(depacketizer, packet, frames);
        return frames;
    }

    public static void Join(Depacketizer depacketizer, PayloadPacket packet, List<JoinedFrame> frames)
    {
        depacketizer.Handle(packet.Payload, packet.Timestamp, packet.Facts.Marker);
        while (depacketizer.TryTake(out var frame))
        {
            frames.Add(new JoinedFrame(frame.Format, frame.DecodeTime, frame.CompositionOffset, frame.Flags, frame.Payload.ToArray()));
        }
    }
}
