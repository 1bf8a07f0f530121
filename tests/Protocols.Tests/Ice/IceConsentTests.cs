using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;
using static Sluice.Protocols.Tests.Ice.IceChecks;

namespace Sluice.Protocols.Tests.Ice;

/// <summary>How a session lives and ends in time.</summary>
public sealed class IceConsentTests
{
    private readonly IceLiteAgent _agent = new(At(0), Local, Remote);

    [Fact]
    public void Without_a_nomination_the_session_fails_after_thirty_seconds()
    {
        _agent.Handle(1, Home, Make());
        _agent.Handle(25, Home, Make());

        _agent.PassUntil(29.999);
        Assert.Equal(IceState.Checking, _agent.State);
        _agent.PassUntil(30);
        Assert.Equal(IceState.Failed, _agent.State);
        Assert.Equal(Instant.Never, _agent.NextTimeout);
        Assert.False(_agent.IsValidated(Home));
    }

    [Fact]
    public void Checks_in_time_keep_a_session_for_hours()
    {
        for (var time = 1.0; time < 7200; time += 6)
        {
            _agent.PassUntil(time);
            _agent.Handle(time, Home, Make(nominate: true));
            Assert.Equal(IceState.Connected, _agent.State);
        }

        Assert.Equal(2, _agent.TakeEvents().Count);
    }

    [Fact]
    public void A_silent_peer_is_disconnected_then_failed()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        _agent.TakeEvents();

        _agent.PassUntil(8.999);
        Assert.Equal(IceState.Connected, _agent.State);
        _agent.PassUntil(9);
        Assert.Equal(IceState.Disconnected, _agent.State);
        Assert.Equal(Home, _agent.Selected);
        _agent.PassUntil(30.999);
        Assert.Equal(IceState.Disconnected, _agent.State);
        _agent.PassUntil(31);
        Assert.Equal(IceState.Failed, _agent.State);
        Assert.Null(_agent.Selected);
        Assert.False(_agent.IsValidated(Home));
        Assert.Equal(
            [IceEventKind.StateChanged, IceEventKind.PathDropped, IceEventKind.StateChanged],
            _agent.TakeEvents().Select(told => told.Kind));
    }

    [Fact]
    public void A_failed_session_answers_nothing_more()
    {
        _agent.PassUntil(30);

        Assert.Equal(IceHandling.Refused, _agent.Handle(31, Home, Make(nominate: true)));
    }

    [Fact]
    public void A_check_on_the_selected_path_reconnects()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        _agent.PassUntil(10);
        _agent.TakeEvents();

        Assert.Equal(IceHandling.Answered, _agent.Handle(12, Home, Make()));
        Assert.Equal([new IceEvent(IceEventKind.StateChanged, IceState.Connected, default)], _agent.TakeEvents());
        _agent.PassUntil(19.9);
        Assert.Equal(IceState.Connected, _agent.State);
        _agent.PassUntil(20);
        Assert.Equal(IceState.Disconnected, _agent.State);
    }

    [Fact]
    public void A_check_from_a_new_address_reconnects_there_even_without_nomination()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        _agent.PassUntil(10);

        Assert.Equal(IceHandling.Nominated, _agent.Handle(12, Other, Make()));
        Assert.Equal(Other, _agent.Selected);
        Assert.Equal(IceState.Connected, _agent.State);
    }

    [Fact]
    public void Authenticated_traffic_is_a_proof_of_life_on_validated_paths_only()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        for (var time = 2; time < 100; time += 2)
        {
            _agent.PassUntil(time);
            _agent.NoteTraffic(At(time), Home);
            Assert.Equal(IceState.Connected, _agent.State);
        }

        for (var time = 100; time < 129; time += 2)
        {
            _agent.PassUntil(time);
            _agent.NoteTraffic(At(time), Other);
        }

        Assert.False(_agent.IsValidated(Other));
        _agent.PassUntil(129);
        Assert.Equal(IceState.Failed, _agent.State);
    }

    [Fact]
    public void Each_path_expires_by_itself()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        _agent.Handle(2, Other, Make());
        for (var time = 4; time < 40; time += 3)
        {
            _agent.PassUntil(time);
            _agent.Handle(time, Home, Make(nominate: true));
        }

        Assert.True(_agent.IsValidated(Home));
        Assert.False(_agent.IsValidated(Other));
        Assert.Contains(new IceEvent(IceEventKind.PathDropped, IceState.Connected, Other), _agent.TakeEvents());
    }

    [Fact]
    public void When_the_selected_path_expires_first_the_rest_of_consent_is_used()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        _agent.Handle(5, Other, Make());
        _agent.PassUntil(31);

        Assert.Equal(Other, _agent.Selected);
        Assert.Equal(IceState.Disconnected, _agent.State);
        _agent.PassUntil(35);
        Assert.Equal(IceState.Failed, _agent.State);
    }

    [Fact]
    public void Handling_a_timeout_early_is_harmless()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        for (var time = 1.0; time < 8.9; time += 0.1)
        {
            _agent.HandleTimeout(At(time));
        }

        Assert.Equal(IceState.Connected, _agent.State);
        Assert.Equal(At(9), _agent.NextTimeout);
    }
}
