using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>A track of a file: its number there and what its frames are.</summary>
/// <param name="Id">The track's number, from 1 on, unique in its file.</param>
/// <param name="Format">Codec, clock and configuration of all its frames.</param>
public sealed record CmafTrack(uint Id, FrameFormat Format)
{
    /// <summary>ISO 639-2/T code of three small letters; <c>und</c> where unknown.</summary>
    public string Language { get; init; } = "und";
}
