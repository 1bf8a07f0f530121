namespace Sluice.Protocols.Hls.Segments;

/// <summary>Conversions between ticks of a clock rate and microseconds, without overflow for centuries.</summary>
public static class MediaTime
{
    /// <summary>Ticks as microseconds, rounded down.</summary>
    public static long ToMicroseconds(long ticks, int clockRate) => Scale(ticks, clockRate, 1_000_000);

    /// <summary>Microseconds as ticks, rounded down.</summary>
    public static long ToTicks(long microseconds, int clockRate) => Scale(microseconds, 1_000_000, clockRate);

    private static long Scale(long value, long from, long to)
    {
        var whole = Math.DivRem(value, from, out var rest);
        return whole * to + (rest * to >= 0 ? rest * to / from : -((-rest * to + from - 1) / from));
    }
}
