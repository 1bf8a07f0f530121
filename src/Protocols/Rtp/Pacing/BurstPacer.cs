using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Pacing;

/// <summary>
/// A token bucket in bytes for one receiver: a live stream passes untouched, a key picture or the catching up of a new viewer goes out spread
/// over time, so that a burst does not overrun the receiver's access link.
/// </summary>
/// <remarks>A value type of 24 bytes: thousands of viewers carry one each. One thread owns it.</remarks>
/// <param name="bytesPerSecond">The rate bursts are spread to.</param>
/// <param name="burst">Bytes that may leave at once.</param>
public struct BurstPacer(int bytesPerSecond, int burst)
{
    private int _bytesPerSecond = bytesPerSecond;
    private int _burst = burst;
    private int _tokens = burst;
    private Instant _filledAt;

    /// <summary>How coarse the pacer wakes: shorter intervals cost more wake-ups than they smooth.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Changes the rate, keeping what is in the bucket.</summary>
    public void SetRate(int bytesPerSecond, int burst)
    {
        _bytesPerSecond = bytesPerSecond;
        _burst = burst;
        _tokens = Math.Min(_tokens, burst);
    }

    /// <summary>Bytes that may leave now; zero or less means wait.</summary>
    public int Available(Instant now)
    {
        var elapsed = now.Nanoseconds - _filledAt.Nanoseconds;
        if (elapsed > 0)
        {
            var earned = elapsed >= 1_000_000_000 ? _burst : (long)_bytesPerSecond * elapsed / 1_000_000_000;
            if (earned > 0)
            {
                _tokens = (int)Math.Min(_burst, _tokens + earned);
                _filledAt = now;
            }
        }

        return _tokens;
    }

    /// <summary>Takes what was sent; the bucket may go below zero by one run.</summary>
    public void Spend(int bytes) => _tokens -= bytes;
}
