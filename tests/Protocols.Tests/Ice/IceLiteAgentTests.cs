using System.Text;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;
using static Sluice.Protocols.Tests.Ice.IceChecks;

namespace Sluice.Protocols.Tests.Ice;

/// <summary>What is answered, and what not.</summary>
public sealed class IceLiteAgentTests
{
    private readonly IceLiteAgent _agent = new(At(0), Local, Remote);

    [Fact]
    public void A_good_check_is_answered_with_the_address_it_came_from_and_signed()
    {
        var transaction = NewTransaction();

        Assert.Equal(IceHandling.Validated, _agent.Handle(1, Other, Make(transaction: transaction), out var answer));

        Assert.True(StunMessageView.TryParse(answer, out var message));
        Assert.Equal((StunClass.Success, StunMethod.Binding, transaction), (message.Class, message.Method, message.TransactionId));
        Assert.True(message.TryGetXorMappedAddress(out var mapped));
        Assert.Equal(Other.Remote, mapped);
        Assert.True(message.CheckIntegrity(Encoding.UTF8.GetBytes(Local.Pwd)));
        Assert.True(message.CheckFingerprint());
        Assert.True(_agent.IsValidated(Other));
        Assert.Null(_agent.Selected);
        Assert.Equal(IceState.Checking, _agent.State);
    }

    [Theory]
    [InlineData("udp4", "192.0.2.9:1", TransportProtocol.Udp)]
    [InlineData("udp6", "[2001:db8::9]:65535", TransportProtocol.Udp)]
    [InlineData("tcp", "192.0.2.9:443", TransportProtocol.Tcp)]
    public void Every_kind_of_path_is_answered_alike(string name, string remote, TransportProtocol protocol)
    {
        var path = PathFrom(remote, protocol);

        Assert.Equal(IceHandling.Nominated, _agent.Handle(1, path, Make(nominate: true), out var answer));
        Assert.True(StunMessageView.TryParse(answer, out var message) && message.TryGetXorMappedAddress(out var mapped) && mapped == path.Remote, name);
        Assert.Equal(path, _agent.Selected);
        Assert.False(_agent.IsValidated(path with { Protocol = 1 - protocol }));
        Assert.False(_agent.IsValidated(path with { Local = path.Local.WithPort(1) }));
    }

    public static TheoryData<string, byte[]> Forgeries => new()
    {
        { "no integrity", Make(nominate: true, sign: false) },
        { "no integrity and no fingerprint", Make(nominate: true, sign: false, fingerprint: false) },
        { "a wrong password", Make(nominate: true, password: "wrongpasswordwrongpassword") },
        { "the peer's own password", Make(nominate: true, password: Remote.Pwd) },
        { "an empty password", Make(nominate: true, password: "") },
        { "another local fragment", Make(nominate: true, username: "someone:peerfrag") },
        { "another remote fragment", Make(nominate: true, username: "servfrag:someone") },
        { "swapped fragments", Make(nominate: true, username: "peerfrag:servfrag") },
        { "a username with more behind", Make(nominate: true, username: "servfrag:peerfrag2") },
        { "a username with less", Make(nominate: true, username: "servfrag:peerfra") },
        { "a username without colon", Make(nominate: true, username: "servfragpeerfrag") },
        { "an empty username", Make(nominate: true, username: "") },
        { "an indication", Make(nominate: true, kind: StunClass.Indication) },
        { "a success response", Make(nominate: true, kind: StunClass.Success) },
        { "an error response", Make(nominate: true, kind: StunClass.Error) },
        { "another method", Make(nominate: true, method: (StunMethod)3) },
        { "the RFC's example", Stun.StunVectors.Request },
        { "nothing", [] },
        { "noise", [0, 1, 2, 3, 4, 5, 6, 7] },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void A_forgery_is_neither_answered_nor_believed(string what, byte[] check)
    {
        Assert.Equal(IceHandling.Refused, _agent.Handle(1, Home, check));
        Assert.False(_agent.IsValidated(Home), what);
        Assert.Null(_agent.Selected);
        Assert.Equal(0, _agent.PathCount);
        Assert.Empty(_agent.TakeEvents());
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void A_forgery_from_elsewhere_does_not_move_a_peer(string what, byte[] check)
    {
        _agent.Handle(1, Home, Make(nominate: true));
        _agent.TakeEvents();

        Assert.Equal(IceHandling.Refused, _agent.Handle(5, Other, check));
        Assert.True(_agent.Selected == Home && !_agent.IsValidated(Other), what);
        Assert.Empty(_agent.TakeEvents());
    }

    [Fact]
    public void A_forgery_from_the_selected_address_is_no_proof_of_life()
    {
        _agent.Handle(1, Home, Make(nominate: true));
        for (var second = 2; second < 31; second++)
        {
            _agent.PassUntil(second);
            _agent.Handle(second, Home, Make(nominate: true, password: "wrongpasswordwrongpassword"));
        }

        _agent.PassUntil(31);
        Assert.Equal(IceState.Failed, _agent.State);
    }

    [Fact]
    public void A_wrong_fingerprint_is_refused_even_with_the_right_integrity()
    {
        var check = Make();
        check[^1] ^= 1;

        Assert.Equal(IceHandling.Refused, _agent.Handle(1, Home, check));
    }

    [Fact]
    public void A_check_without_fingerprint_is_taken_for_its_integrity() =>
        Assert.Equal(IceHandling.Validated, _agent.Handle(1, Home, Make(fingerprint: false)));

    [Fact]
    public void Every_truncation_of_a_check_is_refused()
    {
        var check = Make(nominate: true);
        for (var length = 0; length < check.Length; length++)
        {
            Assert.Equal(IceHandling.Refused, _agent.Handle(1, Home, check[..length]));
        }
    }

    [Fact]
    public void Use_candidate_behind_the_integrity_does_not_nominate()
    {
        var bytes = new byte[256];
        var writer = new StunMessageWriter(bytes, StunClass.Request, StunMethod.Binding, NewTransaction());
        writer.AddUsername("servfrag:peerfrag"u8);
        writer.AddIntegrity(Encoding.UTF8.GetBytes(Local.Pwd));
        writer.AddUseCandidate();

        Assert.Equal(IceHandling.Validated, _agent.Handle(1, Home, writer.Written.ToArray()));
        Assert.Null(_agent.Selected);
    }

    [Theory]
    [InlineData(0x0003)]
    [InlineData(0x7fff)]
    public void An_attribute_that_must_be_understood_and_is_not_gets_error_420(int type)
    {
        Assert.Equal(IceHandling.Answered, _agent.Handle(1, Home, Make(nominate: true, unknown: (ushort)type), out var answer));

        Assert.True(StunMessageView.TryParse(answer, out var message));
        Assert.True(message.TryGetErrorCode(out var code, out _));
        Assert.Equal((StunClass.Error, 420), (message.Class, code));
        Assert.True(message.TryGetAttribute(StunAttributeType.UnknownAttributes, out var types));
        Assert.Equal([(byte)(type >> 8), (byte)type], types.ToArray());
        Assert.True(message.CheckIntegrity(Encoding.UTF8.GetBytes(Local.Pwd)) && message.CheckFingerprint());
        Assert.False(_agent.IsValidated(Home));
    }

    [Theory]
    [InlineData(0x8003)]
    [InlineData(0xc059)]
    [InlineData(0xc070)]
    public void An_optional_attribute_nobody_heard_of_is_ignored(int type) =>
        Assert.Equal(IceHandling.Nominated, _agent.Handle(1, Home, Make(nominate: true, unknown: (ushort)type)));

    [Fact]
    public void A_peer_that_thinks_it_is_controlled_gets_error_487_and_changes_nothing()
    {
        Assert.Equal(IceHandling.Answered, _agent.Handle(1, Home, Make(nominate: true, controlled: true), out var answer));

        Assert.True(StunMessageView.TryParse(answer, out var message));
        Assert.True(message.TryGetErrorCode(out var code, out _));
        Assert.Equal(487, code);
        Assert.False(_agent.IsValidated(Home));
    }

    [Fact]
    public void A_lite_peer_may_say_it_is_controlled()
    {
        var agent = new IceLiteAgent(At(0), Local, Remote) { RemoteIsLite = true };

        Assert.Equal(IceHandling.Nominated, agent.Handle(1, Home, Make(nominate: true, controlled: true)));
    }

    [Fact]
    public void No_answer_is_longer_than_promised_whatever_was_asked()
    {
        var longest = 0;
        var bytes = new byte[1500];
        for (var count = 0; count < 100; count++)
        {
            var writer = new StunMessageWriter(bytes, StunClass.Request, StunMethod.Binding, NewTransaction());
            writer.AddUsername("servfrag:peerfrag"u8);
            for (var i = 0; i < count; i++)
            {
                writer.Add((StunAttributeType)(0x0100 + i), []);
            }

            writer.AddIntegrity(Encoding.UTF8.GetBytes(Local.Pwd));
            _agent.Handle(1, Third, writer.Written.ToArray(), out var answer);
            Assert.NotEmpty(answer);
            longest = Math.Max(longest, answer.Length);
        }

        Assert.InRange(longest, 80, IceLiteAgent.MaxResponseLength);
    }

    [Fact]
    public void A_check_without_priority_is_taken_as_early_ffmpeg_sends_it() =>
        Assert.Equal(IceHandling.Nominated, _agent.Handle(1, Home, Make(nominate: true, rank: false)));

    [Fact]
    public void Before_the_peers_fragment_is_known_any_is_taken_and_afterwards_only_it()
    {
        var agent = new IceLiteAgent(At(0), Local);
        Assert.Equal(IceHandling.Validated, agent.Handle(1, Home, Make(username: "servfrag:anything")));
        Assert.Equal(IceHandling.Refused, agent.Handle(1, Home, Make(username: "servfrag:")));
        Assert.Equal(IceHandling.Refused, agent.Handle(1, Home, Make(username: "servfrag")));
        Assert.Equal(IceHandling.Refused, agent.Handle(1, Home, Make(username: "servfrag:anything", password: Remote.Pwd)));

        agent.SetRemote(Remote);
        Assert.Equal(IceHandling.Refused, agent.Handle(2, Home, Make(username: "servfrag:anything")));
        Assert.Equal(IceHandling.Answered, agent.Handle(2, Home, Make()));
    }

    [Fact]
    public void A_check_allocates_nothing_once_the_path_is_known()
    {
        var checks = Enumerable.Range(0, 200).Select(_ => Make(nominate: true)).ToArray();
        var response = new byte[IceLiteAgent.MaxResponseLength];
        _agent.HandleStun(At(1), Home, checks[0], response, out _);
        _agent.HandleStun(At(1), Home, checks[1], response, out _);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var check in checks)
        {
            _agent.HandleStun(At(2), Home, check, response, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
