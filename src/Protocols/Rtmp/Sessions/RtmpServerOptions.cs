using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>What a server session allows. The defaults suit encoders on the open internet.</summary>
public sealed record RtmpServerOptions
{
    /// <summary>The default options.</summary>
    public static RtmpServerOptions Default { get; } = new();

    /// <summary>Memory of the chunk layer.</summary>
    public ChunkLimits Chunks { get; init; } = ChunkLimits.Default;

    /// <summary>Depth and number of AMF values in one message.</summary>
    public AmfLimits Amf { get; init; } = AmfLimits.Default;

    /// <summary>Bytes of a command or data message.</summary>
    public int MaxCommandBytes { get; init; } = 64 << 10;

    /// <summary>Message streams on one connection.</summary>
    public int MaxStreams { get; init; } = 4;

    /// <summary>From the first byte to the end of the handshake.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may be connected without a publication.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may be silent.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a publisher is pinged.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After how many bytes the client shall acknowledge, and how much it may send unacknowledged.</summary>
    public int WindowBytes { get; init; } = 2_500_000;

    /// <summary>The FourCCs of the video codecs to offer to clients of Enhanced RTMP.</summary>
    public IReadOnlyList<string> VideoFourCcs { get; init; } = ["avc1", "hvc1", "av01", "vp09", "vp08"];

    /// <summary>The FourCCs of the audio codecs to offer to clients of Enhanced RTMP.</summary>
    public IReadOnlyList<string> AudioFourCcs { get; init; } = ["mp4a", "Opus"];
}
