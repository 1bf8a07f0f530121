using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>
/// What a forwarder wants to know of one RTP payload without decoding it. The default value says nothing: it stands for audio, for codecs
/// that tell nothing, and for payloads that break their format.
/// </summary>
public readonly record struct PayloadInspection
{
    /// <summary>
    /// An independently decodable access unit begins with this packet, as far as the packet alone can say. With H.264 and H.265 several
    /// packets of one access unit may say so (parameter sets, then the picture): begin at the first of one RTP timestamp.
    /// </summary>
    public bool StartsKeyframe { get; init; }

    /// <summary>
    /// A frame begins within this packet. With H.264 and H.265 several packets of one access unit may say so; with VP9 each spatial
    /// layer's frame does.
    /// </summary>
    public bool StartsFrame { get; init; }

    /// <summary>The codec says that a frame ends with this packet (VP9 only, for each spatial layer). Elsewhere the RTP marker says it.</summary>
    public bool EndsFrame { get; init; }

    /// <summary>No other frame refers to this one: a viewer who is behind may go without it.</summary>
    public bool IsNonReference { get; init; }

    /// <summary>A viewer may go up to this packet's temporal layer here (VP8 Y, VP9 U).</summary>
    public bool IsSwitchingUpPoint { get; init; }

    /// <summary>An H.264 or H.265 parameter set says that output order may differ from decoding order: B-frames may come.</summary>
    public bool MayReorder { get; init; }

    /// <summary>The picture size where the packet announces one; else empty.</summary>
    public Resolution Resolution { get; init; }

    /// <summary>Profile and level where the packet carries a whole H.264 sequence parameter set; else empty.</summary>
    public ProfileLevelId ProfileLevelId { get; init; }

    /// <summary>The temporal layer; 0 where the codec does not say.</summary>
    public byte TemporalId { get; init; }

    /// <summary>The spatial layer; 0 where the codec does not say.</summary>
    public byte SpatialId { get; init; }

    /// <summary>The picture numbers of VP8 and VP9.</summary>
    public PictureIds Ids { get; init; }

    /// <summary>Looks at one payload, RTP padding cut off. Reads a few bytes of most packets, and parameter sets where they come.</summary>
    public static PayloadInspection Inspect(Codec codec, ReadOnlySpan<byte> payload) => codec switch
    {
        Codec.H264 => H264Inspection.Inspect(payload),
        Codec.H265 => H265Inspection.Inspect(payload),
        Codec.Vp8 => Vp8Inspection.Inspect(payload),
        Codec.Vp9 => Vp9Inspection.Inspect(payload),
        Codec.Av1 => Av1Inspection.Inspect(payload),
        _ => default,
    };
}
