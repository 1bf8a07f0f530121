namespace Sluice.Inputs.Rtmp;

/// <summary>What publishers may do.</summary>
public sealed record RtmpInputOptions
{
    /// <summary>Bits a second a publisher may send, averaged over five seconds; 0 is no limit.</summary>
    public long MaxBitrate { get; init; }

    /// <summary>How long a stream waits for its second kind of track after the first media has come.</summary>
    public TimeSpan StartWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it waits for a track whose configuration has come: an encoder that looks ahead sends sound seconds before its first picture.</summary>
    public TimeSpan AnnouncedWait { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a publisher may send no media, though its connection lives.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the gate may take.</summary>
    public TimeSpan AdmissionWait { get; init; } = TimeSpan.FromSeconds(10);
}
