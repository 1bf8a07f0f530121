using System.Runtime.CompilerServices;

namespace Sluice.Protocols.Wire;

/// <summary>
/// The deadlines of one machine: one slot for each member of an enum whose members run from 0 upwards, each documented at the enum.
/// Small (a linear scan beats a heap at this size) and queryable: <see cref="Next(out TTimer)"/> says which timer wants to wake, not only when.
/// </summary>
/// <typeparam name="TTimer">The enum of timers, at most 16 members.</typeparam>
public struct TimerTable<TTimer>
    where TTimer : unmanaged, Enum
{
    [InlineArray(Capacity)]
    private struct Slots
    {
        private long _first;
    }

    private const int Capacity = 16;
    private Slots _deadlines; // stored as deadline + 1, so that a default table has every timer stopped

    /// <summary>Sets a timer, replacing its old deadline.</summary>
    public void Set(TTimer timer, Instant deadline) => _deadlines[IndexOf(timer)] = deadline == Instant.Never ? 0 : deadline.Nanoseconds + 1;

    /// <summary>Stops a timer.</summary>
    public void Stop(TTimer timer) => _deadlines[IndexOf(timer)] = 0;

    /// <summary>True where a timer runs.</summary>
    public readonly bool IsSet(TTimer timer) => _deadlines[IndexOf(timer)] != 0;

    /// <summary>The deadline of one timer, or <see cref="Instant.Never"/>.</summary>
    public readonly Instant this[TTimer timer] => _deadlines[IndexOf(timer)] is var d && d == 0 ? Instant.Never : new Instant(d - 1);

    /// <summary>Stops and returns one timer that is due; false where none is.</summary>
    public bool TryExpire(Instant now, out TTimer timer)
    {
        for (var i = 0; i < Capacity; i++)
        {
            if (_deadlines[i] != 0 && _deadlines[i] - 1 <= now.Nanoseconds)
            {
                _deadlines[i] = 0;
                timer = FromIndex(i);
                return true;
            }
        }

        timer = default;
        return false;
    }

    /// <summary>The earliest deadline and whose it is.</summary>
    public readonly Instant Next(out TTimer timer)
    {
        var best = long.MaxValue;
        var index = 0;
        for (var i = 0; i < Capacity; i++)
        {
            if (_deadlines[i] != 0 && _deadlines[i] - 1 < best)
            {
                best = _deadlines[i] - 1;
                index = i;
            }
        }

        timer = FromIndex(index);
        return new Instant(best);
    }

    /// <summary>The earliest deadline.</summary>
    public readonly Instant Next() => Next(out _);

    private static int IndexOf(TTimer timer) => Unsafe.SizeOf<TTimer>() == 1 ? Unsafe.BitCast<TTimer, byte>(timer) : Unsafe.As<TTimer, int>(ref timer);

    private static TTimer FromIndex(int index)
    {
        if (Unsafe.SizeOf<TTimer>() == 1)
        {
            return Unsafe.BitCast<byte, TTimer>((byte)index);
        }

        return Unsafe.As<int, TTimer>(ref index);
    }
}
