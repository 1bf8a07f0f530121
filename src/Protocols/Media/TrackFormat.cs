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
    /// <summary>True where nothing is known yet.</summary>
    public bool IsEmpty => Width == 0 || Height == 0;

    /// <inheritdoc />
    public override string ToString() => $"{Width}x{Height}";
}
