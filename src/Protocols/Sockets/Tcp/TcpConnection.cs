using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Tcp;

/// <summary>One accepted connection: its socket, what was read and not handled, what is still to be sent. Belongs to one driver at a time.</summary>
internal sealed class TcpConnection(Socket socket, NetworkPath path, DriverOptions options) : IDisposable
{
    public Socket Socket { get; } = socket;

    public NetworkPath Path { get; } = path;

    public DatagramFrameReader Input { get; } = new();

    public FrameQueue Output { get; } = new(options.TcpSendQueueBytes);

    /// <summary>Where the owning shard keeps it.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>When it is closed unless the machine takes another datagram of it.</summary>
    public Instant Deadline { get; set; }

    /// <summary>True once the machine took a datagram of it.</summary>
    public bool Proven { get; set; }

    /// <summary>Datagrams refused since the last one that was taken.</summary>
    public int RefusedInARow { get; set; }

    /// <summary>How often it was handed over.</summary>
    public int Hops { get; set; }

    /// <summary>True while the poller watches for room to send.</summary>
    public bool AwaitsRoom { get; set; }

    /// <summary>True while it stands in the shard's list of connections to flush.</summary>
    public bool Dirty { get; set; }

    public void Dispose() => Socket.Dispose();
}
