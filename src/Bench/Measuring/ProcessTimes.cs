using System.Globalization;

namespace Sluice.Bench.Measuring;

/// <summary>Processor time of one process, from /proc/PID/stat, in seconds: all its threads, those that ended too.</summary>
internal readonly record struct ProcessTimes(double User, double System)
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux .NET runs on
    private const int UserField = 11; // counted from the state, which follows the name
    private const int SystemField = 12;

    public double Total => User + System;

    public static ProcessTimes operator -(ProcessTimes later, ProcessTimes earlier) => new(later.User - earlier.User, later.System - earlier.System);

    /// <summary>Reads a running process; false where it is gone.</summary>
    public static bool TryRead(int process, out ProcessTimes times)
    {
        times = default;
        try
        {
            return TryParse(File.ReadAllText($"/proc/{process}/stat"), out times);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Reads the line of a stat file. The name may hold blanks and parentheses, so fields count from its last one.</summary>
    public static bool TryParse(string line, out ProcessTimes times)
    {
        times = default;
        var end = line.LastIndexOf(')');
        if (end < 0) return false;
        var fields = line[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= SystemField) return false;
        if (!ulong.TryParse(fields[UserField], CultureInfo.InvariantCulture, out var user)) return false;
        if (!ulong.TryParse(fields[SystemField], CultureInfo.InvariantCulture, out var system)) return false;
        times = new ProcessTimes(user / TicksPerSecond, system / TicksPerSecond);
        return true;
    }

    /// <summary>Resident memory in kB, from /proc/PID/status; 0 where the process is gone.</summary>
    public static long ReadResidentKilobytes(int process)
    {
        try
        {
            return ParseResidentKilobytes(File.ReadAllText($"/proc/{process}/status"));
        }
        catch (IOException)
        {
            return 0;
        }
    }

    internal static long ParseResidentKilobytes(string status)
    {
        foreach (var line in status.Split('\n'))
        {
            if (!line.StartsWith("VmRSS:", StringComparison.Ordinal)) continue;
            var number = line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
            return long.TryParse(number, CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes : 0;
        }

        return 0;
    }
}
