using Sluice.Protocols.Media;

namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// The frame dependency structure a keyframe carries: its templates, and the decode targets a receiver may choose between (AV1 RTP
/// specification, appendix A.8.2). Fixed tables, filled by <see cref="DependencyDescriptorReader"/>.
/// </summary>
public sealed class DependencyStructure
{
    internal const int MostTemplates = 64;
    internal const int MostDecodeTargets = 32;
    internal const int MostSpatialLayers = 4;
    internal const int MostTemporalLayers = 8;

    private readonly byte[] _spatial = new byte[MostTemplates];
    private readonly byte[] _temporal = new byte[MostTemplates];
    private readonly ulong[] _indications = new ulong[MostTemplates];
    private readonly byte[] _targetSpatial = new byte[MostDecodeTargets];
    private readonly byte[] _targetTemporal = new byte[MostDecodeTargets];
    private readonly Resolution[] _resolutions = new Resolution[MostSpatialLayers];

    /// <summary>The id of the first template; ids wrap at 64.</summary>
    public int FirstTemplateId { get; private set; }

    /// <summary>How many templates there are, 1 to 64; 0 before the first structure.</summary>
    public int TemplateCount { get; private set; }

    /// <summary>How many decode targets there are, 1 to 32.</summary>
    public int DecodeTargetCount { get; private set; }

    /// <summary>How many chains protect the decode targets.</summary>
    public int ChainCount { get; private set; }

    /// <summary>How many spatial layers there are, 1 to 4.</summary>
    public int SpatialLayerCount { get; private set; }

    /// <summary>How many temporal layers there are, 1 to 8.</summary>
    public int TemporalLayerCount { get; private set; }

    /// <summary>True where the structure names the resolution of each spatial layer.</summary>
    public bool HasResolutions { get; private set; }

    /// <summary>The spatial layer of a template.</summary>
    public int SpatialLayerOf(int template) => _spatial[template];

    /// <summary>The temporal layer of a template.</summary>
    public int TemporalLayerOf(int template) => _temporal[template];

    /// <summary>The highest spatial layer that belongs to a decode target.</summary>
    public int SpatialLayerOfTarget(int target) => _targetSpatial[target];

    /// <summary>The highest temporal layer that belongs to a decode target.</summary>
    public int TemporalLayerOfTarget(int target) => _targetTemporal[target];

    /// <summary>The resolution of a spatial layer; empty where the structure does not say.</summary>
    public Resolution ResolutionOf(int spatialLayer) => _resolutions[spatialLayer];

    /// <summary>Two bits for each decode target: what frames of a template mean to it.</summary>
    internal ulong IndicationsOf(int template) => _indications[template];

    /// <summary>
    /// Reads template_dependency_structure(). False where it names more layers than AV1 has; what was read so far is then meaningless.
    /// </summary>
    internal bool TryRead(ref DescriptorBits bits)
    {
        FirstTemplateId = (int)bits.Read(6);
        DecodeTargetCount = (int)bits.Read(5) + 1;
        if (!TryReadLayers(ref bits)) return false;
        for (var template = 0; template < TemplateCount; template++)
        {
            _indications[template] = ReadIndications(ref bits, DecodeTargetCount);
        }

        for (var template = 0; template < TemplateCount; template++)
        {
            while (bits.Read(1) == 1)
            {
                bits.Skip(4);
            }
        }

        ReadChains(ref bits);
        FindTargetLayers();
        HasResolutions = bits.Read(1) == 1;
        for (var spatial = 0; spatial < MostSpatialLayers; spatial++)
        {
            _resolutions[spatial] = HasResolutions && spatial < SpatialLayerCount
                ? new Resolution((int)bits.Read(16) + 1, (int)bits.Read(16) + 1)
                : default;
        }

        return !bits.Overrun;
    }

    internal static ulong ReadIndications(ref DescriptorBits bits, int targets)
    {
        ulong indications = 0;
        for (var target = 0; target < targets; target++)
        {
            indications |= (ulong)bits.Read(2) << (target * 2);
        }

        return indications;
    }

    private bool TryReadLayers(ref DescriptorBits bits)
    {
        const uint sameLayer = 0, nextTemporal = 1, nextSpatial = 2;
        int spatial = 0, temporal = 0, highestTemporal = 0;
        TemplateCount = 0;
        while (true)
        {
            if (TemplateCount == MostTemplates) return false;
            _spatial[TemplateCount] = (byte)spatial;
            _temporal[TemplateCount] = (byte)temporal;
            TemplateCount++;
            var step = bits.Read(2);
            if (bits.Overrun) return false;
            if (step == sameLayer) continue;
            if (step == nextTemporal)
            {
                if (++temporal == MostTemporalLayers) return false;
                highestTemporal = Math.Max(highestTemporal, temporal);
            }
            else if (step == nextSpatial)
            {
                temporal = 0;
                if (++spatial == MostSpatialLayers) return false;
            }
            else
            {
                break;
            }
        }

        SpatialLayerCount = spatial + 1;
        TemporalLayerCount = highestTemporal + 1;
        return true;
    }

    private void ReadChains(ref DescriptorBits bits)
    {
        ChainCount = (int)bits.ReadNonSymmetric((uint)DecodeTargetCount + 1);
        if (ChainCount == 0) return;
        for (var target = 0; target < DecodeTargetCount; target++)
        {
            bits.ReadNonSymmetric((uint)ChainCount);
        }

        bits.Skip(4 * TemplateCount * ChainCount);
    }

    private void FindTargetLayers()
    {
        for (var target = 0; target < DecodeTargetCount; target++)
        {
            byte spatial = 0, temporal = 0;
            for (var template = 0; template < TemplateCount; template++)
            {
                if ((_indications[template] >> (target * 2) & 3) == 0) continue;
                spatial = Math.Max(spatial, _spatial[template]);
                temporal = Math.Max(temporal, _temporal[template]);
            }

            _targetSpatial[target] = spatial;
            _targetTemporal[target] = temporal;
        }
    }
}
