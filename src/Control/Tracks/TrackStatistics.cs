using Sluice.Protocols.Wire;

namespace Sluice.Control.Tracks;

/// <summary>
/// What an input counts on one track. One thread writes, any thread reads; single numbers are never torn, a set of them may be a packet apart.
/// Rates are those of the last full second.
/// </summary>
public sealed class TrackStatistics
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private Instant _windowStart;
    private long _windowBytes;
    private long _windowFrames;
    private long _keyframeRequests;

    public long Packets { get; private set; }

    public long Bytes { get; private set; }

    public long Frames { get; private set; }

    public long PacketsLost { get; set; }

    public long PacketsNacked { get; set; }

    public long PacketsRecovered { get; set; }

    public long KeyframeRequests => Volatile.Read(ref _keyframeRequests);

    public TimeSpan Jitter { get; set; }

    public Instant LastKeyframe { get; private set; } = Instant.Never;

    public Instant FirstPacket { get; private set; } = Instant.Never;

    public Instant LastPacket { get; private set; } = Instant.Never;

    /// <summary>Bits a second, over the last full second.</summary>
    public double Bitrate { get; private set; }

    /// <summary>Pictures a second, over the last full second.</summary>
    public double FramesPerSecond { get; private set; }

    /// <summary>Counts one packet of media.</summary>
    public void Count(in PacketHeader header, int bytes)
    {
        var now = header.ArrivedAt;
        if (Packets == 0) FirstPacket = _windowStart = now;
        Packets++;
        Bytes += bytes;
        _windowBytes += bytes;
        LastPacket = now;
        if (header.Has(PacketFlags.Marker))
        {
            Frames++;
            _windowFrames++;
        }

        if (header.Has(PacketFlags.StartsKeyframe)) LastKeyframe = now;
        Roll(now);
    }

    /// <summary>Closes the window where it is full; also called while nothing arrives, so that a silent track shows zero.</summary>
    public void Roll(Instant now)
    {
        var elapsed = now - _windowStart;
        if (Packets == 0 || elapsed < Window) return;
        Bitrate = _windowBytes * 8 / elapsed.TotalSeconds;
        FramesPerSecond = _windowFrames / elapsed.TotalSeconds;
        _windowBytes = 0;
        _windowFrames = 0;
        _windowStart = now;
    }

    internal void CountKeyframeRequest() => Interlocked.Increment(ref _keyframeRequests);
}
