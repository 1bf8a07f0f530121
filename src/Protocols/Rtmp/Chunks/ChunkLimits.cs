namespace Sluice.Protocols.Rtmp.Chunks;

/// <summary>How much memory a peer may make the chunk layer hold. Passing a limit ends the connection.</summary>
/// <param name="MaxChunkStreams">Chunk streams in use over the connection's life; encoders use three to six.</param>
/// <param name="MaxMessageBytes">Bytes of one message.</param>
/// <param name="MaxBufferedBytes">Bytes of all buffers together, those kept for reuse included.</param>
public readonly record struct ChunkLimits(int MaxChunkStreams, int MaxMessageBytes, int MaxBufferedBytes)
{
    /// <summary>32 chunk streams, messages of 8 MiB, 24 MiB of buffers.</summary>
    public static ChunkLimits Default => new(32, 8 << 20, 24 << 20);
}
