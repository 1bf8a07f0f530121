using System.Collections.Concurrent;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>What other threads want done on a loop's own thread. As many wait as there are callers that wait for an answer.</summary>
internal sealed class Errands
{
    private readonly ConcurrentQueue<Action<Instant>> _waiting = new();

    /// <summary>Has something run on the loop's thread; its result or its failure comes back.</summary>
    public Task<T> InvokeAsync<T>(Func<Instant, T> what)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue(now =>
        {
            try
            {
                done.SetResult(what(now));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>Has something run on the loop's thread; its failure comes back.</summary>
    public Task InvokeAsync(Action<Instant> what) => InvokeAsync(now =>
    {
        what(now);
        return true;
    });

    /// <summary>Runs everything that waits; on the loop's thread.</summary>
    public void Run(Instant now)
    {
        while (_waiting.TryDequeue(out var errand)) errand(now);
    }
}
