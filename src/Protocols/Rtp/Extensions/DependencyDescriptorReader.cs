namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// Reads the dependency descriptors of one RTP stream. It keeps the last structure, because packets after a keyframe refer to its
/// templates; a malformed descriptor leaves the kept structure untouched. One thread uses it.
/// <code>
///  0                   1                   2
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |S|E| template  |         frame number          |   mandatory fields
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |s|a|d|f|c|  s: structure, a: active targets, d, f, c: custom indications, differences, chains
/// +-+-+-+-+-+
/// </code>
/// </summary>
public sealed class DependencyDescriptorReader
{
    private const int MandatoryLength = 3;

    private DependencyStructure _structure = new();
    private DependencyStructure _spare = new();

    /// <summary>The last structure seen, or null before the first keyframe. The object changes at the next structure.</summary>
    public DependencyStructure? Structure => _structure.TemplateCount > 0 ? _structure : null;

    /// <summary>
    /// Reads one packet's element. False where it is malformed, or refers to a structure or template that was never seen (the keyframe
    /// was lost): the frame's layers are then unknown.
    /// </summary>
    public bool TryRead(ReadOnlySpan<byte> data, out DependencyDescriptor descriptor)
    {
        descriptor = default;
        if (data.Length < MandatoryLength) return false;
        var bits = new DescriptorBits(data);
        var start = bits.Read(1) == 1;
        var end = bits.Read(1) == 1;
        var templateId = (byte)bits.Read(6);
        var frameNumber = (ushort)bits.Read(16);

        var structure = _structure;
        bool hasStructure = false, customIndications = false, customDifferences = false, customChains = false;
        uint? active = null;
        if (data.Length > MandatoryLength)
        {
            hasStructure = bits.Read(1) == 1;
            var hasActive = bits.Read(1) == 1;
            customIndications = bits.Read(1) == 1;
            customDifferences = bits.Read(1) == 1;
            customChains = bits.Read(1) == 1;
            if (hasStructure)
            {
                structure = _spare;
                if (!structure.TryRead(ref bits)) return false;
                active = uint.MaxValue >> (32 - structure.DecodeTargetCount);
            }

            if (structure.TemplateCount == 0) return false;
            if (hasActive)
            {
                active = bits.Read(structure.DecodeTargetCount);
            }
        }

        var template = (templateId + DependencyStructure.MostTemplates - structure.FirstTemplateId) % DependencyStructure.MostTemplates;
        if (template >= structure.TemplateCount) return false;
        var indications = customIndications
            ? DependencyStructure.ReadIndications(ref bits, structure.DecodeTargetCount)
            : structure.IndicationsOf(template);
        if (customDifferences)
        {
            SkipDifferences(ref bits);
        }

        if (customChains)
        {
            bits.Skip(8 * structure.ChainCount);
        }

        if (bits.Overrun) return false;
        if (hasStructure)
        {
            (_structure, _spare) = (_spare, _structure);
        }

        descriptor = new DependencyDescriptor(
            start,
            end,
            templateId,
            frameNumber,
            hasStructure,
            (byte)structure.SpatialLayerOf(template),
            (byte)structure.TemporalLayerOf(template),
            active,
            indications);
        return true;
    }

    // The list ends at a size of zero; reading past the end gives zeros and so ends it too.
    private static void SkipDifferences(ref DescriptorBits bits)
    {
        for (var size = (int)bits.Read(2); size != 0; size = (int)bits.Read(2))
        {
            bits.Skip(4 * size);
        }
    }
}
