using BenchmarkDotNet.Attributes;
using Sluice.Bench.Micro.Stands;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;
using Sluice.Testing.Offers;

namespace Sluice.Bench.Micro.Stages;

/// <summary>What happens once for a viewer or publisher that comes.</summary>
public class JoinBenchmarks
{
    private readonly DtlsContext _client = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly byte[] _buffer = new byte[1500];
    private readonly string _viewerOffer = RealOffers.Text(Signalling.ViewerOffer);
    private readonly SessionDescription _viewer = RealOffers.Read(Signalling.ViewerOffer);
    private readonly SessionDescription _publisher = RealOffers.Read(Signalling.PublisherOffer);
    private readonly LocalTransport _local = Signalling.LocalTransport();
    private readonly SrtpKeys _keys = SrtpBenchmarks.NewKeys(SrtpProfile.AeadAes128Gcm);
    private readonly StreamTrackDescription[] _live =
    [
        new(new TrackFormat(Codec.H264, 90_000, 0, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01e")),
        new(new TrackFormat(Codec.Opus, 48_000, 2, "minptime=10;useinbandfec=1")),
    ];

    private BenchNode _node = null!;

    [GlobalSetup]
    public void Setup()
    {
        _node = new BenchNode();
        _node.Live.Start(new LiveTracks(_node.Now).ToStream(BenchNode.Channel));
        if (AnswerViewer() == 0 || AnswerPublisher() == 0) throw new InvalidOperationException("An offer is refused.");
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _node.Dispose();
        _client.Dispose();
    }

    /// <summary>A whole handshake, the client's half and the server's.</summary>
    [Benchmark]
    public int DtlsHandshakeOfBothSides()
    {
        using var client = new DtlsSession(_client, DtlsRole.Client, Signalling.Dtls.Fingerprint);
        using var server = new DtlsSession(Signalling.Dtls, DtlsRole.Server, _client.Fingerprint);
        var now = Instant.FromMilliseconds(1000);
        server.Start(now);
        client.Start(now);
        var datagrams = 0;
        for (int before; ;)
        {
            before = datagrams;
            datagrams += Pass(client, server, now);
            datagrams += Pass(server, client, now);
            if (datagrams == before) break;
        }

        if (client.State != DtlsState.Connected || server.State != DtlsState.Connected) throw new InvalidOperationException("The handshake failed.");
        return datagrams;
    }

    /// <summary>A DTLS session made and freed, nothing sent.</summary>
    [Benchmark]
    public void DtlsSessionAlone() => new DtlsSession(Signalling.Dtls, DtlsRole.Server, _client.Fingerprint).Dispose();

    /// <summary>Session keys derived for both directions.</summary>
    [Benchmark]
    public void SrtpKeysOfASession()
    {
        new SrtpSender(_keys).Dispose();
        new SrtpReceiver(_keys).Dispose();
    }

    /// <summary>Chromium's offer to watch, read.</summary>
    [Benchmark]
    public int ParseOffer() => SessionDescription.TryParse(_viewerOffer, out var offer) is null ? offer.Media.Count : 0;

    /// <summary>The answer to it.</summary>
    [Benchmark]
    public int AnswerViewer() => Negotiator.AnswerViewer(_viewer, _local, _live, out _, out var answer) is null ? answer.Length : 0;

    /// <summary>The answer to Chromium's offer to publish.</summary>
    [Benchmark]
    public int AnswerPublisher() => Negotiator.AnswerPublisher(_publisher, _local, out _, out var answer) is null ? answer.Length : 0;

    /// <summary>A viewer announced by its offer and withdrawn again: all of a WHEP POST and DELETE behind HTTP.</summary>
    [Benchmark]
    public int WatchAndLeave()
    {
        var outcome = _node.Node.Whep.Watch(BenchNode.Channel, _viewerOffer);
        return _node.Node.Whep.Close(BenchNode.Channel, outcome.SessionId).Succeeded ? outcome.Body.Length : throw new InvalidOperationException(outcome.Reason);
    }

    private int Pass(DtlsSession from, DtlsSession to, Instant now)
    {
        var datagrams = 0;
        while (from.TryTakeTransmit(_buffer, out var length))
        {
            datagrams++;
            to.HandleDatagram(now, _buffer.AsSpan(0, length));
        }

        return datagrams;
    }
}

/// <summary>A whole join, from the POST to the first picture and away again.</summary>
public class WholeJoinBenchmarks
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(65_487, pinned: true);
    private BenchNode _node = null!;
    private LiveTracks _tracks = null!;

    [GlobalSetup]
    public void Setup()
    {
        _node = new BenchNode();
        _tracks = new LiveTracks(_node.Now);
        _node.Live.Start(_tracks.ToStream(BenchNode.Channel));
        _tracks.AppendFrame();
        for (var i = 0; i < 3; i++)
        {
            JoinOfBothSides();
        }
    }

    [GlobalCleanup]
    public void CleanUp() => _node.Dispose();

    /// <summary>Offer, answer, check, handshake, keys, first picture, close; a client of our own parts does its half.</summary>
    [Benchmark]
    public int JoinOfBothSides()
    {
        // A key picture is always near enough: time passes slowly here.
        var now = _tracks.Now;
        using var viewer = _node.NewViewer(out var address);
        var outcome = _node.Node.Whep.Watch(BenchNode.Channel, viewer.Offer());
        viewer.Accept(now, outcome.Body);
        while (viewer.RtpPackets == 0)
        {
            if (viewer.NextTimeout <= now) viewer.HandleTimeout(now);
            if (_node.Exchange(viewer, address, now, _buffer) == 0) throw new InvalidOperationException("The viewer gets nothing.");
        }

        var packets = (int)viewer.RtpPackets;
        _node.Node.Whep.Close(BenchNode.Channel, outcome.SessionId);
        _node.Shard.HandleTimeout(now);
        _node.Exchange(viewer, address, now, _buffer);
        if (_node.Shard.Endpoint.PeerCount != 0) throw new InvalidOperationException("The viewer has not left.");
        return packets;
    }
}
