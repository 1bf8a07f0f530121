using Sluice.Protocols.Rtp.Extensions;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// A run of dependency descriptors, each after a byte of length, leaves the reader's structure consistent, and what it says of a packet
/// lies within that structure.
/// </summary>
public static class DependencyDescriptorTarget
{
    /// <summary>Runs one sequence of descriptors through one reader.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var reader = new DependencyDescriptorReader();
        while (!input.IsEmpty)
        {
            var length = Math.Min(input[0], input.Length - 1);
            var data = input.Slice(1, length);
            input = input[(1 + length)..];
            var before = reader.Structure;
            if (!reader.TryRead(data, out var descriptor))
            {
                FuzzAssert.That(ReferenceEquals(before, reader.Structure), "a malformed descriptor changes nothing");
                continue;
            }

            var structure = reader.Structure;
            FuzzAssert.That(structure is not null, "nothing is read without a structure");
            FuzzAssert.That(descriptor.HasStructure || ReferenceEquals(before, structure), "only a structure changes the structure");
            Check(structure);
            FuzzAssert.That(descriptor.SpatialLayer < structure.SpatialLayerCount, "the spatial layer exists");
            FuzzAssert.That(descriptor.TemporalLayer < structure.TemporalLayerCount, "the temporal layer exists");
            FuzzAssert.That(
                structure.DecodeTargetCount == 32 || descriptor.Indications >> (structure.DecodeTargetCount * 2) == 0,
                "only decode targets have indications");
            FuzzAssert.That(
                descriptor.ActiveDecodeTargets is not { } active || (ulong)active >> structure.DecodeTargetCount == 0,
                "only decode targets are active");
        }
    }

    private static void Check(DependencyStructure structure)
    {
        FuzzAssert.That(structure.TemplateCount is >= 1 and <= 64, "there are 1 to 64 templates");
        FuzzAssert.That(structure.DecodeTargetCount is >= 1 and <= 32, "there are 1 to 32 decode targets");
        FuzzAssert.That(structure.SpatialLayerCount is >= 1 and <= 4, "there are 1 to 4 spatial layers");
        FuzzAssert.That(structure.TemporalLayerCount is >= 1 and <= 8, "there are 1 to 8 temporal layers");
        FuzzAssert.That(structure.ChainCount <= structure.DecodeTargetCount, "there are no more chains than decode targets");
        for (var template = 0; template < structure.TemplateCount; template++)
        {
            FuzzAssert.That(structure.SpatialLayerOf(template) < structure.SpatialLayerCount, "a template's spatial layer exists");
            FuzzAssert.That(structure.TemporalLayerOf(template) < structure.TemporalLayerCount, "a template's temporal layer exists");
        }

        for (var spatial = 0; spatial < structure.SpatialLayerCount; spatial++)
        {
            FuzzAssert.That(structure.ResolutionOf(spatial).IsEmpty != structure.HasResolutions, "each layer has a resolution or none has");
        }
    }
}
