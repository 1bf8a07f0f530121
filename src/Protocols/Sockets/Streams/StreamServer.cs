using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Streams;

/// <summary>A port that accepts connections and drives the session of each: by epoll on threads of its own, or portably on the thread pool.</summary>
public abstract class StreamServer : IAsyncDisposable
{
    private const int Backlog = 512;

    private protected StreamServer(StreamOptions options, IStreamListener listener, Socket[] sockets, ushort port)
    {
        Options = options;
        Listener = listener;
        Sockets = sockets;
        Port = port;
        Places = new ConnectionPlaces(options.MaxConnections, options.MaxConnectionsPerAddress);
    }

    /// <summary>The port it listens on.</summary>
    public ushort Port { get; }

    /// <summary>Connections now.</summary>
    public int ConnectionCount => Places.Count;

    /// <summary>Connections that were closed at once because a limit was reached.</summary>
    public long TurnedAway => Places.TurnedAway;

    private protected StreamOptions Options { get; }

    private protected IStreamListener Listener { get; }

    private protected Socket[] Sockets { get; }

    private protected ConnectionPlaces Places { get; }

    /// <summary>Opens the port; nothing is accepted before <see cref="Start"/>.</summary>
    /// <exception cref="SocketException">The port is taken, or an address is not ours.</exception>
    public static StreamServer Open(StreamOptions options, IStreamListener listener)
    {
        var sockets = OpenSockets(options, out var port);
        return options.Portable ? new PortableStreamServer(options, listener, sockets, port) : new EpollStreamServer(options, listener, sockets, port);
    }

    /// <summary>Begins to accept.</summary>
    public abstract void Start();

    /// <summary>
    /// Stops accepting. Sessions that are over, or become so by a wake that came before, get the time of a farewell
    /// (<see cref="StreamOptions.Farewell"/>) for their last words to be read; the others are told that their connection is closed.
    /// </summary>
    public abstract Task StopAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    private protected static NetworkAddress? RemoteOf(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            return NetworkAddress.From((IPEndPoint)socket.RemoteEndPoint!);
        }
        catch (SocketException)
        {
            return null; // reset before we could ask
        }
    }

    private static Socket[] OpenSockets(StreamOptions options, out ushort port)
    {
        const int attempts = 16;
        for (var attempt = 1; ; attempt++)
        {
            var opened = new List<Socket>();
            port = options.Port;
            try
            {
                foreach (var address in options.BindAddresses)
                {
                    if (TryOpen(address, port) is not { } socket) continue;
                    opened.Add(socket);
                    port = (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;
                }

                if (opened.Count == 0) throw new SocketException((int)SocketError.AddressFamilyNotSupported);
                foreach (var socket in opened) socket.Listen(Backlog);
                return [.. opened];
            }
            catch (SocketException error)
            {
                foreach (var socket in opened) socket.Dispose();
                if (options.Port != 0 || attempt == attempts || error.SocketErrorCode != SocketError.AddressAlreadyInUse) throw;
            }
        }
    }

    private static Socket? TryOpen(IPAddress address, ushort port)
    {
        Socket socket;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        }
        catch (SocketException) when (address.Equals(IPAddress.IPv6Any))
        {
            return null;
        }

        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = false;
            if (OperatingSystem.IsLinux()) LinuxUdpPort.SetInteger(socket, Libc.SolSocket, Libc.SoReuseAddress, 1);
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        }
        catch (SocketException error) when (address.Equals(IPAddress.IPv6Any) && error.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            socket.Dispose();
            return null;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }
}
