using System.Net;

namespace Sluice.Protocols.Sockets;

/// <summary>How a <see cref="DriverGroup{TMachine}"/> opens its sockets and where its limits are. Read once, when the group opens.</summary>
public sealed class DriverOptions
{
    /// <summary>
    /// The local addresses to bind. The default is every IPv4 and every IPv6 address; where the system has no IPv6, the IPv6 wildcard is left out
    /// in silence. The portable path turns a wildcard into the addresses the machine has at that moment.
    /// </summary>
    public IReadOnlyList<IPAddress> BindAddresses { get; init; } = [IPAddress.Any, IPAddress.IPv6Any];

    /// <summary>The port of every UDP socket and TCP listener; 0 lets the system choose one, the same for all.</summary>
    public ushort Port { get; init; }

    /// <summary>Drivers, each with its thread; 0 means one per processor. The portable path always has one.</summary>
    public int Shards { get; init; }

    /// <summary>Use System.Net.Sockets only, as on systems other than Linux.</summary>
    public bool ForcePortable { get; init; }

    /// <summary>
    /// On Linux, where there are as many drivers as processors the process may use: a driver that mostly waits is bound to a processor of its own. The kernel may otherwise let a
    /// thread that was woken wait behind the one that woke it while another processor idles, on virtual machines above all, whose idle processors look taken.
    /// </summary>
    public bool BindThreads { get; init; }

    /// <summary>Also listen for TCP on the same port (RFC 6544 passive candidates, framed by RFC 4571).</summary>
    public bool AcceptTcp { get; init; } = true;

    /// <summary>The threads are called this, a hyphen and the shard.</summary>
    public string Name { get; init; } = "driver";

    /// <summary>
    /// Hears every exception a machine threw; each is a bug. Called on the driver's thread; must not throw. The driver drops what is left of the batch and
    /// goes on.
    /// </summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>Kernel buffer asked for each UDP socket and direction, in bytes; the kernel may grant less.</summary>
    public int SocketBufferBytes { get; init; } = 8 << 20;

    /// <summary>Datagrams waiting to be taken over from other drivers; at the limit new ones are dropped and counted.</summary>
    public int HandOverCapacity { get; init; } = 1024;

    /// <summary>TCP connections of one driver; at the limit new ones are closed at once and counted.</summary>
    public int TcpConnections { get; init; } = 1024;

    /// <summary>TCP connections of one driver from one remote address; at the limit new ones are closed at once and counted.</summary>
    public int TcpConnectionsPerAddress { get; init; } = 64;

    /// <summary>A connection that brought no datagram the machine took within this time is closed.</summary>
    public TimeSpan TcpGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection that brought no datagram the machine took for this time is closed; ICE consent checks come every few seconds (RFC 7675 §5.1).</summary>
    public TimeSpan TcpIdle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes waiting to be sent on one TCP connection; a datagram that does not fit is dropped whole and counted.</summary>
    public int TcpSendQueueBytes { get; init; } = 512 << 10;

    /// <summary>How many drivers there will be.</summary>
    public int ShardCount => Portable ? 1 : Shards > 0 ? Shards : Environment.ProcessorCount;

    internal bool Portable => ForcePortable || !OperatingSystem.IsLinux();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfZero(BindAddresses.Count, nameof(BindAddresses));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BindAddresses.Count, 32, nameof(BindAddresses));
        ArgumentOutOfRangeException.ThrowIfNegative(Shards);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SocketBufferBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(HandOverCapacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(TcpConnections);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(TcpConnectionsPerAddress);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TcpGrace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TcpIdle, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(TcpSendQueueBytes, 4096);
    }
}
