namespace Sluice.Bench.Traffic;

/// <summary>Streams made by rule, for what the clip is not: low bitrates, and sound alone.</summary>
internal static class SyntheticShape
{
    private const int FramesPerSecond = 30;
    private const int AudioMicroseconds = 20_000;
    private const int AudioTicks = TrafficShape.AudioClock / 50;
    private const int AudioLength = 160;
    private const int RoundSeconds = 10;
    private const int LargestPacket = 1188;

    // Inter pictures as fragments of one slice: FU indicator, then start, middle and end.
    private static readonly byte[] Start = [0x5c, 0x81];
    private static readonly byte[] Middle = [0x5c, 0x01];
    private static readonly byte[] End = [0x5c, 0x41];
    private static readonly byte[] OpusStereo20Milliseconds = [0xfc, 0xff];

    /// <summary>600 kbit/s of picture, two or three packets each, and sound of 64 kbit/s.</summary>
    public static TrafficShape Low()
    {
        var packets = new List<ShapePacket>();
        for (var frame = 0; frame < FramesPerSecond * RoundSeconds; frame++)
        {
            // 2500 bytes a picture in the mean, between 1900 and 3100, in a pattern that repeats after seven pictures.
            var left = 1900 + frame % 7 * 200;
            var time = (int)((long)frame * 1_000_000 / FramesPerSecond);
            for (var isFirst = true; left > 0; isFirst = false)
            {
                var length = Math.Min(left, LargestPacket);
                left -= length;
                var prefix = isFirst ? Start : left == 0 ? End : Middle;
                packets.Add(new ShapePacket(time, false, left == 0, (uint)frame * (TrafficShape.VideoClock / FramesPerSecond), length, prefix));
            }
        }

        packets.AddRange(Sound());
        return new TrafficShape("low", [.. StableByTime(packets)], RoundSeconds * 1_000_000);
    }

    /// <summary>One packet of sound every 20 ms.</summary>
    public static TrafficShape Audio() => new("audio", [.. Sound()], RoundSeconds * 1_000_000);

    /// <summary>The floor's ideal: so many pictures a second of equal packets in one run each, and 50 packets of sound.</summary>
    public static TrafficShape Ideal(int packetsPerFrame)
    {
        var packets = new List<ShapePacket>();
        for (var frame = 0; frame < FramesPerSecond * RoundSeconds; frame++)
        {
            for (var i = 0; i < packetsPerFrame; i++)
            {
                packets.Add(new ShapePacket(
                    (int)((long)frame * 1_000_000 / FramesPerSecond), false, i == packetsPerFrame - 1, (uint)frame * (TrafficShape.VideoClock / FramesPerSecond), LargestPacket, Middle));
            }
        }

        packets.AddRange(Sound());
        return new TrafficShape($"{packetsPerFrame}-packet pictures", [.. StableByTime(packets)], RoundSeconds * 1_000_000);
    }

    private static IEnumerable<ShapePacket> StableByTime(List<ShapePacket> packets) => packets.OrderBy(static p => p.Microseconds);

    private static IEnumerable<ShapePacket> Sound()
    {
        for (var i = 0; i < RoundSeconds * 1_000_000 / AudioMicroseconds; i++)
        {
            // Half a millisecond behind a picture's time: no sound ever stands in the middle of one.
            yield return new ShapePacket(i * AudioMicroseconds + 500, true, false, (uint)(i * AudioTicks), AudioLength, OpusStereo20Milliseconds);
        }
    }
}
