using System.Net;
using System.Text;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Ice;

/// <summary>The scene of the agent's tests: two sides' credentials, some paths, and checks made to order.</summary>
internal static class IceChecks
{
    public static readonly IceCredentials Local = new("servfrag", "serverpasswordserverpw24");
    public static readonly IceCredentials Remote = new("peerfrag", "peerpasswordpeerpassword");
    public static readonly IceCredentials NewLocal = new("newsfrag", "newserverpasswordserver1");
    public static readonly IceCredentials NewRemote = new("newpfrag", "newpeerpasswordpeerpass1");

    public static readonly NetworkPath Home = PathFrom("10.0.0.2:5000");
    public static readonly NetworkPath Other = PathFrom("198.51.100.7:6000");
    public static readonly NetworkPath Third = PathFrom("[2001:db8::7]:7000");

    private static uint _transactions;

    public static NetworkPath PathFrom(string remote, TransportProtocol protocol = TransportProtocol.Udp) =>
        new(protocol, NetworkAddress.FromIPv4(0x0a00_0001, 3478), NetworkAddress.From(IPEndPoint.Parse(remote)));

    public static Instant At(double seconds) => Instant.FromMilliseconds(seconds * 1000);

    public static StunTransactionId NewTransaction() => new(0x1234_5678, ++_transactions);

    /// <summary>A check as Chromium makes it, or with something wrong about it.</summary>
    public static byte[] Make(
        bool nominate = false,
        uint priority = 1000,
        IceCredentials? local = null,
        IceCredentials? remote = null,
        string? username = null,
        string? password = null,
        bool sign = true,
        bool fingerprint = true,
        bool controlled = false,
        bool rank = true,
        uint? nomination = null,
        ushort? unknown = null,
        StunClass kind = StunClass.Request,
        StunMethod method = StunMethod.Binding,
        StunTransactionId? transaction = null)
    {
        local ??= Local;
        remote ??= Remote;
        var bytes = new byte[512];
        var writer = new StunMessageWriter(bytes, kind, method, transaction ?? NewTransaction());
        writer.AddUsername(Encoding.UTF8.GetBytes(username ?? $"{local.Ufrag}:{remote.Ufrag}"));
        writer.Add(StunAttributeType.GoogNetworkInfo, [0, 1, 0, 10]);
        if (controlled) writer.AddIceControlled(ulong.MaxValue);
        else writer.AddIceControlling(0x0102_0304_0506_0708);
        if (nominate) writer.AddUseCandidate();
        if (rank) writer.AddPriority(priority);
        if (nomination is { } number) writer.AddNomination(number);
        if (unknown is { } type) writer.Add((StunAttributeType)type, [0, 0, 0, 6]);
        if (sign) writer.AddIntegrity(Encoding.UTF8.GetBytes(password ?? local.Pwd));
        if (fingerprint) writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    /// <summary>Gives an agent a check and takes the answer.</summary>
    public static IceHandling Handle(this IceLiteAgent agent, double seconds, NetworkPath path, byte[] check, out byte[] answer)
    {
        var response = new byte[IceLiteAgent.MaxResponseLength];
        var handling = agent.HandleStun(At(seconds), path, check, response, out var length);
        answer = response[..length];
        Assert.Equal(handling == IceHandling.Refused, length == 0);
        return handling;
    }

    /// <summary>Gives an agent a check.</summary>
    public static IceHandling Handle(this IceLiteAgent agent, double seconds, NetworkPath path, byte[] check) =>
        agent.Handle(seconds, path, check, out _);

    /// <summary>Lets an agent's time pass as a driver would, deadline by deadline.</summary>
    public static void PassUntil(this IceLiteAgent agent, double seconds)
    {
        while (agent.NextTimeout <= At(seconds))
        {
            var deadline = agent.NextTimeout;
            agent.HandleTimeout(deadline);
            Assert.True(agent.NextTimeout > deadline, "a timeout that was handled is not due again");
        }
    }

    public static List<IceEvent> TakeEvents(this IceLiteAgent agent)
    {
        var events = new List<IceEvent>();
        while (agent.TryTakeEvent(out var told))
        {
            events.Add(told);
        }

        return events;
    }
}
