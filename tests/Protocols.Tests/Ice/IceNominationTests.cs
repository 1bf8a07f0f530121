using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;
using static Sluice.Protocols.Tests.Ice.IceChecks;

namespace Sluice.Protocols.Tests.Ice;

/// <summary>Which path is selected, and when it moves.</summary>
public sealed class IceNominationTests
{
    private readonly IceLiteAgent _agent = new(At(0), Local, Remote);

    [Fact]
    public void The_first_nomination_selects_and_connects()
    {
        Assert.Equal(IceHandling.Validated, _agent.Handle(1, Home, Make()));
        Assert.Equal(IceHandling.Nominated, _agent.Handle(1.1, Home, Make(nominate: true)));

        Assert.Equal(Home, _agent.Selected);
        Assert.Equal(
            [new IceEvent(IceEventKind.SelectedChanged, IceState.Checking, Home), new IceEvent(IceEventKind.StateChanged, IceState.Connected, default)],
            _agent.TakeEvents());
    }

    [Fact]
    public void A_repeated_nomination_changes_nothing()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        _agent.TakeEvents();

        Assert.Equal(IceHandling.Answered, _agent.Handle(3.5, Home, Make(nominate: true)));
        Assert.Empty(_agent.TakeEvents());
    }

    [Fact]
    public void Checks_without_nomination_do_not_move_the_path()
    {
        _agent.Handle(1, Home, Make(nominate: true, priority: 1));

        Assert.Equal(IceHandling.Validated, _agent.Handle(1.1, Other, Make(priority: 1000)));
        Assert.Equal(IceHandling.Answered, _agent.Handle(4, Other, Make(priority: 1000)));
        Assert.Equal(Home, _agent.Selected);
    }

    [Fact]
    public void An_aggressive_peer_ends_on_its_highest_priority_in_whatever_order_checks_come()
    {
        (NetworkPath Path, uint Priority)[] paths = [(Home, 10), (Other, 30), (Third, 20)];
        foreach (var order in new int[][] { [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0] })
        {
            var agent = new IceLiteAgent(At(0), Local, Remote);
            var time = 1.0;
            foreach (var index in order)
            {
                agent.Handle(time += 0.05, paths[index].Path, Make(nominate: true, priority: paths[index].Priority));
            }

            Assert.Equal(Other, agent.Selected);
        }
    }

    [Fact]
    public void An_aggressive_peer_that_keeps_nominating_its_best_path_stays_there()
    {
        for (var time = 1.0; time < 20; time += 0.5)
        {
            _agent.Handle(time, Home, Make(nominate: true, priority: 20));
            _agent.Handle(time + 0.01, Other, Make(nominate: true, priority: 10));
        }

        Assert.Equal(Home, _agent.Selected);
    }

    [Fact]
    public void A_peer_that_changes_its_mind_later_is_followed_to_a_lower_priority()
    {
        _agent.Handle(1, Home, Make(nominate: true, priority: 20));
        _agent.Handle(3.5, Home, Make(priority: 20));

        Assert.Equal(IceHandling.Nominated, _agent.Handle(3.6, Other, Make(nominate: true, priority: 10)));
        Assert.Equal(Other, _agent.Selected);
    }

    [Fact]
    public void A_higher_priority_takes_over_at_once()
    {
        _agent.Handle(1, Home, Make(nominate: true, priority: 10));

        Assert.Equal(IceHandling.Nominated, _agent.Handle(1.01, Other, Make(nominate: true, priority: 20)));
    }

    [Fact]
    public void A_higher_nomination_number_beats_priority_and_a_lower_one_does_not()
    {
        _agent.Handle(1, Home, Make(nominate: true, priority: 20, nomination: 5));

        Assert.Equal(IceHandling.Validated, _agent.Handle(3, Other, Make(nominate: true, priority: 30, nomination: 4)));
        Assert.Equal(IceHandling.Nominated, _agent.Handle(3.1, Other, Make(nominate: true, priority: 10, nomination: 6)));
    }

    [Fact]
    public void A_nat_that_rebinds_moves_the_path_with_the_next_nomination()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        var rebound = PathFrom("10.0.0.2:5001");

        Assert.Equal(IceHandling.Nominated, _agent.Handle(3.5, rebound, Make(nominate: true)));
        Assert.Equal(rebound, _agent.Selected);
    }

    [Fact]
    public void A_peer_that_nominated_once_and_moves_without_nomination_is_followed_when_the_old_path_is_silent()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        var rebound = PathFrom("10.0.0.2:5001");
        _agent.Handle(3, Home, Make());
        for (var time = 5; time < 12; time += 2)
        {
            _agent.PassUntil(time);
            _agent.Handle(time, rebound, Make());
        }

        Assert.Equal(rebound, _agent.Selected);
        Assert.Equal(IceState.Connected, _agent.State);
        Assert.True(_agent.IsValidated(Home)); // until its consent runs out
    }

    [Fact]
    public void Silence_prefers_a_nominated_path_then_a_higher_priority()
    {
        _agent.Handle(1, Home, Make(nominate: true, priority: 100));
        _agent.Handle(1.1, Other, Make(nominate: true, priority: 1));
        _agent.Handle(1.2, Third, Make(priority: 50));
        _agent.Handle(8, Other, Make(priority: 1));
        _agent.Handle(8, Third, Make(priority: 50));

        _agent.PassUntil(9);
        Assert.Equal(Other, _agent.Selected);
    }

    [Fact]
    public void A_check_seen_before_is_answered_but_moves_nothing()
    {
        var overheard = Make(nominate: true, priority: uint.MaxValue);
        _agent.Handle(1, Home, overheard);

        Assert.Equal(IceHandling.Answered, _agent.Handle(4, Other, overheard, out var answer));
        Assert.NotEmpty(answer);
        Assert.False(_agent.IsValidated(Other));
        Assert.Equal(Home, _agent.Selected);
    }

    [Fact]
    public void A_check_seen_before_keeps_no_path_alive()
    {
        var overheard = Make(nominate: true);
        _agent.Handle(1, Home, overheard);
        for (var second = 2; second < 31; second++)
        {
            _agent.PassUntil(second);
            _agent.Handle(second, Home, overheard);
        }

        _agent.PassUntil(31);
        Assert.Equal(IceState.Failed, _agent.State);
    }

    [Fact]
    public void A_flood_from_many_addresses_keeps_the_table_bounded_and_the_selected_path()
    {
        _agent.Handle(1, Home, Make(nominate: true, priority: 50));
        _agent.Handle(1.1, Other, Make(nominate: true, priority: 10));
        _agent.TakeEvents();
        for (var i = 0; i < 10_000; i++)
        {
            _agent.Handle(2 + i * 0.0001, PathFrom($"203.0.113.{i % 250}:{1000 + i}"), Make());
            foreach (var told in _agent.TakeEvents())
            {
                Assert.Equal(IceEventKind.PathDropped, told.Kind);
                Assert.False(_agent.IsValidated(told.Path));
            }
        }

        Assert.Equal(IceLiteAgent.MaxPaths, _agent.PathCount);
        Assert.Equal(Home, _agent.Selected);
        Assert.True(_agent.IsValidated(Other)); // nominated paths go last
        Assert.False(_agent.IsValidated(PathFrom("203.0.113.0:1000")));
    }

    [Fact]
    public void A_flood_of_nominations_keeps_the_table_bounded_and_untaken_events_too()
    {
        for (var i = 0; i < 1000; i++)
        {
            _agent.Handle(2, PathFrom($"203.0.113.1:{1000 + i}"), Make(nominate: true));
        }

        Assert.Equal(IceLiteAgent.MaxPaths, _agent.PathCount);
        Assert.Equal(PathFrom("203.0.113.1:1999"), _agent.Selected);
        Assert.Equal(IceLiteAgent.MaxEvents, _agent.TakeEvents().Count);
    }
}
