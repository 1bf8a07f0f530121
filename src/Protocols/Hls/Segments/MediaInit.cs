using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Hls.Segments;

/// <summary>What <c>EXT-X-MAP</c> names: a CMAF header. Immutable.</summary>
/// <param name="number">Its number among those of its rendition.</param>
/// <param name="format">The format it describes.</param>
/// <param name="bytes">The header; not copied, not changed any more.</param>
/// <param name="reordering">By how much decoding times are moved, in ticks of the format.</param>
public sealed class MediaInit(int number, FrameFormat format, byte[] bytes, int reordering = 0)
{
    /// <summary>Its number among those of its rendition.</summary>
    public int Number => number;

    /// <summary>The format it describes.</summary>
    public FrameFormat Format => format;

    /// <summary>
    /// By how much the decoding times in its segments are later than the stream's, in ticks of the format, so that a segment begins when its first picture is
    /// shown; composition offsets are less by as much and may be negative.
    /// </summary>
    public int Reordering => reordering;

    /// <summary>The header.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;
}
