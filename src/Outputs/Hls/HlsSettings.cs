using Sluice.Protocols.Hls.Segments;

namespace Sluice.Outputs.Hls;

/// <summary>When a live stream is packaged.</summary>
public enum HlsStart
{
    /// <summary>As soon as it is published: viewers begin at once, and can rewind.</summary>
    Publish = 0,

    /// <summary>When the first viewer asks, and until none has for a while.</summary>
    Demand,
}

/// <summary>How streams are given out as HLS.</summary>
public sealed record HlsSettings
{
    public bool Enabled { get; init; } = true;

    public SegmentTiming Timing { get; init; } = SegmentTiming.Default;

    public HlsStart Start { get; init; }

    /// <summary>Old players can have MPEG-TS.</summary>
    public bool MpegTs { get; init; }

    /// <summary>Media is encrypted, so many segments with one key; 0 where it is not.</summary>
    public int SegmentsPerKey { get; init; }

    /// <summary>What is encrypted are samples (SAMPLE-AES) where their format allows it, rather than whole segments (AES-128).</summary>
    public bool EncryptsSamples { get; init; }

    /// <summary>How much the ordinary playlist shows.</summary>
    public TimeSpan LiveWindow { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How far viewers can rewind.</summary>
    public TimeSpan RewindWindow { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How long a publisher may be away before players are told that the stream is over.</summary>
    public TimeSpan ReturnGrace { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long what is made on demand goes on after the last request for it, and an ended stream can still be had.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Viewers by HLS, of all channels together.</summary>
    public int MaxViewers { get; init; } = 100_000;

    /// <summary>Where segments go that have left the live edge; empty keeps none.</summary>
    public string Directory { get; init; } = "";

    /// <summary>Bytes of all segments on disk together.</summary>
    public long MaxDiskBytes { get; init; } = 20L << 30;

    /// <summary>Bytes of the disk that stay free.</summary>
    public long DiskReserve { get; init; } = 2L << 30;

    /// <summary>Bytes of segments in memory, for one rendition.</summary>
    public long MaxMemoryBytes { get; init; } = 128L << 20;
}
