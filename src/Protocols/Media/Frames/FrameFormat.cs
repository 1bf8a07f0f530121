namespace Sluice.Protocols.Media.Frames;

/// <summary>
/// What a decoder must know before a track's first frame: codec, clock and the codec's configuration record as MP4 carries it. Immutable;
/// a track whose parameters change gets a new one. Two formats of the same content are equal.
/// </summary>
public sealed class FrameFormat : IEquatable<FrameFormat>
{
    /// <summary>The largest configuration record kept; parameter sets are a few hundred bytes.</summary>
    public const int MaxConfiguration = 16 * 1024;

    private readonly byte[] _configuration;

    /// <param name="codec">The codec.</param>
    /// <param name="clockRate">Ticks of the frames' times in a second: 90000 for video, the sampling rate for audio (48000 for Opus).</param>
    /// <param name="channels">Audio channels as a decoder gives them out; 0 for video.</param>
    /// <param name="resolution">The size of the picture; empty for audio.</param>
    /// <param name="configuration">
    /// AVCDecoderConfigurationRecord, HEVCDecoderConfigurationRecord, AV1CodecConfigurationRecord, VPCodecConfigurationRecord (without the
    /// box's version and flags), OpusHead or AudioSpecificConfig; copied. Empty for VP8 where nothing was said.
    /// </param>
    public FrameFormat(Codec codec, int clockRate, int channels, Resolution resolution, ReadOnlySpan<byte> configuration)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(configuration.Length, MaxConfiguration);
        Codec = codec;
        ClockRate = clockRate;
        Channels = channels;
        Resolution = resolution;
        _configuration = configuration.ToArray();
    }

    /// <summary>The codec.</summary>
    public Codec Codec { get; }

    /// <summary>Ticks in a second.</summary>
    public int ClockRate { get; }

    /// <summary>Audio channels; 0 for video.</summary>
    public int Channels { get; }

    /// <summary>The size of the picture; empty for audio.</summary>
    public Resolution Resolution { get; }

    /// <summary>The configuration record.</summary>
    public ReadOnlySpan<byte> Configuration => _configuration;

    /// <summary>Audio or video.</summary>
    public MediaKind Kind => CodecFacts.KindOf(Codec);

    /// <inheritdoc />
    public bool Equals(FrameFormat? other) => other is not null && (ReferenceEquals(this, other)
        || (Codec == other.Codec && ClockRate == other.ClockRate && Channels == other.Channels && Resolution == other.Resolution
            && _configuration.AsSpan().SequenceEqual(other._configuration)));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as FrameFormat);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Codec, ClockRate, Channels, Resolution, _configuration.Length);
}
