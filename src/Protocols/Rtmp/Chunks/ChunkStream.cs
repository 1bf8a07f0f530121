namespace Sluice.Protocols.Rtmp.Chunks;

/// <summary>What one chunk stream's later headers leave out, and its partial message.</summary>
internal sealed class ChunkStream
{
    public RtmpMessageType Type;
    public uint MessageStreamId;
    public int Length;

    /// <summary>The timestamp of the current or last message, unwrapped.</summary>
    public long Timestamp;

    /// <summary>What a header of form 3 adds when it begins a message.</summary>
    public int Delta;

    /// <summary>The last header with a timestamp said it in the extended field.</summary>
    public bool IsExtended;

    /// <summary>What that field said.</summary>
    public uint Extended;

    public byte[] Buffer = [];
    public int Filled;

    /// <summary>A message was begun and is not whole.</summary>
    public bool IsPartial;
}
