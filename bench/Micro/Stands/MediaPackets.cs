using Sluice.Protocols.Media;
using Sluice.Testing.Peers;

namespace Sluice.Bench.Micro.Stands;

/// <summary>Payloads such as a 2.5 Mbit/s stream has: a picture in nine packets thirty times a second, sound in small ones.</summary>
internal static class MediaPackets
{
    /// <summary>Packets of one picture.</summary>
    public const int PacketsPerFrame = 9;

    /// <summary>Payload bytes of a packet of the picture.</summary>
    public const int VideoPayload = 1200;

    /// <summary>Payload bytes of a packet of sound.</summary>
    public const int AudioPayload = 100;

    /// <summary>Nanoseconds from one picture to the next.</summary>
    public const long FrameInterval = 1_000_000_000 / 30;

    /// <summary>Ticks of the media clock from one picture to the next.</summary>
    public const int TicksPerFrame = 3000;

    /// <summary>Nanoseconds from one packet of sound to the next.</summary>
    public const long AudioInterval = 20_000_000;

    /// <summary>Ticks of the media clock from one packet of sound to the next.</summary>
    public const int TicksPerAudioPacket = 960;

    /// <summary>The packets of an H.264 picture.</summary>
    public static byte[][] H264Frame(bool isKey) => [.. Enumerable.Range(0, PacketsPerFrame).Select(part => Make(Codec.H264, part, isKey, VideoPayload))];

    /// <summary>A packet of sound.</summary>
    public static byte[] Opus() => Make(Codec.Opus, 0, false, AudioPayload);

    private static byte[] Make(Codec codec, int part, bool isKey, int size)
    {
        var packet = new byte[1500];
        var stamp = new FrameStamp(1, 1, (ushort)part, codec == Codec.Opus ? (ushort)1 : (ushort)PacketsPerFrame, isKey, 0);
        var length = SyntheticPayload.Write(codec, packet, stamp, size, 1, 1);
        if (length != size) throw new InvalidOperationException($"A payload of {size} bytes came out with {length}.");
        return packet[..length];
    }
}
