using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;
using Sluice.Testing;
using static Sluice.Protocols.Tests.Ice.IceChecks;

namespace Sluice.Protocols.Tests.Ice;

/// <summary>The agent and a controlling client over bad networks, in virtual time.</summary>
public sealed class IceSimulationTests
{
    private static readonly NetworkAddress Server = NetworkAddress.FromIPv4(0xcb00_7101, 3478);
    private static readonly NetworkAddress WiFi = NetworkAddress.FromIPv4(0xc0a8_0002, 5000);
    private static readonly NetworkAddress PublicWiFi = NetworkAddress.FromIPv4(0xc633_6401, 0);
    private static readonly NetworkAddress Cellular = NetworkAddress.FromIPv4(0x0a40_0002, 5000);
    private static readonly NetworkAddress PublicCellular = NetworkAddress.FromIPv4(0xc633_6402, 0);

    private readonly IceTestServer _server = new(new IceLiteAgent(At(0), Local, Remote));

    [Theory]
    [InlineData(IceNomination.Regular)]
    [InlineData(IceNomination.Aggressive)]
    [InlineData(IceNomination.Once)]
    public void Every_way_to_nominate_connects_over_a_lossy_line_and_stays(IceNomination nomination)
    {
        for (var seed = 1ul; seed <= 20; seed++)
        {
            var server = new IceTestServer(new IceLiteAgent(At(0), Local, Remote));
            var network = new VirtualNetwork(seed);
            network.Attach(server, Server);
            var client = new IceTestClient(new SeededRandom(seed), Remote, Local) { Nomination = nomination };
            var host = network.AttachBehind(network.AddNat(PublicWiFi), client, WiFi);
            host.Up.Profile = host.Down.Profile = new LinkProfile { Loss = 0.1, Jitter = TimeSpan.FromMilliseconds(40), Reorder = 0.05 };
            client.AddPath(At(0), new NetworkPath(TransportProtocol.Udp, WiFi, Server), 100);

            Assert.True(network.RunUntil(() => client.Selected is not null && server.Agent.State == IceState.Connected, At(5)), $"seed {seed}");
            network.RunUntil(At(300));

            Assert.Equal(IceState.Connected, server.Agent.State);
            Assert.Equal(server.Agent.Selected!.Value.Remote, client.MappedAddress);
            Assert.Equal(0, client.BadAnswers);
            Assert.False(client.IsConsentLost);
        }
    }

    [Fact]
    public void Of_two_paths_only_the_better_is_selected()
    {
        var network = new VirtualNetwork(1);
        network.Attach(_server, Server);
        var client = Phone(network, IceNomination.Aggressive, out _);
        network.RunUntil(At(60));

        Assert.Equal(PublicWiFi, _server.Agent.Selected!.Value.Remote.WithPort(0));
        Assert.Equal(WiFi, client.Selected!.Value.Local);
        Assert.Equal(2, _server.Agent.PathCount);
    }

    [Fact]
    public void A_phone_that_leaves_its_wifi_is_followed_within_a_check()
    {
        var network = new VirtualNetwork(1);
        network.Attach(_server, Server);
        var client = Phone(network, IceNomination.Regular, out _);
        network.RunUntil(At(20));
        Assert.Equal(PublicWiFi, _server.Agent.Selected!.Value.Remote.WithPort(0));

        client.RemovePath(network.Now, new NetworkPath(TransportProtocol.Udp, WiFi, Server));
        network.RunUntil(At(20.2));

        Assert.Equal(PublicCellular, _server.Agent.Selected!.Value.Remote.WithPort(0));
        Assert.Equal(IceState.Connected, _server.Agent.State);
    }

    [Theory]
    [InlineData(IceNomination.Regular, 3)]
    [InlineData(IceNomination.Once, 15)]
    public void A_nat_that_rebinds_is_followed(IceNomination nomination, double within)
    {
        var network = new VirtualNetwork(1);
        network.Attach(_server, Server);
        var client = new IceTestClient(new SeededRandom(1), Remote, Local) { Nomination = nomination };
        var nat = network.AddNat(PublicWiFi);
        network.AttachBehind(nat, client, WiFi);
        client.AddPath(At(0), new NetworkPath(TransportProtocol.Udp, WiFi, Server), 100);
        network.RunUntil(At(20));
        var before = _server.Agent.Selected;

        nat.Rebind();
        Assert.True(network.RunUntil(() => _server.Agent.Selected != before, At(20 + within)));

        network.RunUntil(At(60));
        Assert.Equal(client.MappedAddress, _server.Agent.Selected!.Value.Remote);
        Assert.Equal(IceState.Connected, _server.Agent.State);
        Assert.False(_server.Agent.IsValidated(before!.Value)); // its consent ran out
    }

    [Fact]
    public void A_client_that_vanishes_is_disconnected_and_failed_in_time()
    {
        var network = new VirtualNetwork(1);
        network.Attach(_server, Server);
        var client = Phone(network, IceNomination.Regular, out _);
        network.RunUntil(At(20));
        client.IsChecking = false;
        network.RunUntil(At(120));

        var states = _server.Events.Where(told => told.Event.Kind == IceEventKind.StateChanged).ToList();
        Assert.Equal([IceState.Connected, IceState.Disconnected, IceState.Failed], states.Select(told => told.Event.State));
        Assert.InRange(states[1].At.TotalMilliseconds, 25_000, 28_100);
        Assert.InRange(states[2].At.TotalMilliseconds, 47_000, 50_100);
    }

    [Fact]
    public void An_outage_shorter_than_consent_is_survived()
    {
        var network = new VirtualNetwork(1);
        network.Attach(_server, Server);
        var client = Phone(network, IceNomination.Regular, out var phone);
        foreach (var line in phone.Interfaces)
        {
            line.Up.AddOutage(At(20), At(45));
            line.Down.AddOutage(At(20), At(45));
        }

        network.RunUntil(At(40));
        Assert.Equal(IceState.Disconnected, _server.Agent.State);
        network.RunUntil(At(46));
        Assert.Equal(IceState.Connected, _server.Agent.State);
        Assert.False(client.IsConsentLost);
    }

    [Fact]
    public void A_restart_in_use_is_followed_without_losing_the_path()
    {
        var network = new VirtualNetwork(1);
        network.Attach(_server, Server);
        var client = Phone(network, IceNomination.Regular, out _);
        network.RunUntil(At(20));
        network.At(At(20), () => _server.Agent.Restart(At(20), NewLocal, NewRemote));
        network.At(At(21), () => client.Restart(At(21), NewRemote, NewLocal));
        network.RunUntil(At(60));

        Assert.Null(_server.Agent.PreviousLocal);
        Assert.Equal(IceState.Connected, _server.Agent.State);
        Assert.DoesNotContain(_server.Events, told => told.Event is { Kind: IceEventKind.StateChanged, State: not IceState.Connected });
        Assert.Equal(client.MappedAddress, _server.Agent.Selected!.Value.Remote);
        Assert.Equal(0, client.BadAnswers);
    }

    [Fact]
    public void A_tcp_path_connects_like_any_other()
    {
        var network = new VirtualNetwork(1);
        network.Attach(_server, Server);
        var client = new IceTestClient(new SeededRandom(1), Remote, Local);
        network.AttachBehind(network.AddNat(PublicWiFi), client, WiFi);
        client.AddPath(At(0), new NetworkPath(TransportProtocol.Tcp, WiFi, Server), 100);
        network.RunUntil(At(5));

        Assert.Equal(TransportProtocol.Tcp, _server.Agent.Selected!.Value.Protocol);
    }

    [Fact]
    public void The_wrong_password_never_connects_and_gets_no_answer()
    {
        var network = new VirtualNetwork(1);
        var host = network.Attach(_server, Server);
        var client = new IceTestClient(new SeededRandom(1), Remote, Local with { Pwd = "wrongpasswordwrongpassword" });
        network.Attach(client, Cellular);
        client.AddPath(At(0), new NetworkPath(TransportProtocol.Udp, Cellular, Server), 100);
        network.RunUntil(At(29));

        Assert.InRange(host.Received, 100, 200);
        Assert.Equal(host.Received, host.Refused);
        Assert.Equal(0, host.Sent);
        Assert.Null(client.Selected);
    }

    private static IceTestClient Phone(VirtualNetwork network, IceNomination nomination, out VirtualHost phone)
    {
        var client = new IceTestClient(new SeededRandom(9), Remote, Local) { Nomination = nomination };
        phone = network.AttachBehind(network.AddNat(PublicWiFi), client, WiFi);
        network.AddInterface(phone, network.AddNat(PublicCellular), Cellular);
        client.AddPath(At(0), new NetworkPath(TransportProtocol.Udp, WiFi, Server), 200);
        client.AddPath(At(0), new NetworkPath(TransportProtocol.Udp, Cellular, Server), 100);
        return client;
    }
}
