using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;
using Sluice.Server.Media;
using Sluice.Testing;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>
/// A node's WebRTC on a virtual network, with clients that come by WHIP and WHEP. The network is seeded; the node draws its own ids and keys
/// from the system, so two runs see the same loss and the same times, not the same bytes.
/// </summary>
internal sealed class SimulatedNode : IDisposable
{
    public const string Channel = "meadow";
    public static readonly NetworkAddress ServerAddress = NetworkAddress.FromIPv4(0xc633_6401, 7000);
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<TestPeer> _peers = [];
    private readonly Dictionary<TestPeer, (VirtualHost Host, string Session)> _known = [];
    private uint _nextAddress = 0x0a00_0001;

    public SimulatedNode(ulong seed = 1, int shards = 1, int maxPeers = 10_000, long maxLogBytes = 256 << 20)
    {
        Random = new SeededRandom(seed);
        Network = new VirtualNetwork(seed);
        Clock = new WallClock(Instant.Zero, NtpTime.FromUtc(Epoch.UtcDateTime));
        Channels.StreamEnded += stream => Ended.Add((Network.Now, stream));
        Machine = new ShardedMachine(() => Node!.Shards);
        Node = new WebRtcNode(shards, maxPeers, new TrackResources(TrackResources.MakeSlab(maxLogBytes)), Channels, Machine.Wake, () => Network.Now, Clock,
            static () => [IceCandidateLine.Host(ServerAddress, TransportProtocol.Udp)], new VirtualTime(Network));
        Host = Network.Attach(Machine, ServerAddress);
    }

    public SeededRandom Random { get; }

    public VirtualNetwork Network { get; }

    public WallClock Clock { get; }

    public LiveChannels Channels { get; } = new();

    public ShardedMachine Machine { get; }

    public WebRtcNode Node { get; }

    public VirtualHost Host { get; }

    /// <summary>Streams that ended, and when.</summary>
    public List<(Instant At, LiveStream Stream)> Ended { get; } = [];

    public LiveChannel Live => Channels.Open(Channel);

    public Instant Now => Network.Now;

    /// <summary>A publisher that begins now.</summary>
    public TestPublisher Publish(PublisherPlan? plan = null, string channel = Channel, VirtualNat? nat = null, LinkProfile? link = null)
    {
        var publisher = new TestPublisher(Random.Fork(), NewAddress(), Clock, plan ?? new PublisherPlan());
        var outcome = Node.Whip.Publish(channel, publisher.Offer(), new PublisherIdentity(default, "test"));
        Assert.True(outcome.Succeeded, outcome.Reason);
        Join(publisher, outcome, nat, link);
        return publisher;
    }

    /// <summary>A viewer that comes now.</summary>
    public TestViewer Watch(Func<NetworkAddress, TestViewer>? make = null, string channel = Channel, VirtualNat? nat = null, LinkProfile? link = null)
    {
        var address = NewAddress();
        var viewer = make?.Invoke(address) ?? NewViewer(address);
        var outcome = Node.Whep.Watch(channel, viewer.Offer());
        Assert.True(outcome.Succeeded, outcome.Reason);
        Join(viewer, outcome, nat, link);
        return viewer;
    }

    /// <summary>A viewer that comes now from an address of another's.</summary>
    public TestViewer WatchFrom(NetworkAddress address)
    {
        var viewer = NewViewer(address);
        var outcome = Node.Whep.Watch(Channel, viewer.Offer());
        Assert.True(outcome.Succeeded, outcome.Reason);
        Join(viewer, outcome, address);
        return viewer;
    }

    public TestViewer NewViewer(NetworkAddress address) => new(Random.Fork(), address, Clock);

    public VirtualHost HostOf(TestPeer peer) => _known[peer].Host;

    public string SessionOf(TestPeer peer) => _known[peer].Session;

    public void Run(double seconds) => Network.RunFor(TimeSpan.FromSeconds(seconds));

    public bool RunUntil(Func<bool> condition, double seconds) => Network.RunUntil(condition, Now + TimeSpan.FromSeconds(seconds));

    /// <summary>Runs until a peer's handshake is done.</summary>
    public void Connect(TestPeer peer, double seconds = 10) =>
        Assert.True(RunUntil(() => peer.IsConnected, seconds), $"no connection within {seconds} s, at {Now}");

    /// <summary>Takes a peer off the network without a word.</summary>
    public void Vanish(TestPeer peer) => Network.Detach(HostOf(peer));

    /// <summary>Frees a peer that is done; for runs with thousands of them.</summary>
    public void Discard(TestPeer peer)
    {
        if (HostOf(peer).IsAttached) Vanish(peer);
        _known.Remove(peer);
        _peers.Remove(peer);
        peer.Dispose();
    }

    public NetworkAddress NewAddress() => NetworkAddress.FromIPv4(_nextAddress++, 5000);

    public void Dispose()
    {
        foreach (var peer in _peers)
        {
            peer.Dispose();
        }

        Node.Dispose();
    }

    private void Join(TestPeer peer, SessionOutcome outcome, VirtualNat? nat, LinkProfile? link) =>
        Join(peer, outcome, NetworkAddress.FromIPv4(_nextAddress - 1, 5000), nat, link);

    private void Join(TestPeer peer, SessionOutcome outcome, NetworkAddress address, VirtualNat? nat = null, LinkProfile? link = null)
    {
        peer.Accept(Now, outcome.Body);
        var host = nat is null ? Network.Attach(peer, address) : Network.AttachBehind(nat, peer, address);
        if (link is not null) host.Up.Profile = host.Down.Profile = link;
        _peers.Add(peer);
        _known.Add(peer, (host, outcome.SessionId));
    }

    private sealed class VirtualTime(VirtualNetwork network) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Epoch + (network.Now - Instant.Zero);
    }
}
