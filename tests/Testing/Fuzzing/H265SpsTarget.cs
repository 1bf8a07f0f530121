using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H265;

namespace Sluice.Testing.Fuzzing;

/// <summary>An H.265 NAL unit. What a set says stays within bounds, and a shorter piece of it never says anything else.</summary>
public static class H265SpsTarget
{
    /// <summary>Runs one unit.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (!H265Sps.TryParse(input, out var sps)) return;
        FuzzAssert.That(Resolution.TryCreate(sps.Resolution.Width, sps.Resolution.Height, out _), "sizes are within bounds");
        FuzzAssert.That(sps.MaxReorderFrames is >= 0 and <= 16, "reorder counts are within bounds");
        FuzzAssert.That(sps is { ChromaFormat: <= 3, BitDepth: >= 8 and <= 16 }, "sample formats exist");
        for (var length = input.Length - 1; length >= Math.Max(0, input.Length - 40); length--)
        {
            if (H265Sps.TryParse(input[..length], out var shorter)) FuzzAssert.That(shorter == sps, "a piece says the same or nothing");
        }
    }
}
