using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Sockets.Portable;

namespace Sluice.Protocols.Sockets;

/// <summary>
/// Opens the sockets of a group: for each shard and address a UDP socket and a TCP listener, all with one port number. The first shard binds alone, so that another
/// process on the port is an error; only then is the port shared among the shards (SO_REUSEPORT).
/// </summary>
internal sealed class PortBinding : IDisposable
{
    private const int Attempts = 32;
    private const int Backlog = 256;

    private readonly DriverOptions _options;
    private readonly List<IPAddress> _addresses = [];
    private readonly List<Socket> _opened = [];

    private PortBinding(DriverOptions options)
    {
        _options = options;
        Udp = new Socket[options.ShardCount][];
        Tcp = new Socket[options.ShardCount][];
        foreach (var address in options.BindAddresses)
        {
            if (options.Portable && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
            {
                foreach (var local in LocalAddresses.Enumerate())
                {
                    if (local.Family == address.AddressFamily) _addresses.Add(local.ToIPAddress());
                }
            }
            else
            {
                _addresses.Add(address);
            }
        }
    }

    /// <summary>The port all of them have.</summary>
    public ushort Port { get; private set; }

    /// <summary>UDP sockets by shard.</summary>
    public Socket[][] Udp { get; }

    /// <summary>Listeners by shard; none where TCP is off.</summary>
    public Socket[][] Tcp { get; }

    /// <summary>Opens everything or nothing.</summary>
    /// <exception cref="SocketException">The port is taken, or an address is not ours.</exception>
    public static PortBinding Open(DriverOptions options)
    {
        for (var attempt = 1; ; attempt++)
        {
            var binding = new PortBinding(options);
            try
            {
                binding.OpenAll();
                return binding;
            }
            catch (SocketException error)
            {
                binding.Dispose();
                // The system chose a port that is free on one address or for UDP only: let it choose again.
                if (options.Port != 0 || attempt == Attempts || error.SocketErrorCode != SocketError.AddressAlreadyInUse) throw;
            }
        }
    }

    public void Dispose()
    {
        foreach (var socket in _opened) socket.Dispose();
    }

    private void OpenAll()
    {
        Port = _options.Port;
        for (var shard = 0; shard < _options.ShardCount; shard++)
        {
            var udp = new List<Socket>();
            var tcp = new List<Socket>();
            foreach (var address in _addresses)
            {
                if (OpenOne(address, SocketType.Dgram, shard) is not { } socket) continue;
                udp.Add(socket);
                if (_options.AcceptTcp && OpenOne(address, SocketType.Stream, shard) is { } listener) tcp.Add(listener);
            }

            if (udp.Count == 0) throw new SocketException((int)SocketError.AddressFamilyNotSupported);
            Udp[shard] = [.. udp];
            Tcp[shard] = [.. tcp];
        }

        foreach (var listeners in Tcp)
        {
            foreach (var listener in listeners) listener.Listen(Backlog);
        }
    }

    private Socket? OpenOne(IPAddress address, SocketType type, int shard)
    {
        Socket socket;
        try
        {
            socket = new Socket(address.AddressFamily, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        }
        catch (SocketException) when (address.Equals(IPAddress.IPv6Any))
        {
            return null;
        }

        _opened.Add(socket);
        if (address.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = false;
        if (type == SocketType.Dgram)
        {
            if (_options.Portable) PortableUdpPort.Configure(socket, _options.SocketBufferBytes);
            else LinuxUdpPort.Configure(socket, _options.SocketBufferBytes);
        }
        else
        {
            socket.Blocking = false;
            // A restart must not wait for connections of the last run in TIME_WAIT; on Windows the option would mean sharing.
            if (OperatingSystem.IsLinux()) LinuxUdpPort.SetInteger(socket, Libc.SolSocket, Libc.SoReuseAddress, 1);
        }

        if (shard > 0) LinuxUdpPort.SetInteger(socket, Libc.SolSocket, Libc.SoReusePort, 1);
        try
        {
            socket.Bind(new IPEndPoint(address, Port));
        }
        catch (SocketException error) when (address.Equals(IPAddress.IPv6Any) && error.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            socket.Dispose();
            return null;
        }

        if (shard == 0 && _options.ShardCount > 1) LinuxUdpPort.SetInteger(socket, Libc.SolSocket, Libc.SoReusePort, 1);
        if (Port == 0) Port = (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }
}
