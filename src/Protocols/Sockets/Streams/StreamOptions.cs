using System.Net;
using System.Net.Security;

namespace Sluice.Protocols.Sockets.Streams;

/// <summary>How a port for byte streams is opened and what it bears.</summary>
public sealed record StreamOptions
{
    /// <summary>Addresses to bind.</summary>
    public IReadOnlyList<IPAddress> BindAddresses { get; init; } = [IPAddress.Any, IPAddress.IPv6Any];

    /// <summary>The port; 0 takes a free one.</summary>
    public ushort Port { get; init; }

    /// <summary>Threads that drive connections.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Connections at one time; a further one is closed at once.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>Connections of one remote address at one time.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 100;

    /// <summary>How long the last words of a session that is over may take, and how long the peer has to hang up.</summary>
    public TimeSpan Farewell { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The TLS settings of a connection to come; null for plain TCP. Called for each connection, so that certificates may change.</summary>
    public Func<SslServerAuthenticationOptions>? Tls { get; init; }

    /// <summary>How long a TLS handshake may take.</summary>
    public TimeSpan TlsHandshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Use plain sockets and the thread pool instead of Linux's epoll.</summary>
    public bool ForcePortable { get; init; }

    /// <summary>The name of the threads.</summary>
    public string Name { get; init; } = "stream";

    /// <summary>Called where a session threw, which is a bug; its connection was closed.</summary>
    public Action<Exception>? Failed { get; init; }

    internal bool Portable => ForcePortable || Tls is not null || !OperatingSystem.IsLinux();
}
