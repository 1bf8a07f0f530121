using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Testing.Peers;

/// <summary>
/// RTP payloads that look like a codec's from outside (keyframes, frame starts, picture ids, sizes) and carry a <see cref="FrameStamp"/>
/// inside.
/// </summary>
public static class SyntheticPayload
{
    // x264's baseline parameter sets for 640x360.
    private static readonly byte[] Sps = Convert.FromHexString("6742c01eda0280bfe5c044000003000400000300f03c58ba80");
    private static readonly byte[] Pps = Convert.FromHexString("68ce0fc8");
    private const byte StapA = 0x78;
    private const byte FuA = 0x7c;
    private const byte Sei = 0x06;
    private const int Vp8DescriptorLength = 6;
    private const int Vp8KeyHeader = 10;

    /// <summary>Writes one packet of a frame and gives its length, which is near to <paramref name="size"/>.</summary>
    public static int Write(Codec codec, Span<byte> destination, in FrameStamp stamp, int size, ushort pictureId, byte tl0)
    {
        var head = codec switch
        {
            Codec.H264 => WriteH264(destination, stamp),
            Codec.Vp8 => WriteVp8(destination, stamp, pictureId, tl0),
            _ => WriteOpus(destination),
        };
        var length = Math.Max(size, head + FrameStamp.Length);
        stamp.Write(destination[head..length]);
        if (codec == Codec.H264 && stamp is { IsKey: true, Part: 0 })
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[(head - 3)..], (ushort)(length - head + 1));
        }

        return length;
    }

    /// <summary>Finds the stamp of a payload, whichever packet of the frame it is.</summary>
    public static bool TryRead(Codec codec, ReadOnlySpan<byte> payload, out FrameStamp stamp, out PictureIds ids)
    {
        stamp = default;
        ids = default;
        switch (codec)
        {
            case Codec.H264:
                return TryReadH264(payload, out stamp);
            case Codec.Vp8:
                if (!Vp8Descriptor.TryParse(payload, out var descriptor)) return false;
                ids = descriptor.Ids;
                var at = descriptor.Length;
                if (descriptor.StartsFrame) at += (payload[at] & 1) == 0 ? Vp8KeyHeader : 3;
                return at < payload.Length && FrameStamp.TryRead(payload[at..], out stamp);
            default:
                return payload.Length > 1 && FrameStamp.TryRead(payload[1..], out stamp);
        }
    }

    private static int WriteH264(Span<byte> destination, in FrameStamp stamp)
    {
        if (stamp is { IsKey: true, Part: 0 })
        {
            // Parameter sets together, and a third unit that carries the stamp.
            destination[0] = StapA;
            var at = 1;
            foreach (var set in (ReadOnlySpan<byte[]>)[Sps, Pps])
            {
                BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)set.Length);
                set.CopyTo(destination[(at + 2)..]);
                at += 2 + set.Length;
            }

            destination[at + 2] = Sei; // its length comes when it is known
            return at + 3;
        }

        var slice = stamp.IsKey ? 5 : 1;
        var first = stamp.IsKey ? 1 : 0;
        if (stamp.Parts == 1)
        {
            destination[0] = (byte)(0x60 | slice);
            destination[1] = 0x88;
            return 2;
        }

        var starts = stamp.Part == first;
        destination[0] = FuA;
        destination[1] = (byte)((starts ? 0x80 : 0) | (stamp.Part == stamp.Parts - 1 && !starts ? 0x40 : 0) | slice);
        if (!starts) return 2;
        destination[2] = 0x88;
        return 3;
    }

    private static bool TryReadH264(ReadOnlySpan<byte> payload, out FrameStamp stamp)
    {
        stamp = default;
        var reader = new H264PayloadReader(payload);
        while (reader.TryRead(out var unit))
        {
            var type = unit.Header & 0x1f;
            if (type is 7 or 8) continue;
            var body = unit.Body;
            if (type != Sei && unit.Starts) body = body[1..];
            return FrameStamp.TryRead(body, out stamp);
        }

        return false;
    }

    private static int WriteVp8(Span<byte> destination, in FrameStamp stamp, ushort pictureId, byte tl0)
    {
        destination[0] = (byte)(0x80 | (stamp.Part == 0 ? 0x10 : 0));
        destination[1] = 0xe0; // picture id, TL0PICIDX, TID
        destination[2] = (byte)(0x80 | pictureId >> 8);
        destination[3] = (byte)pictureId;
        destination[4] = tl0;
        destination[5] = 0;
        if (stamp.Part != 0) return Vp8DescriptorLength;
        var frame = destination[Vp8DescriptorLength..];
        frame[0] = (byte)(0x10 | (stamp.IsKey ? 0 : 1));
        frame[1] = frame[2] = 0;
        if (!stamp.IsKey) return Vp8DescriptorLength + 3;
        ReadOnlySpan<byte> start = [0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]; // 640x360
        start.CopyTo(frame[3..]);
        return Vp8DescriptorLength + Vp8KeyHeader;
    }

    private static int WriteOpus(Span<byte> destination)
    {
        destination[0] = 0x78; // full band, one frame of 20 ms
        return 1;
    }
}
