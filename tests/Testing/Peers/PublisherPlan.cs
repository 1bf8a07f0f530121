using Sluice.Protocols.Media;

namespace Sluice.Testing.Peers;

/// <summary>What a synthetic publisher sends.</summary>
public sealed record PublisherPlan
{
    /// <summary>The picture's codec: H.264 or VP8.</summary>
    public Codec Video { get; init; } = Codec.H264;

    /// <summary>Pictures a second.</summary>
    public double FramesPerSecond { get; init; } = 30;

    /// <summary>Bits a second of the picture, keyframes apart.</summary>
    public int VideoBitrate { get; init; } = 1_500_000;

    /// <summary>How much larger a keyframe is than a plain picture.</summary>
    public int KeyframeFactor { get; init; } = 8;

    /// <summary>Pictures between two keyframes nobody asked for; 0 for keyframes on request only, as browsers make them.</summary>
    public int KeyframeInterval { get; init; }

    /// <summary>Between two packets of sound; zero for no sound.</summary>
    public TimeSpan AudioInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Names of simulcast layers, the best one first; none for a plain picture. Each layer has half the bits of the one before.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>The first sequence number of every stream: near the wrap, so that every test passes it.</summary>
    public ushort FirstSequence { get; init; } = 65_500;

    /// <summary>The first timestamp of every stream; a second or so before the wrap.</summary>
    public uint FirstTimestamp { get; init; } = uint.MaxValue - 90_000;

    /// <summary>The first picture id of VP8; it wraps at 2^15.</summary>
    public ushort FirstPictureId { get; init; } = 0x7ff0;

    /// <summary>The payload type of the picture.</summary>
    public byte VideoPayloadType { get; init; } = 96;

    /// <summary>The payload type of sound.</summary>
    public byte AudioPayloadType { get; init; } = 111;

    /// <summary>What the publisher's wall clock is ahead of ours.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary>True where sound is asked for again too, as by clients that offer <c>nack</c> for it.</summary>
    public bool RepairsAudio { get; init; }

    /// <summary>True where the offer has retransmissions on a stream of their own.</summary>
    public bool HasRtx { get; init; } = true;

    /// <summary>True where packets carry transport-wide sequence numbers.</summary>
    public bool HasTransportFeedback { get; init; } = true;
}
