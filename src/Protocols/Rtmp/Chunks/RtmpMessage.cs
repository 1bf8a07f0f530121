namespace Sluice.Protocols.Rtmp.Chunks;

/// <summary>A whole message as the chunk layer put it together. A view: it is valid until the reader is asked again.</summary>
public readonly ref struct RtmpMessage
{
    /// <summary>Makes a view of a message.</summary>
    public RtmpMessage(RtmpMessageType type, uint streamId, long timestamp, ReadOnlySpan<byte> payload)
    {
        Type = type;
        StreamId = streamId;
        Timestamp = timestamp;
        Payload = payload;
    }

    /// <summary>What it is; any byte may come.</summary>
    public RtmpMessageType Type { get; }

    /// <summary>The message stream; 0 is the connection itself.</summary>
    public uint StreamId { get; }

    /// <summary>Milliseconds, unwrapped to 64 bits; negative where the peer went below its first zero.</summary>
    public long Timestamp { get; }

    /// <summary>The bytes; empty messages are legal.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
