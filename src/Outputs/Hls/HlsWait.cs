namespace Sluice.Outputs.Hls;

/// <summary>
/// What everybody waits for who waits for the same: one object for each step, however many wait. Whoever is woken looks again at what it waited for.
/// </summary>
public sealed class HlsWait
{
    private readonly Lock _gate = new();
    private readonly HlsCrew _crew;
    private TaskCompletionSource _next = New();
    private List<HlsWaiter> _crowd = [];
    private List<HlsWaiter>? _spare;
    private long _step;

    internal HlsWait(HlsCrew crew) => _crew = crew;

    /// <summary>Completes with the next step. Take it before looking at what is waited for.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Steps so far. Take it before looking at what is waited for.</summary>
    public long Step => Volatile.Read(ref _step);

    /// <summary>The list of those who were woken last has been gone through, and serves the next.</summary>
    internal bool IsAtRest => Volatile.Read(ref _spare) is not null;

    /// <summary>Waits with the crowd for the step behind this one; false where that has come.</summary>
    public bool TryJoin(HlsWaiter waiter, long step)
    {
        lock (_gate)
        {
            if (step != _step) return false;
            _crowd.Add(waiter);
            return true;
        }
    }

    /// <summary>The next step: wakes all who wait now.</summary>
    internal void Release()
    {
        List<HlsWaiter>? woken = null;
        lock (_gate)
        {
            _step++;
            if (_crowd.Count > 0)
            {
                woken = _crowd;
                _crowd = Interlocked.Exchange(ref _spare, null) ?? [];
            }
        }

        if (woken is not null) new HlsCall(_crew, this, woken).Begin();
        Interlocked.Exchange(ref _next, New()).SetResult();
    }

    /// <summary>Takes a list back that has been gone through.</summary>
    internal void Return(List<HlsWaiter> list)
    {
        list.Clear();
        Volatile.Write(ref _spare, list);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
