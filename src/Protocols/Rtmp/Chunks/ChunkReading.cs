namespace Sluice.Protocols.Rtmp.Chunks;

/// <summary>What reading chunks came to.</summary>
public enum ChunkReading : byte
{
    /// <summary>All input was taken; no message is whole.</summary>
    NeedsMore = 0,

    /// <summary>A message is whole; the rest of the input waits.</summary>
    Message,

    /// <summary>The stream is broken; <see cref="ChunkReader.Error"/> says how, and nothing more is read.</summary>
    Broken,
}

/// <summary>Why a chunk stream cannot be read on.</summary>
public enum ChunkError : byte
{
    /// <summary>It can.</summary>
    None = 0,

    /// <summary>A chunk leaves out what no chunk before it said.</summary>
    MissingHeader,

    /// <summary>More chunk streams than <see cref="ChunkLimits.MaxChunkStreams"/>.</summary>
    TooManyChunkStreams,

    /// <summary>A message longer than <see cref="ChunkLimits.MaxMessageBytes"/> was announced.</summary>
    MessageTooLong,

    /// <summary>Partial messages take more than <see cref="ChunkLimits.MaxBufferedBytes"/>.</summary>
    TooMuchBuffered,

    /// <summary>A chunk size of 0 or of more than 31 bits.</summary>
    BadChunkSize,

    /// <summary>A protocol control message of the chunk layer is shorter than it must be.</summary>
    BadControlMessage,
}
