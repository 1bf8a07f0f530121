using Sluice.Control.Tracks;
using Sluice.Protocols.Media;

namespace Sluice.Workers.Transcoding;

/// <summary>How a rendition stands.</summary>
public enum RenditionState
{
    /// <summary>Nobody wants it.</summary>
    Idle,

    /// <summary>Wanted; its child process runs, or waits for the first frame.</summary>
    Running,

    /// <summary>Wanted by nobody since a moment ago.</summary>
    Lingering,

    /// <summary>Its child died and is about to be started again.</summary>
    Restarting,

    /// <summary>Wanted, but the node has no room for it; asked again every few seconds.</summary>
    Refused,

    /// <summary>Its child died too often in a row; tried again a minute later.</summary>
    Failed,
}

/// <summary>What is known of a rendition now.</summary>
/// <param name="Track">Which.</param>
/// <param name="Codec">What it is made in.</param>
/// <param name="State">How it stands.</param>
/// <param name="Restarts">Children that died.</param>
/// <param name="Frames">Frames made.</param>
/// <param name="Skipped">Frames of the source that were passed over because the child was too slow.</param>
/// <param name="Cpu">Cores in use, over the last second.</param>
/// <param name="LastError">Why it is refused, or what the last child that died said; null where all went well.</param>
public sealed record RenditionSnapshot(
    TrackId Track, Codec Codec, RenditionState State, int Restarts, long Frames, long Skipped, double Cpu, string? LastError);
