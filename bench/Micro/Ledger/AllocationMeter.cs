using System.Diagnostics;

namespace Sluice.Bench.Micro.Ledger;

/// <summary>Counts the managed bytes that calls allocate on this thread.</summary>
internal static class AllocationMeter
{
    private const int MinCalls = 8;
    private const int MaxCalls = 50_000;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan MeasuredTime = TimeSpan.FromMilliseconds(40);

    /// <summary>Warms up, calls as often as fits the time, and gives the bytes of all calls together.</summary>
    public static AllocationMeasurement Measure(Action invoke, int operationsPerInvoke)
    {
        var warmUp = CallFor(invoke, WarmUpTime);
        var calls = (int)Math.Clamp(warmUp.Calls * (MeasuredTime / warmUp.Elapsed), MinCalls, MaxCalls);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < calls; i++)
        {
            invoke();
        }

        return new AllocationMeasurement(GC.GetAllocatedBytesForCurrentThread() - before, (long)calls * operationsPerInvoke);
    }

    private static (int Calls, TimeSpan Elapsed) CallFor(Action invoke, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        var calls = 0;
        while (calls < MinCalls || (clock.Elapsed < time && calls < MaxCalls))
        {
            invoke();
            calls++;
        }

        return (calls, clock.Elapsed);
    }
}

/// <summary>What calls allocated.</summary>
/// <param name="Bytes">Bytes of all operations together.</param>
/// <param name="Operations">How many they were.</param>
internal readonly record struct AllocationMeasurement(long Bytes, long Operations)
{
    /// <summary>Bytes of one operation, rounded up: a single object in a million operations is not nothing.</summary>
    public long PerOperation => (Bytes + Operations - 1) / Operations;
}
