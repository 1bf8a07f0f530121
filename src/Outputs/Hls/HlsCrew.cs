namespace Sluice.Outputs.Hls;

/// <summary>
/// The threads that answer crowds, one for each processor and bound to it, so that all of them work at once whatever else there is to do. They begin with the first
/// crowd; a few are left to the thread pool.
/// </summary>
/// <param name="count">How many threads.</param>
/// <param name="place">Binds the calling thread, by its number.</param>
public sealed class HlsCrew(int count, Action<int> place) : IDisposable
{
    private readonly Lock _gate = new();
    private Member[]? _members;
    private bool _isDisposed;

    /// <summary>How many may work on one call.</summary>
    internal int Count => count;

    /// <summary>Has so many threads execute this, once each.</summary>
    internal void Call(IThreadPoolWorkItem work, int workers)
    {
        var members = workers > 1 ? Members() : null;
        for (var i = 0; i < workers; i++)
        {
            if (members is null || !members[i].TryTake(work)) ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }
    }

    /// <summary>Lets the threads end; whatever comes is the pool's.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var member in _members ?? []) member.Stop();
            _members = null;
        }
    }

    private Member[]? Members()
    {
        if (Volatile.Read(ref _members) is { } known) return known;
        lock (_gate)
        {
            if (_isDisposed) return null;
            return _members ??= [.. Enumerable.Range(0, count).Select(i => new Member(i, place))];
        }
    }

    private sealed class Member
    {
        private readonly Queue<IThreadPoolWorkItem> _work = new();
        private bool _stops;

        public Member(int number, Action<int> place) => new Thread(() => Run(number, place)) { Name = $"crowd {number}", IsBackground = true }.Start();

        public bool TryTake(IThreadPoolWorkItem work)
        {
            lock (_work)
            {
                if (_stops) return false;
                _work.Enqueue(work);
                Monitor.Pulse(_work);
                return true;
            }
        }

        public void Stop()
        {
            lock (_work)
            {
                _stops = true;
                Monitor.Pulse(_work);
            }
        }

        private void Run(int number, Action<int> place)
        {
            place(number);
            while (Next() is { } work) work.Execute();
        }

        // What was taken before the end is done; null then.
        private IThreadPoolWorkItem? Next()
        {
            lock (_work)
            {
                while (_work.Count == 0 && !_stops) Monitor.Wait(_work);
                return _work.TryDequeue(out var work) ? work : null;
            }
        }
    }
}
