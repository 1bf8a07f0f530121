using Sluice.Control.Tracks;

namespace Sluice.Control.Live;

/// <summary>Says which renditions a stream offers beyond what its publisher sends. Inputs ask it when they make a <see cref="LiveStream"/>.</summary>
public interface IRenditionPlanner
{
    /// <summary>
    /// The renditions that can be made of the tracks while somebody wants them, for <see cref="LiveStream.Offered"/>. Whoever makes them watches the stream and
    /// ends with it.
    /// </summary>
    IReadOnlyList<Track> Plan(LiveChannel channel, IReadOnlyList<Track> tracks);
}
