namespace Sluice.Protocols.Media;

/// <summary>
/// What a decoder must know before the first frame: codec, clock, and the codec's own parameters as SDP's <c>a=fmtp</c> carries them.
/// Immutable; a track whose parameters change gets a new one.
/// </summary>
/// <param name="Codec">The codec.</param>
/// <param name="ClockRate">Ticks of the media timestamp in a second.</param>
/// <param name="Channels">Audio channels; 0 for video.</param>
/// <param name="Parameters">The codec's parameters as <c>key=value;key=value</c>, empty where there are none.</param>
public sealed record TrackFormat(Codec Codec, int ClockRate, int Channels, string Parameters)
{
    /// <summary>Audio or video.</summary>
    public MediaKind Kind => CodecFacts.KindOf(Codec);
}

/// <summary>The size of a picture in pixels.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct Resolution(int Width, int Height)
{
    /// <summary>
    /// The longest side a peer may announce. Every level of every codec here stays below it; more is damage or an attack on whoever
    /// sizes buffers by it.
    /// </summary>
    public const int MaxSide = 16_384;

    /// <summary>True where nothing is known yet.</summary>
    public bool IsEmpty => Width == 0 || Height == 0;

    /// <summary>A size as a bitstream announces it; false where a side is not within 1 to <see cref="MaxSide"/>.</summary>
    public static bool TryCreate(long width, long height, out Resolution resolution)
    {
        var sane = width is > 0 and <= MaxSide && height is > 0 and <= MaxSide;
        resolution = sane ? new Resolution((int)width, (int)height) : default;
        return sane;
    }

    /// <inheritdoc />
    public override string ToString() => $"{Width}x{Height}";
}
