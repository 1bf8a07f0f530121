using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Inputs.Whip;
using Sluice.Outputs.Whep;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.Wire;
using Endpoint = Sluice.Protocols.WebRtc.Peers.Endpoint;

namespace Sluice.Server.Media;

/// <summary>
/// All of WebRTC on one node but the sockets: the shards, what they share, and the WHIP and WHEP sessions over them. Whoever drives the shards
/// (the drivers in production, virtual time in simulations) gives the clock and the way to wake them.
/// </summary>
public sealed class WebRtcNode : IDisposable
{
    private readonly DtlsContext _dtls;

    /// <param name="shards">How many workers.</param>
    /// <param name="maxPeers">Peers admitted, all shards together.</param>
    /// <param name="resources">What tracks are made with.</param>
    /// <param name="channels">The live state the sessions work on.</param>
    /// <param name="wake">Wakes the driver of a shard.</param>
    /// <param name="now">The drivers' clock.</param>
    /// <param name="clock">The drivers' clock against the wall.</param>
    /// <param name="candidates">The addresses offered now.</param>
    /// <param name="time">For times people read.</param>
    /// <param name="loggers">Where the sessions log to.</param>
    public WebRtcNode(int shards, int maxPeers, TrackResources resources, LiveChannels channels, Action<int> wake, Func<Instant> now, WallClock clock,
        Func<IReadOnlyList<IceCandidateLine>> candidates, TimeProvider time, ILoggerFactory? loggers = null)
    {
        loggers ??= NullLoggerFactory.Instance;
        _dtls = new DtlsContext(time.GetUtcNow());
        Channels = channels;
        Directory = new PeerDirectory(maxPeers);
        Shards = [.. Enumerable.Range(0, shards).Select(shard => new WebRtcShard(new Endpoint(shard, Directory, _dtls, maxPeers), new ReaderThread(() => wake(shard))))];
        var transports = new TransportFactory(_dtls, candidates);
        Host = new PeerHost(Directory, [.. Shards.Select(s => s.Endpoint)], wake, now);
        Whip = new WhipInput(Host, transports, channels, resources, [.. Shards.Select(s => s.Appends)], clock, time, loggers.CreateLogger<WhipInput>());
        Whep = new WhepOutput(Host, transports, channels, [.. Shards.Select(s => s.FanOut)], clock, time, loggers.CreateLogger<WhepOutput>());
    }

    public IReadOnlyList<WebRtcShard> Shards { get; }

    public LiveChannels Channels { get; }

    public PeerDirectory Directory { get; }

    public PeerHost Host { get; }

    public WhipInput Whip { get; }

    public WhepOutput Whep { get; }

    public void Dispose() => _dtls.Dispose();
}
