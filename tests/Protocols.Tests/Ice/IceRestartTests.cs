using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Stun;
using static Sluice.Protocols.Tests.Ice.IceChecks;

namespace Sluice.Protocols.Tests.Ice;

public sealed class IceRestartTests
{
    private readonly IceLiteAgent _agent = new(At(0), Local, Remote);

    [Fact]
    public void Old_credentials_and_paths_stay_until_the_new_ones_nominate()
    {
        Connect();
        _agent.Restart(At(2), NewLocal, NewRemote);

        Assert.Equal(Home, _agent.Selected);
        Assert.Equal(Local, _agent.PreviousLocal);
        Assert.Equal(NewLocal, _agent.Local);
        Assert.Equal(IceHandling.Answered, _agent.Handle(3, Home, Make(nominate: true), out var answer));
        Assert.True(StunMessageView.TryParse(answer, out var message) && message.CheckIntegrity("serverpasswordserverpw24"u8));

        Assert.Equal(IceHandling.Validated, _agent.Handle(3.1, Other, New(), out answer));
        Assert.True(StunMessageView.TryParse(answer, out message) && message.CheckIntegrity("newserverpasswordserver1"u8));
        Assert.Equal(Home, _agent.Selected);
        Assert.Equal(Local, _agent.PreviousLocal);

        Assert.Equal(IceHandling.Nominated, _agent.Handle(3.2, Other, New(nominate: true, priority: 1)));
        Assert.Equal(Other, _agent.Selected);
        Assert.Null(_agent.PreviousLocal);
        Assert.False(_agent.IsValidated(Home));
        Assert.Equal(IceHandling.Refused, _agent.Handle(3.3, Home, Make(nominate: true)));
    }

    [Fact]
    public void The_same_path_may_be_nominated_again()
    {
        Connect();
        _agent.Restart(At(2), NewLocal, NewRemote);

        Assert.Equal(IceHandling.Answered, _agent.Handle(3, Home, New(nominate: true)));
        Assert.Equal(Home, _agent.Selected);
        Assert.Null(_agent.PreviousLocal);
        Assert.Equal(IceHandling.Refused, _agent.Handle(3.3, Home, Make()));
    }

    [Fact]
    public void Credentials_of_two_sessions_do_not_mix()
    {
        Connect();
        _agent.Restart(At(2), NewLocal, NewRemote);

        Assert.Equal(IceHandling.Refused, _agent.Handle(3, Other, Make(nominate: true, local: NewLocal, remote: Remote)));
        Assert.Equal(IceHandling.Refused, _agent.Handle(3, Other, Make(nominate: true, local: Local, remote: NewRemote)));
        Assert.Equal(IceHandling.Refused, _agent.Handle(3, Other, New(nominate: true, password: Local.Pwd)));
        Assert.Equal(IceHandling.Refused, _agent.Handle(3, Other, Make(nominate: true, password: NewLocal.Pwd)));
    }

    [Fact]
    public void An_old_nomination_does_not_win_back_from_a_new_one()
    {
        Connect();
        _agent.Restart(At(2), NewLocal, NewRemote);
        _agent.Handle(3, Other, New(nominate: true, priority: 1));

        Assert.Equal(IceHandling.Refused, _agent.Handle(9, Home, Make(nominate: true, priority: uint.MaxValue)));
        Assert.Equal(Other, _agent.Selected);
    }

    [Fact]
    public void A_second_restart_replaces_the_first_and_keeps_what_is_in_use()
    {
        Connect();
        _agent.Restart(At(2), new IceCredentials("midsfrag", "middleserverpasswordserv"), NewRemote);
        _agent.Restart(At(3), NewLocal, NewRemote);

        Assert.Equal(Local, _agent.PreviousLocal);
        Assert.Equal(IceHandling.Answered, _agent.Handle(4, Home, Make()));
        Assert.Equal(IceHandling.Refused, _agent.Handle(4, Home, Make(local: new IceCredentials("midsfrag", "middleserverpasswordserv"), remote: NewRemote)));
        Assert.Equal(IceHandling.Nominated, _agent.Handle(4, Other, New(nominate: true)));
    }

    [Fact]
    public void A_restart_nobody_follows_does_not_end_the_session_in_use()
    {
        Connect();
        _agent.Restart(At(2), NewLocal, NewRemote);
        for (var time = 3; time < 120; time += 3)
        {
            _agent.PassUntil(time);
            _agent.Handle(time, Home, Make(nominate: true));
        }

        Assert.Equal(IceState.Connected, _agent.State);
    }

    [Fact]
    public void A_failed_session_comes_back_by_a_restart_with_new_credentials_only()
    {
        _agent.PassUntil(30);
        _agent.Restart(At(31), NewLocal, NewRemote);

        Assert.Equal(IceState.Checking, _agent.State);
        Assert.Null(_agent.PreviousLocal);
        Assert.Equal(IceHandling.Refused, _agent.Handle(32, Home, Make(nominate: true)));
        Assert.Equal(IceHandling.Nominated, _agent.Handle(32, Home, New(nominate: true)));
        Assert.Equal(IceState.Connected, _agent.State);
    }

    [Fact]
    public void A_restart_after_failure_has_thirty_seconds_too()
    {
        _agent.PassUntil(30);
        _agent.Restart(At(31), NewLocal, NewRemote);
        _agent.PassUntil(60.9);
        Assert.Equal(IceState.Checking, _agent.State);
        _agent.PassUntil(61);
        Assert.Equal(IceState.Failed, _agent.State);
    }

    private void Connect() => _agent.Handle(1, Home, Make(nominate: true));

    private static byte[] New(bool nominate = false, uint priority = 1000, string? password = null) =>
        Make(nominate, priority, NewLocal, NewRemote, password: password);
}
