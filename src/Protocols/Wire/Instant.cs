namespace Sluice.Protocols.Wire;

/// <summary>
/// A point on the monotonic clock of whoever drives the cores, in nanoseconds since an arbitrary start.
/// Cores compare and add instants; they never ask for one.
/// </summary>
/// <param name="Nanoseconds">Nanoseconds since the driver's start; meaningless between two processes.</param>
public readonly record struct Instant(long Nanoseconds) : IComparable<Instant>
{
    /// <summary>The driver's start.</summary>
    public static Instant Zero => default;

    /// <summary>Later than everything: the deadline of a machine that waits for nothing.</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>True unless this is <see cref="Never"/>.</summary>
    public bool IsDue(Instant now) => Nanoseconds <= now.Nanoseconds;

    /// <summary>The instant so many milliseconds after the driver's start.</summary>
    public static Instant FromMilliseconds(double milliseconds) => new((long)(milliseconds * 1_000_000));

    /// <summary>Milliseconds since the driver's start.</summary>
    public double TotalMilliseconds => Nanoseconds / 1e6;

    /// <summary>The earlier of two deadlines.</summary>
    public static Instant Min(Instant a, Instant b) => a.Nanoseconds <= b.Nanoseconds ? a : b;

    /// <inheritdoc />
    public int CompareTo(Instant other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>The instant a span later; <see cref="Never"/> stays <see cref="Never"/>.</summary>
    public static Instant operator +(Instant at, TimeSpan span) =>
        at == Never ? Never : new(at.Nanoseconds + span.Ticks * 100);

    /// <summary>The instant a span earlier.</summary>
    public static Instant operator -(Instant at, TimeSpan span) => new(at.Nanoseconds - span.Ticks * 100);

    /// <summary>The span between two instants.</summary>
    public static TimeSpan operator -(Instant later, Instant earlier) =>
        new((later.Nanoseconds - earlier.Nanoseconds) / 100);

    /// <summary>Order in time.</summary>
    public static bool operator <(Instant a, Instant b) => a.Nanoseconds < b.Nanoseconds;

    /// <summary>Order in time.</summary>
    public static bool operator >(Instant a, Instant b) => a.Nanoseconds > b.Nanoseconds;

    /// <summary>Order in time.</summary>
    public static bool operator <=(Instant a, Instant b) => a.Nanoseconds <= b.Nanoseconds;

    /// <summary>Order in time.</summary>
    public static bool operator >=(Instant a, Instant b) => a.Nanoseconds >= b.Nanoseconds;

    /// <inheritdoc />
    public override string ToString() => this == Never ? "never" : $"{TotalMilliseconds:0.###} ms";
}
