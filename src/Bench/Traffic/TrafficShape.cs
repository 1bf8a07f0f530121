using System.Reflection;

namespace Sluice.Bench.Traffic;

/// <summary>A stream to replay in rounds: when each packet is sent, how long it is, and how its payload begins. Immutable.</summary>
internal sealed class TrafficShape
{
    /// <summary>Ticks a second of the picture's RTP clock.</summary>
    public const int VideoClock = 90_000;

    /// <summary>Ticks a second of the sound's RTP clock.</summary>
    public const int AudioClock = 48_000;

    /// <summary>No payload is longer: a packet with header and tag stays below 1400 bytes.</summary>
    public const int MaxPayload = 1350;

    private readonly ShapePacket[] _packets;

    public TrafficShape(string name, ShapePacket[] packets, int roundMicroseconds)
    {
        if (packets.Length == 0) throw new ArgumentException("A shape has packets.", nameof(packets));
        Name = name;
        _packets = packets;
        RoundMicroseconds = roundMicroseconds;
        HasVideo = Array.Exists(packets, static p => !p.IsAudio);
        HasAudio = Array.Exists(packets, static p => p.IsAudio);
    }

    /// <summary>What the reports call it.</summary>
    public string Name { get; }

    /// <summary>The packets in the order of sending.</summary>
    public ReadOnlySpan<ShapePacket> Packets => _packets;

    /// <summary>The length of a round; then it begins again.</summary>
    public int RoundMicroseconds { get; }

    public bool HasVideo { get; }

    public bool HasAudio { get; }

    /// <summary>Packets a second, in the mean.</summary>
    public double PacketsPerSecond => _packets.Length * 1e6 / RoundMicroseconds;

    /// <summary>Bits of RTP payload a second, in the mean.</summary>
    public double BitsPerSecond
    {
        get
        {
            long bytes = 0;
            foreach (var packet in _packets) bytes += packet.Length;
            return bytes * 8e6 / RoundMicroseconds;
        }
    }

    /// <summary>The first packet of the first picture from a place on, of sound alone its first packet; where the round ends before, that of the next round.</summary>
    public int BeginningAt(TimeSpan place)
    {
        var first = -1;
        var picture = -1L;
        for (var i = 0; i < _packets.Length; i++)
        {
            ref readonly var packet = ref _packets[i];
            if (packet.IsAudio && HasVideo) continue;
            if (first < 0) first = i;
            if (packet.Microseconds >= place.TotalMicroseconds && packet.Timestamp != picture) return i;
            picture = packet.Timestamp;
        }

        return first;
    }

    /// <summary>The shape of the recorded clip that comes with the program: 1280x720 at 30 pictures a second, 2.5 Mbit/s, and sound.</summary>
    public static TrafficShape BuiltIn()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("clip.shape")
            ?? throw new InvalidOperationException("The shape of the clip is not in the program.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return ShapeFile.TryRead(bytes.ToArray(), "clip", out var shape) ? shape : throw new InvalidOperationException("The shape of the clip is damaged.");
    }
}
