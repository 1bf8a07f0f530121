namespace Sluice.Protocols.Media.Frames;

/// <summary>What is known of a frame beyond its bytes.</summary>
[Flags]
public enum FrameFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Decoding can begin here. Every audio frame has it.</summary>
    Keyframe = 1,

    /// <summary>No other frame depends on it.</summary>
    Disposable = 2,

    /// <summary>Frames before it were lost, or the source's clock jumped: what plays it must not expect continuity.</summary>
    Discontinuity = 4,
}

/// <summary>
/// One access unit of video or one packet of audio, in the normal form of MP4. A view: <see cref="Payload"/> is valid as long as whoever
/// gave the frame says.
/// </summary>
/// <remarks>
/// The normal form: H.264 and H.265 as NAL units behind lengths of four bytes, without access unit delimiters, and with parameter sets in
/// the format only; AV1 as OBUs that all have a size, without temporal delimiters; VP8, VP9, Opus and AAC as they are (AAC without ADTS).
/// </remarks>
public readonly ref struct Frame
{
    /// <summary>The decoder's configuration for this frame.</summary>
    public required FrameFormat Format { get; init; }

    /// <summary>When it is decoded, in ticks of <see cref="FrameFormat.ClockRate"/>, without wrap-around; grows from frame to frame.</summary>
    public long DecodeTime { get; init; }

    /// <summary>Presentation minus decoding time in the same ticks; other than 0 only where pictures are reordered.</summary>
    public int CompositionOffset { get; init; }

    /// <summary>What is known of it.</summary>
    public FrameFlags Flags { get; init; }

    /// <summary>The coded bytes.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>When it is shown or heard.</summary>
    public long PresentationTime => DecodeTime + CompositionOffset;

    /// <summary>Decoding can begin here.</summary>
    public bool IsKeyframe => (Flags & FrameFlags.Keyframe) != 0;

    /// <summary>The same frame at another time; the same bytes, valid as long.</summary>
    /// <param name="decodeTime">When it is decoded, in ticks of <see cref="FrameFormat.ClockRate"/>.</param>
    /// <param name="compositionOffset">Presentation minus decoding time in the same ticks.</param>
    public Frame At(long decodeTime, int compositionOffset) => new()
    {
        Format = Format, DecodeTime = decodeTime, CompositionOffset = compositionOffset, Flags = Flags, Payload = Payload,
    };
}
