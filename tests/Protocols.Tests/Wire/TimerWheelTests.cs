using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Wire;

public sealed class TimerWheelTests
{
    private const long Tick = 5_000_000;

    [Fact]
    public void Item_expires_in_its_tick_and_never_early()
    {
        var wheel = new TimerWheel<string>(10);
        Assert.True(wheel.TryAdd("a", out var handle));
        Assert.Equal(Instant.Never, wheel.NextTimeout);
        wheel.Schedule(handle, new Instant(12_000_001));
        Assert.Equal(new Instant(3 * Tick), wheel.NextTimeout);
        Assert.False(wheel.TryExpire(new Instant(3 * Tick - 1), out _));
        Assert.True(wheel.IsScheduled(handle));
        Assert.True(wheel.TryExpire(new Instant(3 * Tick), out var item));
        Assert.Equal("a", item);
        Assert.False(wheel.IsScheduled(handle));
        Assert.False(wheel.TryExpire(new Instant(1000 * Tick), out _));
        Assert.Equal(Instant.Never, wheel.NextTimeout);
    }

    [Fact]
    public void Deadline_in_the_past_or_at_this_very_tick_expires_at_once()
    {
        var wheel = new TimerWheel<int>(10);
        wheel.TryAdd(1, out var handle);
        Assert.False(wheel.TryExpire(new Instant(100 * Tick), out _));
        foreach (var deadline in (long[])[0, 50 * Tick, 100 * Tick])
        {
            wheel.Schedule(handle, new Instant(deadline));
            Assert.True(wheel.NextTimeout.IsDue(new Instant(100 * Tick)));
            Assert.True(wheel.TryExpire(new Instant(100 * Tick), out _));
        }
    }

    [Fact]
    public void Deadlines_many_turns_away_wait_their_turns()
    {
        var wheel = new TimerWheel<int>(10, buckets: 64);
        wheel.TryAdd(1, out var near);
        wheel.TryAdd(2, out var far);
        wheel.Schedule(near, new Instant(10 * Tick));
        wheel.Schedule(far, new Instant((10 + 64 * 100) * Tick)); // the same bucket, a hundred turns later
        var expired = new List<(long, int)>();
        for (var now = wheel.NextTimeout; now != Instant.Never; now = wheel.NextTimeout)
        {
            while (wheel.TryExpire(now, out var item)) expired.Add((now.Nanoseconds / Tick, item));
        }

        Assert.Equal([(10, 1), (10 + 6400, 2)], expired);
    }

    [Fact]
    public void Never_cancels_and_a_removed_item_does_not_expire()
    {
        var wheel = new TimerWheel<int>(3);
        var handles = new int[3];
        for (var i = 0; i < 3; i++)
        {
            Assert.True(wheel.TryAdd(i, out handles[i]));
            wheel.Schedule(handles[i], new Instant(Tick));
        }

        Assert.False(wheel.TryAdd(3, out _));
        wheel.Schedule(handles[0], Instant.Never);
        wheel.Remove(handles[1]);
        Assert.Equal(2, wheel.Count);
        Assert.True(wheel.TryExpire(new Instant(Tick), out var item));
        Assert.Equal(2, item);
        Assert.False(wheel.TryExpire(new Instant(Tick), out _));
        Assert.True(wheel.TryAdd(4, out var again));
        Assert.Equal(handles[1], again);
        Assert.False(wheel.IsScheduled(again));
    }

    [Fact]
    public void Handle_of_nothing_is_a_bug_of_the_caller()
    {
        var wheel = new TimerWheel<int>(3);
        Assert.Throws<ArgumentOutOfRangeException>(() => wheel.Schedule(0, Instant.Zero));
        wheel.TryAdd(1, out var handle);
        wheel.Remove(handle);
        Assert.Throws<ArgumentOutOfRangeException>(() => wheel.Cancel(handle));
        Assert.Throws<ArgumentOutOfRangeException>(() => wheel.Remove(handle));
        Assert.Throws<ArgumentOutOfRangeException>(() => wheel.IsScheduled(-1));
        Assert.Throws<ArgumentException>(() => new TimerWheel<int>(3, buckets: 100));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_history_agrees_with_a_plain_list_of_deadlines(int seed)
    {
        var random = new Random(seed);
        var wheel = new TimerWheel<int>(64, buckets: 64);
        var model = new Dictionary<int, long?>(); // handle to deadline
        long now = 0;
        for (var step = 0; step < 30_000; step++)
        {
            var handles = model.Keys.ToArray();
            var any = handles.Length > 0 ? handles[random.Next(handles.Length)] : -1;
            switch (random.Next(6))
            {
                case 0:
                    var fits = model.Count < 64;
                    Assert.Equal(fits, wheel.TryAdd(step, out var handle));
                    if (fits) model.Add(handle, null);
                    break;
                case 1 when any >= 0 && random.Next(3) == 0:
                    wheel.Remove(any);
                    model.Remove(any);
                    break;
                case 2 when any >= 0:
                    wheel.Cancel(any);
                    model[any] = null;
                    break;
                case 3 or 4 when any >= 0:
                    var deadline = Math.Max(0, now + random.NextInt64(-10 * Tick, random.Next(10) == 0 ? 1000 * Tick : 70 * Tick));
                    wheel.Schedule(any, new Instant(deadline));
                    model[any] = deadline;
                    break;
                case 5:
                    now += random.Next(20) == 0 ? random.NextInt64(200 * Tick) : random.NextInt64(3 * Tick);
                    var due = model.Count(m => m.Value is { } d && (d + Tick - 1) / Tick <= now / Tick);
                    var taken = 0;
                    while (wheel.TryExpire(new Instant(now), out _)) taken++;
                    Assert.Equal(due, taken);
                    foreach (var (key, value) in model.ToArray())
                    {
                        var expired = value is { } d && (d + Tick - 1) / Tick <= now / Tick;
                        if (expired) model[key] = null;
                        Assert.Equal(model[key] is not null, wheel.IsScheduled(key));
                    }

                    break;
            }

            Assert.Equal(model.Count, wheel.Count);
            if (model.Values.Min() is { } earliest)
            {
                Assert.True(wheel.NextTimeout.Nanoseconds <= Math.Max(now, (earliest + Tick - 1) / Tick * Tick));
            }
            else
            {
                Assert.Equal(Instant.Never, wheel.NextTimeout);
            }
        }
    }

    [Fact]
    public void Steady_state_allocates_nothing()
    {
        var wheel = new TimerWheel<object>(1000);
        var handles = new int[1000];
        for (var i = 0; i < handles.Length; i++) wheel.TryAdd(wheel, out handles[i]);
        long Turn(long from)
        {
            for (var i = 0; i < handles.Length; i++) wheel.Schedule(handles[i], new Instant(from + i * 7_000_000L));
            for (var tick = 0; tick < 2000; tick++)
            {
                while (wheel.TryExpire(new Instant(from + tick * Tick), out _))
                {
                }
            }

            return from + 2000 * Tick;
        }

        var now = Turn(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turn(now);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
