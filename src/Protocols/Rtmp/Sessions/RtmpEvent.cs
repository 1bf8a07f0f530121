using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Tags;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>What a server session tells its host.</summary>
public enum RtmpEventKind : byte
{
    /// <summary>A client wants to connect; answer with AcceptConnect or RefuseConnect. Nothing more is read before.</summary>
    ConnectRequested = 0,

    /// <summary>The client wants to publish; answer with AcceptPublish or RefusePublish. Nothing more is read before.</summary>
    PublishRequested,

    /// <summary>onMetaData; believe none of it before the media says the same.</summary>
    Metadata,

    /// <summary>Another data message, such as a cue point or text.</summary>
    Message,

    /// <summary>Something came that this room cannot read or carry; told once for each different thing.</summary>
    Unsupported,

    /// <summary>A publication that was accepted ended; told exactly once for each.</summary>
    PublishEnded,

    /// <summary>The session is over: send what is left to take, then close the connection. Told exactly once, as the last event.</summary>
    Closed,
}

/// <summary>How a publication ended.</summary>
public enum RtmpPublishEnd : byte
{
    /// <summary>The publisher said so.</summary>
    Unpublished = 0,

    /// <summary>The connection closed.</summary>
    Disconnected,

    /// <summary>The session broke; see <see cref="RtmpServerSession.Error"/>.</summary>
    Failed,

    /// <summary>The host ended it.</summary>
    EndedByHost,
}

/// <summary>Something that came and is of no use.</summary>
/// <param name="MessageType">The message it came in.</param>
/// <param name="Tag">What is wrong with a media message; none where the FourCC <paramref name="Value"/> is unknown.</param>
/// <param name="Amf">What is wrong with a data or command message.</param>
/// <param name="Value">The number nobody knows.</param>
public readonly record struct RtmpUnsupported(RtmpMessageType MessageType, TagError Tag, AmfError Amf, uint Value)
{
    /// <inheritdoc />
    public override string ToString() => (Amf, Tag) switch
    {
        (not AmfError.None, _) => $"A {MessageType} message cannot be read: {Amf}.",
        (_, TagError.None) when MessageType is RtmpMessageType.Audio or RtmpMessageType.Video => $"The {MessageType} codec '{RtmpCodecs.NameOfFourCc(Value)}' is unknown.",
        (_, TagError.None) => $"Messages of type {(int)MessageType} are not understood.",
        (_, TagError.UnknownCodec) => $"The {MessageType} codec number {Value} is unknown.",
        _ => $"A {MessageType} message cannot be read: {Tag} ({Value}).",
    };
}

/// <summary>One event. Immutable; the values in it stay valid.</summary>
/// <param name="Kind">Which.</param>
/// <param name="StreamId">The message stream of publications, metadata and messages.</param>
/// <param name="Connect">The request of ConnectRequested.</param>
/// <param name="Publish">The request of PublishRequested; the publication of PublishEnded.</param>
/// <param name="Name">The name of a message.</param>
/// <param name="Value">The content of metadata or a message.</param>
/// <param name="Timestamp">The time of metadata or a message, in milliseconds.</param>
/// <param name="Unsupported">What Unsupported speaks of.</param>
/// <param name="End">How a publication ended.</param>
public readonly record struct RtmpEvent(
    RtmpEventKind Kind,
    uint StreamId = 0,
    RtmpConnect? Connect = null,
    RtmpPublish? Publish = null,
    string Name = "",
    AmfValue? Value = null,
    long Timestamp = 0,
    RtmpUnsupported Unsupported = default,
    RtmpPublishEnd End = default);
