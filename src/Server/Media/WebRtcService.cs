using System.Net;
using System.Net.Sockets;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;
using Sluice.Server.Live;
using Sluice.Server.Options;
using Sluice.Server.Startup;

namespace Sluice.Server.Media;

/// <summary>WebRTC on real sockets: opens the port, starts a worker per core, and stops them with the host.</summary>
public sealed partial class WebRtcService : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan CandidateLife = TimeSpan.FromSeconds(1);

    private readonly WebRtcOptions _options;
    private readonly LiveChannels _channels;
    private readonly NodePorts _ports;
    private readonly ILogger<WebRtcService> _logger;
    private readonly DriverGroup<WebRtcShard> _drivers;
    private readonly TimeProvider _time;
    private volatile Offered? _offered;

    /// <summary>Opens the port. Throws <see cref="StartupException"/> where it is taken.</summary>
    public WebRtcService(LiveOptions options, LiveChannels channels, TrackResources resources, NodePorts ports, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options.Start.WebRtc;
        _channels = channels;
        _ports = ports;
        _logger = loggers.CreateLogger<WebRtcService>();
        _time = time;
        var drivers = new DriverOptions
        {
            BindAddresses = _options.Addresses.Count > 0 ? _options.Addresses : [IPAddress.Any, IPAddress.IPv6Any],
            Port = (ushort)_options.Port,
            Shards = _options.Workers,
            BindThreads = _options.BindWorkers,
            ForcePortable = _options.ForcePortableSockets,
            AcceptTcp = _options.Tcp,
            Name = "webrtc",
            Failed = LogFailed,
        };
        var shards = drivers.ShardCount;
        Node = new WebRtcNode(shards, _options.MaxSessions, resources, channels, Wake, static () => MonotonicClock.Now,
            MonotonicClock.ReadWallClock(), CandidatesNow, time, loggers);
        try
        {
            _drivers = DriverGroup.Open(drivers, shard => Node.Shards[shard]);
        }
        catch (SocketException failure)
        {
            throw new StartupException(
                $"WebRtc:Port {_options.Port} (UDP and TCP) cannot be opened ({failure.Message}); stop what uses it, or start with --WebRtc:Port=0 for a free one.", failure);
        }


    }

    /// <summary>The node's WebRTC.</summary>
    public WebRtcNode Node { get; }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _drivers.Start();
        _ports.Announce("webrtcUdp", _drivers.Port);
        if (_options.Tcp) _ports.Announce("webrtcTcp", _drivers.Port);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Streams end as shut down, and every peer hears a close before the sockets go.
        _channels.Shutdown();
        foreach (var channel in _channels.All())
        {
            foreach (var viewer in channel.Viewers())
            {
                viewer.Close();
            }
        }

        for (var waited = TimeSpan.Zero; Node.Directory.Count > 0 && waited < FarewellTime; waited += TimeSpan.FromMilliseconds(20))
        {
            await Task.Delay(20, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _drivers.StopAsync();

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _drivers.DisposeAsync();
        Node.Dispose();
    }

    private sealed record Offered(long At, List<IceCandidateLine> Lines);

    private void Wake(int shard) => _drivers?.Wake(shard);

    // Addresses may come and go while the node runs: sessions are told of those there are. To ask the system costs more than the rest of an answer, so
    // it is asked every second at most.
    private List<IceCandidateLine> CandidatesNow()
    {
        if (_offered is { } known && _time.GetElapsedTime(known.At) < CandidateLife) return known.Lines;
        var offered = new Offered(_time.GetTimestamp(), Candidates());
        _offered = offered;
        return offered.Lines;
    }

    private List<IceCandidateLine> Candidates()
    {
        // Some clients look at the first candidate only: it is the one that reaches furthest, and loopback comes last.
        var port = _drivers.Port;
        var local = LocalAddresses.Enumerate(port)
            .Where(a => IsBound(a) && (_options.OfferLoopback || !IPAddress.IsLoopback(a.ToIPAddress())))
            .OrderBy(a => IPAddress.IsLoopback(a.ToIPAddress()))
            .ThenBy(a => !a.IsIPv4);
        NetworkAddress[] addresses = [.. _options.PublicAddresses.Select(a => NetworkAddress.From(a, port)).Concat(local).Distinct()];

        var lines = new List<IceCandidateLine>();
        foreach (var protocol in _options.Tcp ? (ReadOnlySpan<TransportProtocol>)[TransportProtocol.Udp, TransportProtocol.Tcp] : [TransportProtocol.Udp])
        {
            for (var i = 0; i < addresses.Length; i++)
            {
                lines.Add(IceCandidateLine.Host(addresses[i], protocol, i));
            }
        }

        return lines;
    }

    private bool IsBound(NetworkAddress address) =>
        _options.Addresses.Count == 0
        || _options.Addresses.Any(a => a.Equals(address.ToIPAddress()) || a.Equals(address.IsIPv4 ? IPAddress.Any : IPAddress.IPv6Any));

    [LoggerMessage(Level = LogLevel.Error, Message = "A WebRTC worker met a bug; the datagram batch was dropped, the worker goes on")]
    private partial void LogFailed(Exception failure);
}
