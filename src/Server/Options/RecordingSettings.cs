using Sluice.Outputs.Recordings;
using Sluice.Storage.ObjectStores;

namespace Sluice.Server.Options;

/// <summary>Recordings: how they are made, where they lie, and whether they are uploaded.</summary>
public sealed record RecordingSettings
{
    /// <summary>Null is <c>recordings</c> in the data directory.</summary>
    public string? Directory { get; init; }

    public RecordingOptions Options { get; init; } = new();

    /// <summary>Where finished files are uploaded to; nothing is without a bucket.</summary>
    public S3Options S3 { get; init; } = new();

    public UploadOptions Upload { get; init; } = new();
}
