using System.Collections.Concurrent;

namespace Sluice.Server.Live;

/// <summary>The ports this node really listens on, by name; port 0 in the options is a number only once a socket is open.</summary>
public sealed class NodePorts
{
    private readonly ConcurrentDictionary<string, int> _ports = new(StringComparer.Ordinal);

    /// <summary>The ports by name, such as <c>http</c>, <c>webrtcUdp</c>, <c>webrtcTcp</c>.</summary>
    public IReadOnlyDictionary<string, int> All => _ports;

    /// <summary>Says that a port is open.</summary>
    public void Announce(string name, int port) => _ports[name] = port;
}
