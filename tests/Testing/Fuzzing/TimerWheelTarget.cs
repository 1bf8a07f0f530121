using Sluice.Protocols.Wire;

namespace Sluice.Testing.Fuzzing;

/// <summary>A timer wheel that is told anything in any order expires each item once, in its tick, and says when in time.</summary>
public static class TimerWheelTarget
{
    private const int Capacity = 8;
    private const long Tick = 1_000_000;

    /// <summary>Runs a history: three bytes are one step, what to do and two for the handle or the time.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var wheel = new TimerWheel<int>(Capacity, TimeSpan.FromMilliseconds(1), buckets: 64);
        var ticks = new long?[Capacity];
        var live = new bool[Capacity];
        long now = 0;
        for (; input.Length >= 3; input = input[3..])
        {
            var argument = input[1] << 8 | input[2];
            var handle = argument % Capacity;
            switch (input[0] % 5)
            {
                case 0:
                    var fits = wheel.TryAdd(0, out var added);
                    FuzzAssert.That(fits == (wheel.Count <= Capacity && Array.Exists(live, static l => !l)), "a handle is given while one is free");
                    if (fits) live[added] = true;
                    break;
                case 1 when live[handle]:
                    wheel.Remove(handle);
                    live[handle] = false;
                    ticks[handle] = null;
                    break;
                case 2 when live[handle]:
                    wheel.Cancel(handle);
                    ticks[handle] = null;
                    break;
                case 3 when live[handle]:
                    var deadline = Math.Max(0, now + (argument - 1000) * (Tick / 10));
                    wheel.Schedule(handle, new Instant(deadline));
                    ticks[handle] = (deadline + Tick - 1) / Tick;
                    break;
                case 4:
                    now += argument * (Tick / 100);
                    var expired = 0;
                    while (wheel.TryExpire(new Instant(now), out _)) expired++;
                    FuzzAssert.That(expired == Array.FindAll(ticks, t => t <= now / Tick).Length, "what is due expires, once, and nothing else");
                    for (var i = 0; i < Capacity; i++)
                    {
                        if (ticks[i] <= now / Tick) ticks[i] = null;
                    }

                    break;
            }

            long? earliest = null;
            for (var i = 0; i < Capacity; i++)
            {
                if (!live[i]) continue;
                FuzzAssert.That(wheel.IsScheduled(i) == ticks[i].HasValue, "an item is scheduled until it expires");
                if (ticks[i] < (earliest ?? long.MaxValue)) earliest = ticks[i];
            }

            FuzzAssert.That(earliest.HasValue || wheel.NextTimeout == Instant.Never, "an empty wheel waits for nothing");
            FuzzAssert.That(earliest is not { } e || wheel.NextTimeout.Nanoseconds <= Math.Max(now, e * Tick), "it wakes in time");
        }
    }
}
