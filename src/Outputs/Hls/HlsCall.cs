using System.Runtime.InteropServices;

namespace Sluice.Outputs.Hls;

/// <summary>
/// One waking of a crowd, by several threads: first everybody gets what it waited for, then everybody goes on. What a player does next makes
/// nobody wait who has not been answered yet.
/// </summary>
internal sealed class HlsCall(HlsCrew crew, HlsWait wait, List<HlsWaiter> crowd) : IThreadPoolWorkItem
{
    // Taken at a time by one thread: few, so that all end together.
    private const int AtATime = 32;

    private readonly int _workers = Math.Clamp(crowd.Count / (2 * AtATime), 1, crew.Count);
    private int _from;
    private int _busy;
    private bool _isSettled;

    public void Begin()
    {
        _from = 0;
        _busy = _workers;
        crew.Call(this, _workers);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var all = CollectionsMarshal.AsSpan(crowd);
        while (Interlocked.Add(ref _from, AtATime) - AtATime is var from && from < all.Length)
        {
            var some = all.Slice(from, Math.Min(AtATime, all.Length - from));
            if (_isSettled) Continue(some);
            else Settle(some);
        }

        // The last one to end begins what is next.
        if (Interlocked.Decrement(ref _busy) > 0) return;
        if (_isSettled)
        {
            wait.Return(crowd);
            return;
        }

        _isSettled = true;
        Begin();
    }

    private void Settle(Span<HlsWaiter> waiters)
    {
        foreach (ref var waiter in waiters)
        {
            while (true)
            {
                var step = wait.Step;
                if (waiter.TrySettle()) break;
                if (!wait.TryJoin(waiter, step)) continue;
                waiter = null!;
                break;
            }
        }
    }

    private static void Continue(Span<HlsWaiter> waiters)
    {
        foreach (var waiter in waiters) waiter?.Continue();
    }
}
