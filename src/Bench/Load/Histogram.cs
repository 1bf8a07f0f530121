namespace Sluice.Bench.Load;

/// <summary>Times in steps of a fixed size; what is beyond the last step counts there.</summary>
internal sealed class Histogram(long stepNanoseconds, int steps)
{
    private readonly long[] _counts = new long[steps];

    public long Count { get; private set; }

    public double MaxMilliseconds { get; private set; }

    public void Add(long nanoseconds)
    {
        _counts[Math.Clamp(nanoseconds / stepNanoseconds, 0, _counts.Length - 1)]++;
        Count++;
        MaxMilliseconds = Math.Max(MaxMilliseconds, nanoseconds / 1e6);
    }

    /// <summary>The value below which this share lies, in milliseconds, to a step (its lower edge); NaN where there is nothing.</summary>
    public double Percentile(double share)
    {
        if (Count == 0) return double.NaN;
        var wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted) return i * stepNanoseconds / 1e6;
        }

        return (_counts.Length - 1) * stepNanoseconds / 1e6;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
        MaxMilliseconds = 0;
    }

    /// <summary>Adds another one's times; both have the same steps.</summary>
    public void Merge(Histogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        MaxMilliseconds = Math.Max(MaxMilliseconds, other.MaxMilliseconds);
    }

    public Histogram Copy()
    {
        var copy = new Histogram(stepNanoseconds, _counts.Length);
        copy.Merge(this);
        return copy;
    }
}
