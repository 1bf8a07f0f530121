using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sluice.Protocols.Sockets.Streams;
using Sluice.Protocols.Wire;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>
/// How many connections of HTTP one remote address may have at a time, over all ports and versions. More are closed before a byte is read. This machine and trusted
/// proxies are exempt: behind either stand many people.
/// </summary>
internal sealed partial class ConnectionLimit
{
    private static readonly TimeSpan LogEvery = TimeSpan.FromMinutes(1);

    private readonly LiveOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ConnectionLimit> _log;
    private readonly ConnectionPlaces? _places;
    private readonly Lock _logging = new();
    private long? _loggedAt;

    public ConnectionLimit(LiveOptions options, TimeProvider time, ILogger<ConnectionLimit> log)
    {
        _options = options;
        _time = time;
        _log = log;

        // How many there may be in all is the web server's to say.
        var most = options.Start.Http.MaxConnectionsPerAddress;
        if (most > 0) _places = new ConnectionPlaces(int.MaxValue, most);
    }

    /// <summary>Connections that are counted now; those of exempt addresses are not.</summary>
    public int Count => _places?.Count ?? 0;

    /// <summary>Connections that were closed at once.</summary>
    public long TurnedAway => _places?.TurnedAway ?? 0;

    /// <summary>Puts the limit before everything else on a port, TLS included.</summary>
    public static void Use(ListenOptions listen)
    {
        var limit = listen.ApplicationServices.GetRequiredService<ConnectionLimit>();
        listen.Use(next => connection => limit.RunAsync(connection, connection.RemoteEndPoint, () => next(connection)));
        ((IMultiplexedConnectionBuilder)listen).Use(next => connection => limit.RunAsync(connection, connection.RemoteEndPoint, () => next(connection)));
    }

    /// <summary>Lets a connection go on while its address has a place for it, and counts it down however it ends.</summary>
    public async Task RunAsync(BaseConnectionContext connection, EndPoint? remote, Func<Task> next)
    {
        if (_places is null || remote is not IPEndPoint { Address: var address } || IsExempt(Requester.Plain(address)))
        {
            await next();
            return;
        }

        var host = NetworkAddress.From(address, 0);
        if (!_places.TryTake(host))
        {
            Tell(address);
            connection.Abort(new ConnectionAbortedException("Its address has as many connections as one may have."));
            return;
        }

        try
        {
            await next();
        }
        finally
        {
            _places.Return(host);
        }
    }

    private bool IsExempt(IPAddress address) => IPAddress.IsLoopback(address) || Requester.IsTrusted(address, _options.Current.Http);

    private void Tell(IPAddress address)
    {
        var now = _time.GetTimestamp();
        lock (_logging)
        {
            if (_loggedAt is { } last && _time.GetElapsedTime(last, now) < LogEvery) return;
            _loggedAt = now;
        }

        LogTurnedAway(_log, Requester.Plain(address), _options.Start.Http.MaxConnectionsPerAddress);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Address} has {Most} connections; more of it are closed at once (Http:MaxConnectionsPerAddress)")]
    private static partial void LogTurnedAway(ILogger log, IPAddress address, int most);
}
