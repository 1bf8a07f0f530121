namespace Sluice.Workers.Transcoding;

/// <summary>
/// The times on a child's pipes and those of the source: both ways through one point, so that whatever the child loses, repeats or delays keeps its time. On the pipe
/// the first frame has ten seconds, for encoders put what they need before the beginning.
/// </summary>
/// <param name="Base">The source's time of the first frame put in, in its ticks.</param>
/// <param name="SourceRate">The source's ticks in a second.</param>
/// <param name="TargetRate">The rendition's ticks in a second.</param>
internal readonly record struct PipeClock(long Base, int SourceRate, int TargetRate)
{
    /// <summary>The time of the first frame on the pipe, in microseconds.</summary>
    public const long Start = 10_000_000;

    private const int Microseconds = 1_000_000;

    /// <summary>A time of the source as the pipe in has it, in microseconds.</summary>
    public long ToPipe(long sourceTime) => Start + Scale(sourceTime - Base, Microseconds, SourceRate);

    /// <summary>A time on the pipe out, in the rendition's ticks.</summary>
    public long FromPipe(long time, TimeBase timeBase) =>
        ToTarget(Base) + (long)RoundedDivide(
            ((Int128)time * timeBase.Numerator * Microseconds - (Int128)Start * timeBase.Denominator) * TargetRate, (Int128)timeBase.Denominator * Microseconds);

    /// <summary>A time of the source in the rendition's ticks.</summary>
    public long ToTarget(long sourceTime) => Scale(sourceTime, TargetRate, SourceRate);

    /// <summary>A time of the rendition in the source's ticks.</summary>
    public long ToSource(long targetTime) => Scale(targetTime, SourceRate, TargetRate);

    private static long Scale(long value, int multiply, int divide) => (long)RoundedDivide((Int128)value * multiply, divide);

    private static Int128 RoundedDivide(Int128 value, Int128 divisor) => (value >= 0 ? value + divisor / 2 : value - divisor / 2) / divisor;
}
