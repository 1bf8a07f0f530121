namespace Sluice.Outputs.Recordings;

/// <summary>How recordings are made and kept. A zero means: no limit.</summary>
public sealed record RecordingOptions
{
    /// <summary>Record every channel that does not say otherwise.</summary>
    public bool Enabled { get; init; }

    /// <summary>A new file begins at the first key picture after so long.</summary>
    public TimeSpan SplitDuration { get; init; }

    /// <summary>A new file begins at the first key picture after so many bytes.</summary>
    public long SplitSize { get; init; }

    /// <summary>Files older than this are deleted.</summary>
    public TimeSpan KeepFor { get; init; }

    /// <summary>The oldest files are deleted while all take more.</summary>
    public long KeepBytes { get; init; }

    /// <summary>The oldest files of a channel are deleted while its files take more.</summary>
    public long KeepBytesPerChannel { get; init; }

    /// <summary>Recording stops while the disk has less left, and goes on when there is room again.</summary>
    public long ReserveBytes { get; init; } = 1L << 30;

    /// <summary>How much a power cut may cost.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A publisher who is back within this goes on with the recording; after it, begins another.</summary>
    public TimeSpan ReconnectWindow { get; init; } = TimeSpan.FromSeconds(60);
}
