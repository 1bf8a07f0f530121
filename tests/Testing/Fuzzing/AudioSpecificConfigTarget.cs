using Sluice.Protocols.Media.Codecs.Aac;

namespace Sluice.Testing.Fuzzing;

/// <summary>An AudioSpecificConfig.</summary>
public static class AudioSpecificConfigTarget
{
    /// <summary>Runs one configuration.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (!AudioSpecificConfig.TryParse(input, out var config)) return;
        FuzzAssert.That(config is { SampleRate: > 0 and <= 192_000, OutputSampleRate: > 0 and <= 192_000 }, "rates are within bounds");
        FuzzAssert.That(config.HasSbr || config.OutputSampleRate == config.SampleRate, "only replication changes the rate");
        FuzzAssert.That(!config.HasParametricStereo || config.HasSbr, "parametric stereo comes with replication");
        FuzzAssert.That(config.SamplesPerFrame is 1024 or 960 or 512 or 480, "frames are of a size that exists");
        FuzzAssert.That(config.OutputChannels >= config.Channels && config.ProfileName.Length > 0, "a decoder gives no fewer channels");
    }
}
