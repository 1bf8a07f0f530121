using Sluice.Protocols.Media;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>A track of a live stream as negotiation sees it; several renditions of one picture are one track here.</summary>
/// <param name="Format">Its codec and parameters.</param>
public sealed record StreamTrackDescription(TrackFormat Format)
{
    /// <summary>Audio or video.</summary>
    public MediaKind Kind => Format.Kind;
}
