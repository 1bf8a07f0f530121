using Sluice.Protocols.Media.Codecs.H265;

namespace Sluice.Testing.Fuzzing;

/// <summary>An HEVCDecoderConfigurationRecord.</summary>
public static class HevcConfigurationTarget
{
    /// <summary>Runs one record.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (!HevcConfiguration.TryParse(input, out var configuration)) return;
        FuzzAssert.That(configuration.LengthSize is 1 or 2 or 4, "lengths are of a size that exists");
        FuzzAssert.That(configuration is { ChromaFormat: <= 3, BitDepth: >= 8 and <= 15, ProfileIdc: < 32 }, "fields are within bounds");
        var sets = configuration.Sets;
        var bytes = 0;
        while (sets.TryRead(out var type, out var nal))
        {
            FuzzAssert.That((byte)type < 64, "types have six bits");
            FuzzAssert.That(nal.IsEmpty || input.Overlaps(nal), "units are slices of the record");
            bytes += nal.Length + 2;
        }

        FuzzAssert.That(bytes <= input.Length - 23, "units do not overlap");
    }
}
