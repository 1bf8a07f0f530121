using Sluice.Outputs.Hls;

namespace Sluice.Server.Tests.Hls;

public sealed class CrowdTests
{
    private const int Count = 10_000;

    [Fact]
    public async Task Ten_thousand_who_wait_cost_a_place_in_a_list_each_and_are_answered_once_before_any_goes_on()
    {
        using var crew = new HlsCrew(3, _ => { });
        var wait = new HlsWait(crew);
        var told = new Told();
        var players = Enumerable.Range(0, Count).Select(_ => new Player(told)).ToArray();
        for (var round = 1; round <= 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var step = wait.Step;
            foreach (var player in players)
            {
                if (!wait.TryJoin(player, step)) throw new InvalidOperationException("There was no step.");
            }

            // Both lists have grown by then.
            var cost = GC.GetAllocatedBytesForCurrentThread() - before;
            if (round == 3) Assert.InRange(cost, 0, 1000);
            told.Begin();
            wait.Release();
            await told.All;
            while (!wait.IsAtRest) await Task.Yield();
            Assert.All(players, p => Assert.Equal((round, round), (p.Settled, p.Continued)));
            Assert.Equal(0, told.Early);
        }
    }

    [Fact]
    public async Task Who_is_not_served_by_a_step_waits_for_the_next()
    {
        using var crew = new HlsCrew(3, _ => { });
        var wait = new HlsWait(crew);
        var told = new Told();
        var players = Enumerable.Range(0, Count).Select(i => new Player(told) { Refusals = i % 3 }).ToArray();
        told.Begin();
        foreach (var player in players) Assert.True(wait.TryJoin(player, wait.Step));
        while (!told.All.IsCompleted)
        {
            wait.Release();
            await Task.Yield();
        }

        Assert.All(players, p => Assert.Equal(1, p.Continued));
        Assert.All(players, p => Assert.Equal(0, p.Refusals));
    }

    [Fact]
    public void Nobody_joins_a_step_that_has_been()
    {
        using var crew = new HlsCrew(3, _ => { });
        var wait = new HlsWait(crew);
        var step = wait.Step;
        wait.Release();
        Assert.False(wait.TryJoin(new Player(new Told()), step));
        Assert.True(wait.TryJoin(new Player(new Told()), step + 1));
    }

    private sealed class Told
    {
        private TaskCompletionSource _all = new();
        private int _settled;
        private int _continued;
        private int _early;

        public Task All => _all.Task;

        public int Early => _early;

        public void Begin() => (_all, _settled, _continued) = (new(TaskCreationOptions.RunContinuationsAsynchronously), 0, 0);

        public void Settle() => Interlocked.Increment(ref _settled);

        public void Continue()
        {
            if (Volatile.Read(ref _settled) < Count) Interlocked.Increment(ref _early);
            if (Interlocked.Increment(ref _continued) == Count) _all.SetResult();
        }
    }

    private sealed class Player(Told told) : HlsWaiter
    {
        public int Settled { get; private set; }

        public int Continued { get; private set; }

        public int Refusals { get; set; }

        protected internal override bool TrySettle()
        {
            if (Refusals-- > 0) return false;
            Refusals = 0;
            Settled++;
            told.Settle();
            return true;
        }

        protected internal override void Continue()
        {
            Continued++;
            told.Continue();
        }
    }
}
