using System.Runtime.InteropServices;
using Sluice.Protocols.Sockets.Linux;

namespace Sluice.Bench.Linux;

/// <summary>The system calls of the load generator that no socket of ours needs.</summary>
internal static unsafe partial class BenchLibc
{
    private const int ClockMonotonic = 1;
    private const int ClockThreadCpu = 3;
    private const int AbsoluteTime = 1;
    private const int Terminate = 15;

    /// <summary>The processor time this thread has used, in nanoseconds.</summary>
    public static long ThreadCpuNanoseconds()
    {
        Libc.TimeSpec time;
        return ClockGetTime(ClockThreadCpu, &time) == 0 ? time.Seconds * 1_000_000_000 + time.Nanoseconds : 0;
    }

    /// <summary>Sleeps so long, to some ten microseconds; a timer of the runtime is good to a millisecond only.</summary>
    public static void Sleep(long nanoseconds)
    {
        if (nanoseconds <= 0) return;
        Libc.TimeSpec time;
        if (ClockGetTime(ClockMonotonic, &time) != 0) return;
        var until = time.Seconds * 1_000_000_000 + time.Nanoseconds + nanoseconds;
        time.Seconds = until / 1_000_000_000;
        time.Nanoseconds = until % 1_000_000_000;
        _ = ClockNanosleep(ClockMonotonic, AbsoluteTime, &time, null);
    }

    /// <summary>Waits until an event descriptor was written to, and resets it.</summary>
    public static void AwaitEvent(SafeHandle descriptor)
    {
        ulong count;
        _ = Read(descriptor, &count, sizeof(ulong));
    }

    /// <summary>Asks a process of ours to end.</summary>
    public static void AskToEnd(int process) => _ = Kill(process, Terminate);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, Libc.TimeSpec* time);

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int ClockNanosleep(int clock, int flags, Libc.TimeSpec* time, void* remaining);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(SafeHandle descriptor, void* buffer, nuint length);
}
