namespace Sluice.Outputs.Thumbnails;

/// <summary>How pictures of streams and recordings are made.</summary>
public sealed record ThumbnailOptions
{
    /// <summary>They are made at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Time between two pictures of a stream, and the shortest between two on a recording's bar.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Width of a picture.</summary>
    public int Width { get; init; } = 640;

    /// <summary>Width of a small picture, and of those on a recording's bar.</summary>
    public int SmallWidth { get; init; } = 160;
}
