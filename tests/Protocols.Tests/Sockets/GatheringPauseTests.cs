using Sluice.Protocols.Sockets;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Sockets;

public sealed class GatheringPauseTests
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1);

    private readonly GatheringPause _pause = new(nanoseconds: 1_000_000, worth: 8);
    private Instant _now = Instant.Zero + TimeSpan.FromHours(1);

    [Fact]
    public void Is_not_worth_it_at_first() => Assert.False(_pause.IsWorthIt);

    [Fact]
    public void Is_worth_it_where_it_gathers_enough()
    {
        Run(turns: 200, arrivals: 9);
        Assert.True(_pause.IsWorthIt);
    }

    [Fact]
    public void Is_not_worth_it_where_it_gathers_less()
    {
        Run(turns: 200, arrivals: 7);
        Assert.False(_pause.IsWorthIt);
    }

    [Fact]
    public void A_burst_is_not_a_rate()
    {
        // A key picture of 200 packets within a second of hardly anything.
        Run(turns: 500, arrivals: 0);
        _pause.Note(_now, 200);
        for (var i = 0; i < 500; i++)
        {
            Run(turns: 1, arrivals: 0);
            Assert.False(_pause.IsWorthIt);
        }
    }

    [Fact]
    public void Ends_when_there_is_less_to_gather()
    {
        Run(turns: 200, arrivals: 20);
        Run(turns: 120, arrivals: 1);
        Assert.False(_pause.IsWorthIt);
    }

    [Fact]
    public void One_long_turn_counts_by_its_length()
    {
        Run(turns: 100, arrivals: 20);
        _now += TimeSpan.FromSeconds(1);
        _pause.Note(_now, 1000);
        Assert.False(_pause.IsWorthIt);
    }

    [Fact]
    public void Who_worked_as_long_does_not_sleep()
    {
        // Times are far ahead of the clock, which a sleep would read.
        _now = Instant.Zero + TimeSpan.FromDays(10_000);
        Run(turns: 100, arrivals: 20);
        Assert.Equal(_now, _pause.Take(_now));
        _now += Turn;
        Assert.Equal(_now, _pause.Take(_now));
    }

    [LinuxFact]
    public void Who_did_not_work_sleeps()
    {
        Run(turns: 100, arrivals: 20);
        var began = _pause.Take(MonotonicClock.Now);
        Assert.True(_pause.Take(began) > began);
    }

    [Fact]
    public void Nobody_sleeps_where_it_is_not_worth_it()
    {
        _now = Instant.Zero + TimeSpan.FromDays(10_000);
        Run(turns: 100, arrivals: 1);
        Assert.Equal(_now, _pause.Take(_now));
    }

    private void Run(int turns, int arrivals)
    {
        for (var i = 0; i < turns; i++)
        {
            _now += Turn;
            _pause.Note(_now, arrivals);
        }
    }
}
