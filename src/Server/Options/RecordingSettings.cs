using Sluice.Outputs.Recordings;

namespace Sluice.Server.Options;

/// <summary>Recordings: how they are made, where they lie, and whether they are uploaded.</summary>
public sealed record RecordingSettings
{
    /// <summary>Null is <c>recordings</c> in the data directory.</summary>
    public string? Directory { get; init; }

    public RecordingOptions Options { get; init; } = new();
}
