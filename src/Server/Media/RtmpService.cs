using System.Net;
using System.Net.Sockets;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Inputs.Rtmp;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Sockets.Streams;
using Sluice.Protocols.Wire;
using Sluice.Server.Live;
using Sluice.Server.Options;
using Sluice.Server.Startup;

namespace Sluice.Server.Media;

/// <summary>RTMP on real sockets: opens the port, and the one with TLS where it is wanted, and closes them with the host.</summary>
internal sealed partial class RtmpService : IHostedLifecycleService, IAsyncDisposable
{
    private readonly StreamServer? _plain;
    private readonly StreamServer? _secure;
    private readonly TlsFiles? _tls;
    private readonly NodePorts _ports;
    private readonly ILogger<RtmpService> _logger;

    /// <summary>Opens the ports. Throws <see cref="StartupException"/> where one is taken, or where there is no certificate for TLS.</summary>
    public RtmpService(LiveOptions options, LiveChannels channels, TrackResources resources, RtmpKeys keys, NodePorts ports, TimeProvider time,
        ILoggerFactory loggers)
    {
        var rtmp = options.Start.Rtmp;
        _ports = ports;
        _logger = loggers.CreateLogger<RtmpService>();
        Input = new RtmpInput(keys.CheckAsync, channels, resources, () => new RtmpInputOptions { MaxBitrate = options.Current.Rtmp.MaxBitrateKbps * 1000L },
            MonotonicClock.ReadWallClock(), time, loggers.CreateLogger<RtmpInput>());
        if (!rtmp.Enabled) return;
        var streams = new StreamOptions
        {
            BindAddresses = rtmp.Addresses.Count > 0 ? rtmp.Addresses : [IPAddress.Any, IPAddress.IPv6Any],
            Port = (ushort)rtmp.Port,
            Threads = Environment.ProcessorCount >= 8 ? 2 : 1,
            MaxConnections = rtmp.MaxConnections,
            MaxConnectionsPerAddress = rtmp.MaxConnectionsPerAddress,
            ForcePortable = rtmp.ForcePortableSockets,
            Name = "rtmp",
            Failed = LogFailed,
        };
        _plain = Open("Rtmp:Port", streams, Input);
        if (!rtmp.TlsEnabled) return;
        _tls = new TlsFiles("Rtmp", () => (options.Current.Rtmp.TlsCertificate, options.Current.Rtmp.TlsKey), loggers.CreateLogger<TlsFiles>());
        _secure = Open("Rtmp:TlsPort", streams with { Port = (ushort)rtmp.TlsPort, Tls = _tls.ForConnection, Name = "rtmps" }, Input.OverTls);
    }

    public RtmpInput Input { get; }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Start("rtmp", _plain);
        Start("rtmps", _secure);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Publishers hear why before the sockets go.
        Input.Shutdown();
        return StopAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_plain?.StopAsync() ?? Task.CompletedTask, _secure?.StopAsync() ?? Task.CompletedTask);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _tls?.Dispose();
    }

    private void Start(string name, StreamServer? server)
    {
        if (server is null) return;
        server.Start();
        _ports.Announce(name, server.Port);
    }

    private static StreamServer Open(string key, StreamOptions options, IStreamListener listener)
    {
        try
        {
            return StreamServer.Open(options, listener);
        }
        catch (SocketException failure)
        {
            throw new StartupException(
                $"{key} {options.Port} cannot be opened ({failure.Message}); stop what uses it, start with --{key}=0 for a free one, or with --Rtmp:Enabled=false.",
                failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An RTMP session met a bug; its connection was closed, the others go on")]
    private partial void LogFailed(Exception failure);
}
