namespace Sluice.Bench.Measuring;

/// <summary>Processor time of the server, of this process and of the machine at one moment, or between two; in seconds.</summary>
internal readonly record struct Usage(ProcessTimes Server, double Own, double Machine)
{
    /// <summary>Reads all three now; a server of 0 is none.</summary>
    public Usage(int server)
        : this(server > 0 && ProcessTimes.TryRead(server, out var times) ? times : default, Environment.CpuUsage.TotalTime.TotalSeconds, MachineTimes.Read().Busy)
    {
    }

    /// <summary>What neither the server nor this process used.</summary>
    public double Foreign => Machine - Server.Total - Own;

    public static Usage operator -(Usage later, Usage earlier) => new(later.Server - earlier.Server, later.Own - earlier.Own, later.Machine - earlier.Machine);
}
