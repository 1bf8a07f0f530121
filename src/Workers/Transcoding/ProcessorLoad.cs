using System.Globalization;

namespace Sluice.Workers.Transcoding;

/// <summary>The share of the machine's processors in use between two looks. Where the system does not say, this process's share.</summary>
internal sealed class ProcessorLoad
{
    private long _busy;
    private long _total;

    /// <summary>The share since the last call, 0 to 1.</summary>
    public double Measure()
    {
        if (!TryRead(out var busy, out var total)) return 0;
        var share = total > _total && _total > 0 ? Math.Clamp((double)(busy - _busy) / (total - _total), 0, 1) : 0;
        (_busy, _total) = (busy, total);
        return share;
    }

    private static bool TryRead(out long busy, out long total)
    {
        busy = total = 0;
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                busy = Environment.CpuUsage.TotalTime.Ticks;
                total = Environment.TickCount64 * TimeSpan.TicksPerMillisecond * Environment.ProcessorCount;
                return true;
            }

            // cpu user nice system idle iowait irq softirq steal
            using var file = new StreamReader("/proc/stat");
            var fields = (file.ReadLine() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            for (var i = 1; i < fields.Length && i <= 8; i++)
            {
                if (!long.TryParse(fields[i], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)) return false;
                total += ticks;
                if (i is not (4 or 5)) busy += ticks;
            }

            return total > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
