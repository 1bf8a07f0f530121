using Sluice.Protocols.Media.Codecs.Av1;

namespace Sluice.Testing.Fuzzing;

/// <summary>An AV1CodecConfigurationRecord.</summary>
public static class Av1ConfigurationTarget
{
    /// <summary>Runs one record.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (!Av1Configuration.TryParse(input, out var configuration)) return;
        FuzzAssert.That(configuration is { Profile: <= 2, LevelIndex: < 32, BitDepth: 8 or 10 or 12 }, "fields are within bounds");
        FuzzAssert.That(configuration.Units.Length == input.Length - 4, "the units are the rest");
        FuzzAssert.That(Av1TemporalUnit.Scan(configuration.Units).IsWellFormed, "the units are whole");
    }
}
