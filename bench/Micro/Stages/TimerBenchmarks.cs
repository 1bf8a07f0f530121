using BenchmarkDotNet.Attributes;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Micro.Stages;

/// <summary>Deadlines of many peers, and of one.</summary>
public class TimerBenchmarks
{
    private const int Peers = 1000;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private enum Deadline : byte
    {
        /// <summary>The first.</summary>
        First = 0,

        /// <summary>The second.</summary>
        Second,

        /// <summary>The third.</summary>
        Third,
    }

    private readonly TimerWheel<int> _wheel = new(Peers);
    private readonly int[] _handles = new int[Peers];
    private TimerTable<Deadline> _table;
    private Instant _now = Instant.FromMilliseconds(1000);
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        for (var i = 0; i < Peers; i++)
        {
            _wheel.TryAdd(i, out _handles[i]);
            _wheel.Schedule(_handles[i], _now + i * Tick / 5);
        }

        _table.Set(Deadline.First, _now);
        _table.Set(Deadline.Third, _now + Tick);
        var expired = 0;
        for (var i = 0; i < 400; i++)
        {
            expired += ExpireTick();
        }

        if (expired < Peers) throw new InvalidOperationException($"Only {expired} deadlines passed in two seconds.");
    }

    /// <summary>One of a thousand deadlines moved, as with each datagram of a peer.</summary>
    [Benchmark, PerPacket]
    public void Reschedule()
    {
        _next = (_next + 1) % Peers;
        _wheel.Schedule(_handles[_next], _now + Period + _next % 200 * Tick);
    }

    /// <summary>Five milliseconds pass: about five of a thousand deadlines, each set anew.</summary>
    [Benchmark, PerPacket]
    public int ExpireTick()
    {
        _now += Tick;
        var expired = 0;
        while (_wheel.TryExpire(_now, out var peer))
        {
            _wheel.Schedule(_handles[peer], _now + Period);
            expired++;
        }

        return expired;
    }

    /// <summary>The earliest of one machine's deadlines.</summary>
    [Benchmark, PerPacket]
    public int NextOfTable() => (int)_table.Next(out _).Nanoseconds;
}
