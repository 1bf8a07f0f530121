using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>The flags of a sample (ISO/IEC 14496-12 §8.8.3.1): sample_depends_on, sample_is_depended_on, sample_is_non_sync_sample.</summary>
internal static class SampleFlags
{
    /// <summary>Depends on no other.</summary>
    public const uint Sync = 0x0200_0000;

    /// <summary>Depends on others; decoding cannot begin here.</summary>
    public const uint Delta = 0x0101_0000;

    private const uint NotDependedOn = 0x0080_0000;
    private const uint DependedOnMask = 0x00c0_0000;
    private const uint NonSync = 0x0001_0000;

    /// <summary>The sample flags of a frame.</summary>
    public static uint Of(FrameFlags flags) =>
        ((flags & FrameFlags.Keyframe) != 0 ? Sync : Delta) | ((flags & FrameFlags.Disposable) != 0 ? NotDependedOn : 0);

    /// <summary>Decoding can begin at such a sample.</summary>
    public static bool IsSync(uint flags) => (flags & NonSync) == 0;

    /// <summary>What sample flags say of a frame.</summary>
    public static FrameFlags ToFrame(uint flags) =>
        (IsSync(flags) ? FrameFlags.Keyframe : FrameFlags.None)
        | ((flags & DependedOnMask) == NotDependedOn ? FrameFlags.Disposable : FrameFlags.None);
}
