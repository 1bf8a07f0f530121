namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>What a frame means to one decode target (AV1 RTP specification §A.2).</summary>
public enum DecodeTargetIndication : byte
{
    /// <summary>The frame does not belong to the target.</summary>
    NotPresent = 0,

    /// <summary>No later frame of the target needs it: it may be dropped.</summary>
    Discardable,

    /// <summary>The target may switch up at this frame.</summary>
    Switch,

    /// <summary>Later frames of the target need it.</summary>
    Required,
}

/// <summary>
/// One packet's dependency descriptor (AV1 RTP specification, appendix A.8), as much as forwarding needs: where the frame starts and
/// ends, its number, its layers, and what it means to each decode target.
/// </summary>
/// <param name="StartOfFrame">True on a frame's first packet.</param>
/// <param name="EndOfFrame">True on a frame's last packet.</param>
/// <param name="TemplateId">The template the frame follows, 0 to 63.</param>
/// <param name="FrameNumber">The frame's number in decode order, wrapping at 2^16.</param>
/// <param name="HasStructure">True where a structure is attached: the first packet of a keyframe, to which nothing before is needed.</param>
/// <param name="SpatialLayer">The frame's spatial layer.</param>
/// <param name="TemporalLayer">The frame's temporal layer.</param>
/// <param name="ActiveDecodeTargets">A bit for each decode target the sender produces now; null where this packet does not say.</param>
/// <param name="Indications">Two bits for each decode target, target 0 lowest; see <see cref="IndicationFor"/>.</param>
public readonly record struct DependencyDescriptor(
    bool StartOfFrame,
    bool EndOfFrame,
    byte TemplateId,
    ushort FrameNumber,
    bool HasStructure,
    byte SpatialLayer,
    byte TemporalLayer,
    uint? ActiveDecodeTargets,
    ulong Indications)
{
    /// <summary>The name in <c>a=extmap</c>.</summary>
    public const string Uri = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

    /// <summary>What the frame means to a decode target, 0 to 31.</summary>
    public DecodeTargetIndication IndicationFor(int target) => (DecodeTargetIndication)(Indications >> (target * 2) & 3);
}
