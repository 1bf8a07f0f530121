using Sluice.Protocols.Sockets.Linux;

namespace Sluice.Protocols.Sockets;

/// <summary>Puts threads that work side by side on processors of their own: woken by one thread, the scheduler would often have them run one after the other on its processor.</summary>
public static class ThreadPlacement
{
    /// <summary>
    /// Binds the calling thread to the processor of its rank. False, and nothing is changed, where the process may not use exactly as many processors as there are threads, where
    /// there is but one, or where the system does not let it.
    /// </summary>
    /// <param name="rank">The thread's number, from 0 on.</param>
    /// <param name="count">How many threads there are.</param>
    public static bool TryBind(int rank, int count) =>
        OperatingSystem.IsLinux() && count > 1 && Processors.Read() is { } all && all.Count == count && (uint)rank < (uint)count && all.TryBindThread(rank);
}
