using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Hls.Segments;

/// <summary>What <c>EXT-X-MAP</c> names: a CMAF header. Immutable.</summary>
/// <param name="number">Its number among those of its rendition.</param>
/// <param name="format">The format it describes.</param>
/// <param name="bytes">The header; not copied, not changed any more.</param>
public sealed class MediaInit(int number, FrameFormat format, byte[] bytes)
{
    /// <summary>Its number among those of its rendition.</summary>
    public int Number => number;

    /// <summary>The format it describes.</summary>
    public FrameFormat Format => format;

    /// <summary>The header.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;
}
