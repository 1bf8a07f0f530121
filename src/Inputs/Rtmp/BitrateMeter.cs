using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

/// <summary>What a connection brings, averaged over windows of five seconds: a keyframe or a start's backlog is no breach of a limit.</summary>
internal struct BitrateMeter(Instant now)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private Instant _begun = now;
    private long _bytes;

    /// <summary>Counts bytes; true at the end of a window, with the average in bits a second.</summary>
    public bool Count(Instant now, int bytes, out double bitrate)
    {
        _bytes += bytes;
        bitrate = 0;
        var elapsed = now - _begun;
        if (elapsed < Window) return false;
        bitrate = _bytes * 8 / elapsed.TotalSeconds;
        _begun = now;
        _bytes = 0;
        return true;
    }
}
