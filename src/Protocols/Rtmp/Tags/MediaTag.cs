using Sluice.Protocols.Media;

namespace Sluice.Protocols.Rtmp.Tags;

/// <summary>What a media tag brings.</summary>
public enum TagPacketType : byte
{
    /// <summary>The decoder's configuration.</summary>
    SequenceStart = 0,

    /// <summary>A coded frame, or an audio packet.</summary>
    CodedFrames,

    /// <summary>The sequence ended; a new configuration comes before more frames.</summary>
    SequenceEnd,

    /// <summary>AMF0 name and value about the picture, such as colour; see <see cref="ColourDescription"/>.</summary>
    Metadata,

    /// <summary>An AV1 configuration as MPEG-2 TS describes it.</summary>
    TransportStreamSequenceStart,

    /// <summary>Which speaker each channel is for; see <see cref="ChannelLayout"/>.</summary>
    MultichannelConfiguration,

    /// <summary>A command byte for players (seek start and end); carries no picture.</summary>
    Command,
}

/// <summary>FLV's frame types (FLV 10.1 §E.4.3.1).</summary>
public enum TagFrameType : byte
{
    /// <summary>None: audio, or damage.</summary>
    None = 0,

    /// <summary>Decoding can begin here.</summary>
    Key = 1,

    /// <summary>Depends on other frames.</summary>
    Inter = 2,

    /// <summary>No other frame depends on it.</summary>
    Disposable = 3,

    /// <summary>A keyframe some server made.</summary>
    GeneratedKey = 4,

    /// <summary>No frame but a command.</summary>
    Command = 5,
}

/// <summary>One track's part of an audio or video message. A view: <see cref="Payload"/> is valid during the call that brought it.</summary>
public readonly ref struct MediaTag
{
    /// <summary>Sound or picture.</summary>
    public MediaKind Kind { get; init; }

    /// <summary>What it is coded in; unknown where <see cref="FourCc"/> is in no table.</summary>
    public RtmpCodec Codec { get; init; }

    /// <summary>The FourCC of enhanced tags; 0 for those of FLV.</summary>
    public uint FourCc { get; init; }

    /// <summary>What it brings.</summary>
    public TagPacketType PacketType { get; init; }

    /// <summary>The frame type of video.</summary>
    public TagFrameType FrameType { get; init; }

    /// <summary>The track's id; 0 is the default track, and all there is outside multitrack.</summary>
    public byte Track { get; init; }

    /// <summary>Decoding time in milliseconds, unwrapped.</summary>
    public long Timestamp { get; init; }

    /// <summary>What ModEx adds to the timestamp, 0 to 999999 nanoseconds.</summary>
    public int NanosecondOffset { get; init; }

    /// <summary>Presentation minus decoding time in milliseconds; may be negative.</summary>
    public int CompositionOffset { get; init; }

    /// <summary>What follows all headers: the configuration record, the frame (length-prefixed NAL units, OBUs, raw AAC), or as the type says.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Decoding time in nanoseconds.</summary>
    public long TimestampNanoseconds => Timestamp * 1_000_000 + NanosecondOffset;

    /// <summary>Presentation time in nanoseconds.</summary>
    public long PresentationNanoseconds => TimestampNanoseconds + CompositionOffset * 1_000_000L;

    /// <summary>The sender calls the frame a keyframe.</summary>
    public bool IsKeyframe => FrameType is TagFrameType.Key or TagFrameType.GeneratedKey;
}
