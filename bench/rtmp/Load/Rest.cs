using System.Runtime.InteropServices;

namespace Sluice.Bench.RtmpLoad;

/// <summary>Sleeps by the microsecond, which the framework does not.</summary>
internal static unsafe partial class Rest
{
    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(long* time, long* left);

    public static void For(long microseconds)
    {
        var time = stackalloc long[2];
        time[0] = 0;
        time[1] = microseconds * 1000;
        _ = Sleep(time, null);
    }
}
