using Sluice.Protocols.Sockets;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Sockets.Portable;

namespace Sluice.Protocols.Tests.Sockets;

[Collection(SocketsCollection.Name)]
public sealed class PollerTests
{
    private const long Hang = 5_000_000_000;

    /// <summary>A poller whose sleep is a script: what wakers do before it, in it and after it.</summary>
    private sealed class ScriptedPoller : Poller
    {
        public int Signals { get; private set; }

        public long Slept { get; private set; }

        public Action InSleep { get; set; } = static () => { };

        public override void Watch(System.Net.Sockets.Socket socket, ReadySource source, int index)
        {
        }

        public override void WatchWritable(System.Net.Sockets.Socket socket, ReadySource source, int index, bool writable)
        {
        }

        public override void Forget(System.Net.Sockets.Socket socket)
        {
        }

        public override void Dispose()
        {
        }

        protected override int WaitForEvents(long nanoseconds, Span<Ready> ready)
        {
            Slept = nanoseconds;
            InSleep();
            return 0;
        }

        protected override void Signal() => Signals++;
    }

    private static Poller Make(bool portable) => portable ? new SelectPoller() : new EpollPoller();

    [Theory, BothPaths]
    public void A_wake_before_a_wait_ends_it_at_once_and_is_told_once(bool portable)
    {
        using var poller = Make(portable);
        var ready = new Ready[8];
        poller.Wake();
        poller.Wake();
        Assert.Equal(0, poller.Wait(-1, ready));
        Assert.True(poller.WasWoken);
        Assert.Equal(0, poller.Wait(0, ready));
        Assert.False(poller.WasWoken);
    }

    [Theory, BothPaths]
    public async Task No_wake_is_lost_whenever_it_comes(bool portable)
    {
        const int Rounds = 20_000;
        const int Wakers = 2;
        using var poller = Make(portable);
        var left = new int[Wakers];
        var seen = new int[Wakers];
        var wakers = Enumerable.Range(0, Wakers).Select(waker => Task.Factory.StartNew(
            () =>
            {
                // Each waits until it has been seen: a lost wake would leave both asleep.
                for (var round = 1; round <= Rounds; round++)
                {
                    Volatile.Write(ref left[waker], round);
                    poller.Wake();
                    SpinWait.SpinUntil(() => Volatile.Read(ref seen[waker]) >= round || Volatile.Read(ref seen[waker]) < 0);
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();

        var ready = new Ready[8];
        // A single wait may end for nothing, by a signal of the runtime's own.
        var idle = 0;
        var hung = false;
        while (!hung && seen.Any(s => s < Rounds))
        {
            poller.Wait(Hang, ready);
            idle = poller.WasWoken ? 0 : idle + 1;
            hung = idle == 4;
            for (var waker = 0; waker < Wakers; waker++)
            {
                Volatile.Write(ref seen[waker], hung ? int.MinValue : Volatile.Read(ref left[waker]));
            }
        }

        await Task.WhenAll(wakers);
        Assert.False(hung);
    }

    [Fact]
    public void Only_a_sleeper_is_signalled_and_no_wake_goes_unheard()
    {
        var random = new Random(7);
        var ready = new Ready[8];
        using var poller = new ScriptedPoller();
        for (var round = 0; round < 5000; round++)
        {
            var before = random.Next(3);
            var during = random.Next(3);
            var sleeps = random.Next(2) == 0;
            var signals = poller.Signals;
            for (var i = 0; i < before; i++) poller.Wake();
            Assert.Equal(signals, poller.Signals);

            poller.InSleep = () =>
            {
                for (var i = 0; i < during; i++) poller.Wake();
            };
            poller.Wait(sleeps ? 1_000_000 : 0, ready);

            Assert.Equal(sleeps && before == 0 ? 1_000_000 : 0, poller.Slept);
            Assert.Equal(before + during > 0, poller.WasWoken);
            Assert.Equal(sleeps && before == 0 && during > 0 ? 1 : 0, poller.Signals - signals);
        }
    }

    [Theory, BothPaths]
    public void A_signal_that_comes_late_ends_one_more_wait_and_no_second_one(bool portable)
    {
        using var poller = Make(portable);
        var ready = new Ready[8];
        using var started = new ManualResetEventSlim();
        var waker = new Thread(() =>
        {
            started.Wait();
            poller.Wake();
        });
        waker.Start();
        started.Set();
        poller.Wait(Hang, ready);
        Assert.True(poller.WasWoken);
        waker.Join();

        // Whatever of the signal is still on its way ends this one; the next sleeps its time.
        poller.Wait(1_000_000, ready);
        Assert.False(poller.WasWoken);
        Assert.Equal(0, poller.Wait(1_000_000, ready));
        Assert.False(poller.WasWoken);
    }
}
