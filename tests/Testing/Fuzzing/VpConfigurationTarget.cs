using Sluice.Protocols.Media.Codecs.Vp9;

namespace Sluice.Testing.Fuzzing;

/// <summary>A VPCodecConfigurationRecord, bare or within its box.</summary>
public static class VpConfigurationTarget
{
    /// <summary>Runs one record.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (!VpConfiguration.TryParse(input, out var configuration)) return;
        FuzzAssert.That(configuration is { Profile: <= 3, BitDepth: 8 or 10 or 12, ChromaSubsampling: <= 7 }, "fields are within bounds");
        if (input is [1, 0, 0, 0, ..]) return;
        FuzzAssert.That(
            VpConfiguration.TryParse([1, 0, 0, 0, .. input], out var boxed) && boxed == configuration, "version and flags change nothing");
    }
}
