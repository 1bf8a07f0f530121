using System.Globalization;

namespace Sluice.Bench.Measuring;

/// <summary>Processor time of the whole machine, from /proc/stat, in seconds.</summary>
internal readonly record struct MachineTimes(double Busy, double SoftInterrupts)
{
    private const double TicksPerSecond = 100;

    public static MachineTimes Read() => TryParse(File.ReadAllText("/proc/stat"), out var times) ? times : default;

    /// <summary>Reads the first line: user, nice, system, idle, iowait, irq, softirq and what came later.</summary>
    public static bool TryParse(string text, out MachineTimes times)
    {
        times = default;
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var fields = (end < 0 ? text : text[..end]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 8 || fields[0] != "cpu") return false;
        Span<double> seconds = stackalloc double[7];
        for (var i = 0; i < seconds.Length; i++)
        {
            if (!ulong.TryParse(fields[i + 1], CultureInfo.InvariantCulture, out var ticks)) return false;
            seconds[i] = ticks / TicksPerSecond;
        }

        times = new MachineTimes(seconds[0] + seconds[1] + seconds[2] + seconds[5] + seconds[6], seconds[5] + seconds[6]);
        return true;
    }
}
