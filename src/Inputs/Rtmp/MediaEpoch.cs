using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

/// <summary>What is added to a publisher's timestamps so that its time goes on where its clock jumped; the tracks follow one another into it.</summary>
internal sealed class MediaEpoch
{
    /// <summary>Nanoseconds to add now.</summary>
    public long Offset { get; set; }

    /// <summary>How often the clock jumped.</summary>
    public int Jumps { get; set; }
}

/// <summary>
/// One track's timestamps as media time that goes on for ever: what the publisher says, unless its clock jumped. A jump is a step back of more than half a
/// second, or one forward that is longer than the time that has passed by more than three.
/// </summary>
internal struct EpochFollower(MediaEpoch epoch)
{
    private const long BackTolerance = 500_000_000;
    private const long ForwardTolerance = 3_000_000_000;
    private const long LongestGap = 1_000_000_000;

    private bool _hasBegun;
    private long _offset;
    private long _last;
    private Instant _lastAt;

    /// <summary>The media time of a timestamp.</summary>
    /// <param name="timestamp">Nanoseconds as the publisher counts them.</param>
    /// <param name="now">When it came.</param>
    /// <param name="jumped">The publisher's clock jumped before it.</param>
    public long Follow(long timestamp, Instant now, out bool jumped)
    {
        jumped = false;
        if (!_hasBegun)
        {
            _hasBegun = true;
            _offset = epoch.Offset;
            return Accept(timestamp + _offset, now);
        }

        var elapsed = now.Nanoseconds - _lastAt.Nanoseconds;
        if (IsPlausible(timestamp + _offset, elapsed)) return Accept(timestamp + _offset, now);
        jumped = true;
        if (_offset == epoch.Offset || !IsPlausible(timestamp + epoch.Offset, elapsed))
        {
            epoch.Offset = _last + Math.Clamp(elapsed, 1_000_000, LongestGap) - timestamp;
            epoch.Jumps++;
        }

        _offset = epoch.Offset;
        return Accept(timestamp + _offset, now);
    }

    private readonly bool IsPlausible(long media, long elapsed) => media - _last >= -BackTolerance && media - _last <= elapsed + ForwardTolerance;

    private long Accept(long media, Instant now)
    {
        _last = media;
        _lastAt = now;
        return media;
    }
}
