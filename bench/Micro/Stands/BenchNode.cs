using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;
using Sluice.Server.Media;
using Sluice.Testing;
using Sluice.Testing.Peers;

namespace Sluice.Bench.Micro.Stands;

/// <summary>A node of one shard on a virtual network, and clients that connect to it before anything is measured.</summary>
internal sealed class BenchNode : IDisposable
{
    /// <summary>The one channel.</summary>
    public const string Channel = "meadow";

    private static readonly NetworkAddress ServerAddress = NetworkAddress.FromIPv4(0xc633_6401, 7000);
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    private readonly SeededRandom _random = new(41);
    private readonly VirtualNetwork _network = new(41);
    private readonly WallClock _clock = new(Instant.Zero, NtpTime.FromUtc(Epoch.UtcDateTime));
    private readonly List<TestPeer> _peers = [];
    private readonly DtlsContext? _clientContext;
    private uint _nextAddress = 0x0a00_0001;

    /// <param name="profile">The only SRTP profile clients offer; none means that they offer all.</param>
    public BenchNode(SrtpProfile profile = SrtpProfile.None)
    {
        if (profile != SrtpProfile.None) _clientContext = new DtlsContext(Epoch, profile);
        Node = new WebRtcNode(1, 10_000, new TrackResources(TrackResources.MakeSlab(256 << 20)), Channels, static _ => { }, () => _network.Now, _clock,
            static () => [IceCandidateLine.Host(ServerAddress, TransportProtocol.Udp)], TimeProvider.System);
        _network.Attach(Shard, ServerAddress);
    }

    public LiveChannels Channels { get; } = new();

    public WebRtcNode Node { get; }

    public WebRtcShard Shard => Node.Shards[0];

    public Instant Now => _network.Now;

    public LiveChannel Live => Channels.Open(Channel);

    /// <summary>A viewer that has not offered yet, and its address.</summary>
    public TestViewer NewViewer(out NetworkAddress address)
    {
        address = NetworkAddress.FromIPv4(_nextAddress++, 5000);
        return new TestViewer(_random.Fork(), address, _clock) { Certificate = _clientContext };
    }

    /// <summary>Connects so many viewers; then their clients leave the network without a word, and the node's side stays.</summary>
    public void ConnectViewers(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var viewer = NewViewer(out var address);
            Connect(viewer, address, Node.Whep.Watch(Channel, viewer.Offer()).Body);
        }
    }

    /// <summary>Connects a publisher that leaves the network as soon as it is connected.</summary>
    public TestPublisher ConnectPublisher(out NetworkPath path)
    {
        var address = NetworkAddress.FromIPv4(_nextAddress++, 5000);
        var publisher = new TestPublisher(_random.Fork(), address, _clock, new PublisherPlan { FirstSequence = 0 }) { Certificate = _clientContext };
        publisher.IsSending = false;
        Connect(publisher, address, Node.Whip.Publish(Channel, publisher.Offer(), new PublisherIdentity(default, "bench")).Body);
        path = new NetworkPath(TransportProtocol.Udp, ServerAddress, address);
        return publisher;
    }

    /// <summary>Passes datagrams between the shard and one client, without a network, until both rest; gives their number.</summary>
    public int Exchange(TestPeer peer, NetworkAddress address, Instant now, Span<byte> buffer)
    {
        var path = new NetworkPath(TransportProtocol.Udp, ServerAddress, address);
        var mirrored = new NetworkPath(TransportProtocol.Udp, address, ServerAddress);
        var datagrams = 0;
        for (var before = -1; before != datagrams;)
        {
            before = datagrams;
            while (peer.TryTakeTransmit(now, buffer, out var sent))
            {
                Shard.HandleDatagram(now, path, buffer[..sent.Length]);
                datagrams++;
            }

            while (Shard.TryTakeTransmit(now, buffer, out var sent))
            {
                Shard.CompleteTransmits();
                for (var at = 0; at < sent.Length; at += sent.SegmentSize, datagrams++)
                {
                    peer.HandleDatagram(now, mirrored, buffer[at..Math.Min(at + sent.SegmentSize, sent.Length)]);
                }
            }
        }

        return datagrams;
    }

    public void Dispose()
    {
        foreach (var peer in _peers)
        {
            peer.Dispose();
        }

        Node.Dispose();
        _clientContext?.Dispose();
    }

    private void Connect(TestPeer peer, NetworkAddress address, string answer)
    {
        peer.Accept(_network.Now, answer);
        var host = _network.Attach(peer, address);
        _peers.Add(peer);

        // The server's Finished connects the client, and goes out when the server is connected: both sides are.
        if (!_network.RunUntil(() => peer.IsConnected, _network.Now + ConnectTime)) throw new InvalidOperationException("A client did not connect.");
        _network.Detach(host);
    }
}
