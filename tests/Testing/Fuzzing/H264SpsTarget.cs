using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Testing.Fuzzing;

/// <summary>An H.264 NAL unit. What a set says stays within bounds, and a shorter piece of it never says another size.</summary>
public static class H264SpsTarget
{
    /// <summary>Runs one unit.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (!H264Sps.TryParse(input, out var sps)) return;
        FuzzAssert.That(Resolution.TryCreate(sps.Resolution.Width, sps.Resolution.Height, out _), "sizes are within bounds");
        FuzzAssert.That(sps.MaxReorderFrames is >= -1 and <= 16, "reorder counts are within bounds");
        FuzzAssert.That(sps.MaxReorderFrames < 0 || sps.MayReorder == sps.MaxReorderFrames > 0, "count and flag agree");
        FuzzAssert.That(sps.FrameRate.PerSecond is >= 0 and <= uint.MaxValue, "frame rates are numbers");
        FuzzAssert.That(
            ProfileLevelId.TryParse(sps.ProfileLevelId.ToString(), out var id) && id == sps.ProfileLevelId, "a written profile reads back");
        for (var length = input.Length - 1; length >= Math.Max(0, input.Length - 40); length--)
        {
            if (H264Sps.TryParse(input[..length], out var shorter))
            {
                FuzzAssert.That(shorter.Resolution == sps.Resolution, "a piece says the same size or nothing");
            }
        }
    }
}
