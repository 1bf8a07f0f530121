namespace Sluice.Protocols.Tests;

/// <summary>
/// Measures what a piece of work allocates once it is warm. The runtime itself may allocate on the measured thread (type initialisers,
/// tiering), so the least of several rounds counts: work that allocates does so in each of them.
/// </summary>
internal static class Allocations
{
    private const int Rounds = 5;

    public static long Least(Action work)
    {
        work();
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
