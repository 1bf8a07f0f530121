using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Testing.Fuzzing;

/// <summary>An AVCDecoderConfigurationRecord, and its bytes walked as a sample.</summary>
public static class AvcConfigurationTarget
{
    /// <summary>Runs one record.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        foreach (var size in (ReadOnlySpan<int>)[1, 2, 4]) WalkSample(input, size);
        if (!AvcConfiguration.TryParse(input, out var configuration)) return;
        FuzzAssert.That(configuration.LengthSize is 1 or 2 or 4, "lengths are of a size that exists");
        FuzzAssert.That(Count(configuration.SequenceSets) == (input[5] & 0x1f), "there are as many sequence sets as announced");
        FuzzAssert.That(Count(configuration.PictureSets) <= byte.MaxValue, "picture sets are counted by a byte");
        FuzzAssert.That(AvcConfiguration.TryParse([.. input, 1, 2, 3], out _), "what follows a record changes nothing");
    }

    private static int Count(ParameterSetReader reader)
    {
        var count = 0;
        while (reader.TryRead(out _)) count++;
        return count;
    }

    private static void WalkSample(ReadOnlySpan<byte> sample, int lengthSize)
    {
        var reader = new LengthPrefixedReader(sample, lengthSize);
        var bytes = 0;
        while (reader.TryRead(out var nal))
        {
            FuzzAssert.That(!nal.IsEmpty && sample.Overlaps(nal), "units are slices with content");
            bytes += nal.Length + lengthSize;
        }

        FuzzAssert.That(bytes <= sample.Length, "units do not overlap");
    }
}
