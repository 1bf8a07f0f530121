using Sluice.Control.Tracks;

namespace Sluice.Conversion;

/// <summary>The converters between RTP payloads and frames, for every codec that has both; one for the node.</summary>
public sealed class TrackConverters : ITrackConverters
{
    public ITrackConverter Make(Track track) => track.Native == TrackFace.Frames ? new PacketsFromFrames(track) : new FramesFromPackets(track);
}
