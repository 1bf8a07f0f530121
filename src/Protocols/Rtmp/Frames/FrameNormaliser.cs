using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtmp.Frames;

/// <summary>Why a coded frame gives none.</summary>
public enum FrameFault : byte
{
    /// <summary>It gives one.</summary>
    None = 0,

    /// <summary>Nothing is left of it: parameter sets or delimiters alone, or no bytes at all.</summary>
    Empty,

    /// <summary>It breaks the codec's rules.</summary>
    Malformed,

    /// <summary>No configuration came before it that a decoder could begin with.</summary>
    NoConfiguration,

    /// <summary>It is larger than <see cref="FrameNormaliser.MaxFrame"/> in normal form.</summary>
    TooLarge,
}

/// <summary>A frame in the normal form of <see cref="Frame"/>, without times.</summary>
public readonly ref struct NormalFrame
{
    /// <summary>The decoder's configuration for it.</summary>
    public FrameFormat Format { get; init; }

    /// <summary>What the bitstream says of it.</summary>
    public FrameFlags Flags { get; init; }

    /// <summary>The bytes: the coded ones where these were normal already, else memory of the normaliser, valid up to its next call.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }
}

/// <summary>
/// Brings what encoders put into tags into the normal form of <see cref="Frame"/>: parameter sets go into the format, delimiters and filler go, lengths get
/// four bytes. What the bitstream says counts; what the tag says of keyframes is believed only where the bitstream cannot tell. One for each track; one
/// thread.
/// </summary>
/// <remarks>
/// A frame that is normal already, as nearly all are, is given back without a copy. Nothing is allocated once the largest frame was seen, but for a new
/// <see cref="FrameFormat"/> where parameters change.
/// </remarks>
public abstract class FrameNormaliser
{
    /// <summary>The largest frame, in bytes.</summary>
    public const int MaxFrame = 8 * 1024 * 1024;

    private byte[] _buffer = [];

    private protected FrameNormaliser(Codec codec) => Codec = codec;

    /// <summary>The codec.</summary>
    public Codec Codec { get; }

    /// <summary>The format of the frames to come; null before a configuration was understood.</summary>
    public FrameFormat? Format { get; private protected set; }

    /// <summary>The parameter sets announce pictures that are shown in another order than they are decoded in.</summary>
    public virtual bool AnnouncesReordering => false;

    /// <summary>The normaliser of a codec; null for those that frames do not carry.</summary>
    public static FrameNormaliser? Create(Codec codec) => codec switch
    {
        Codec.H264 => new H264Normaliser(),
        Codec.H265 => new H265Normaliser(),
        Codec.Av1 => new Av1Normaliser(),
        Codec.Vp8 => new VpNormaliser(Codec.Vp8),
        Codec.Vp9 => new VpNormaliser(Codec.Vp9),
        Codec.Aac => new AacNormaliser(),
        Codec.Opus => new OpusNormaliser(),
        _ => null,
    };

    /// <summary>Takes a configuration record. False where it cannot be read; what was known before stays then.</summary>
    public abstract bool TryConfigure(ReadOnlySpan<byte> record);

    /// <summary>Takes a coded frame.</summary>
    /// <param name="coded">The frame as the tag has it.</param>
    /// <param name="isCalledKeyframe">The tag calls it a keyframe.</param>
    /// <param name="frame">The frame in normal form.</param>
    public abstract FrameFault Normalise(ReadOnlySpan<byte> coded, bool isCalledKeyframe, out NormalFrame frame);

    private protected Span<byte> Reserve(int length)
    {
        if (_buffer.Length < length) _buffer = GC.AllocateUninitializedArray<byte>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, 4096)));
        return _buffer.AsSpan(0, length);
    }
}
