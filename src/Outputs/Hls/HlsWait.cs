namespace Sluice.Outputs.Hls;

/// <summary>
/// What everybody waits for who waits for the same: one object for each step, however many wait. Whoever is woken looks again at what it waited for.
/// </summary>
internal sealed class HlsWait
{
    private TaskCompletionSource _next = New();

    /// <summary>Completes with the next <see cref="Release"/>. Take it before looking at what is waited for.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Wakes all who wait now.</summary>
    public void Release() => Interlocked.Exchange(ref _next, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
