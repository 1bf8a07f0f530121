namespace Sluice.Workers.Transcoding;

/// <summary>How much a node converts, and with what.</summary>
public sealed record TranscodingOptions
{
    /// <summary>False where nothing is to be converted: then nothing is offered.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>The converter: a path, or a name looked for in PATH.</summary>
    public string FfmpegPath { get; init; } = "ffmpeg";

    /// <summary>Children that convert sound at once; each takes a percent or two of a core.</summary>
    public int MaxAudio { get; init; } = 64;

    /// <summary>Children that encode pictures at once; each may take a core.</summary>
    public int MaxVideo { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>The share of the machine's processors in use, 0 to 1, from which on no picture is encoded beside the first.</summary>
    public double MaxLoad { get; init; } = 0.9;

    /// <summary>How long a rendition is kept up when its last consumer has gone: reloads and falls between protocols do not restart it.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(5);
}
