using Sluice.Control.Live;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tracks;

/// <summary>What every input makes its tracks with; one for the node.</summary>
/// <param name="Slab">Where logs take their memory from.</param>
/// <param name="Converters">What fills the face an input does not write; null where only packets are forwarded.</param>
/// <param name="Planner">What a stream offers beyond what it brings; null for nothing.</param>
public sealed record TrackResources(Slab Slab, ITrackConverters? Converters = null, IRenditionPlanner? Planner = null)
{
    /// <summary>Bytes of one page of a log.</summary>
    public const int PageSize = 64 * 1024;

    /// <summary>Memory for all logs of the node together.</summary>
    public static Slab MakeSlab(long maxBytes) => new(PageSize, (int)Math.Clamp(maxBytes / PageSize, 1, int.MaxValue));
}
