using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>
/// What is posted along with a stream, as many readers take it, each in its own time. Safe for any thread. The newest are kept: a reader that is behind misses the oldest.
/// Who posts faster than twenty at once and ten a second is refused.
/// </summary>
/// <typeparam name="T">What is posted.</typeparam>
public sealed class TimedQueue<T>
    where T : class
{
    /// <summary>How many are kept.</summary>
    public const int Capacity = 64;

    private const double Burst = 20;
    private const double PerSecond = 10;

    private readonly Lock _gate = new();
    private readonly T?[] _posted = new T?[Capacity];
    private double _allowance = Burst;
    private Instant _filledAt;
    private long _count;

    /// <summary>How many were posted so far.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Posts one; false where too many come.</summary>
    public bool TryPost(T one, Instant now)
    {
        lock (_gate)
        {
            if (now > _filledAt)
            {
                _allowance = Math.Min(Burst, _allowance + (now - _filledAt).TotalSeconds * PerSecond);
                _filledAt = now;
            }

            if (_allowance < 1) return false;
            _allowance--;
            _posted[_count % Capacity] = one;
            Volatile.Write(ref _count, _count + 1);
            return true;
        }
    }

    /// <summary>Takes the next for a reader; false where there is none.</summary>
    /// <param name="position">How many it has taken or missed; 0 before the first.</param>
    /// <param name="one">What was posted.</param>
    public bool TryTake(ref long position, [NotNullWhen(true)] out T? one)
    {
        one = null;
        if (position >= Count) return false;
        lock (_gate)
        {
            position = Math.Max(position, _count - Capacity);
            one = _posted[position++ % Capacity]!;
            return true;
        }
    }
}
