using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Portable;

/// <summary>
/// UDP by System.Net.Sockets alone: one call per datagram, no runs. .NET reports a datagram's local address only with allocations, so there is one socket for
/// each local address instead, and a datagram leaves from the socket of its path. Errors of a send are exceptions inside .NET; only then does it allocate.
/// </summary>
internal sealed class PortableUdpPort : UdpPort
{
    private const int BatchMessages = 32;
    private const int StrideBytes = 2048;
    private const int DisableConnectionReset = -1744830452; // SIO_UDP_CONNRESET

    private readonly Socket[] _sockets;
    private readonly NetworkAddress[] _bound;
    private readonly SocketAddress[] _names;

    public PortableUdpPort(Socket[] sockets, DriverStatistics statistics)
        : base(statistics, BatchMessages, StrideBytes)
    {
        _sockets = sockets;
        _bound = new NetworkAddress[sockets.Length];
        _names = new SocketAddress[sockets.Length];
        for (var i = 0; i < sockets.Length; i++)
        {
            _bound[i] = NetworkAddress.From((IPEndPoint)sockets[i].LocalEndPoint!);
            _names[i] = PortableName.Create(sockets[i].AddressFamily);
            sockets[i].Blocking = false;
        }
    }

    public override ReadOnlySpan<Socket> Sockets => _sockets;

    public override int Receive(int socket)
    {
        var count = 0;
        var calls = 0;
        // Asking first costs a call, an empty socket would cost an exception.
        while (count < BatchMessages && calls++ < BatchMessages && _sockets[socket].Poll(0, SelectMode.SelectRead))
        {
            var offset = count * StrideBytes;
            int length;
            try
            {
                length = _sockets[socket].ReceiveFrom(ReceiveSlab.AsSpan(offset, StrideBytes), SocketFlags.None, _names[socket]);
            }
            catch (SocketException error)
            {
                if (error.SocketErrorCode == SocketError.MessageSize) Statistics.TruncatedCount++;
                continue;
            }

            if (length == StrideBytes)
            {
                Statistics.TruncatedCount++; // where the system does not say so, a full buffer is taken for a cut datagram
                continue;
            }

            if (!PortableName.TryRead(_names[socket], out var remote)) continue;
            ref var message = ref Received[count++];
            message.Path = new NetworkPath(TransportProtocol.Udp, _bound[socket], remote);
            message.Offset = offset;
            message.Length = length;
            message.SegmentSize = length;
        }

        if (count > 0) Statistics.ReceiveCallsCount++;
        return count;
    }

    public override void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
    }

    /// <summary>Sets the options of a socket before it is bound.</summary>
    public static void Configure(Socket socket, int bufferBytes)
    {
        try
        {
            socket.ReceiveBufferSize = bufferBytes;
            socket.SendBufferSize = bufferBytes;
        }
        catch (SocketException)
        {
            // Some systems refuse what is above their limit instead of granting less; their default then stands.
        }

        if (OperatingSystem.IsWindows()) socket.IOControl(DisableConnectionReset, [0, 0, 0, 0], null);
    }

    protected override void Send(ReadOnlySpan<Transmit> transmits, ReadOnlySpan<int> offsets)
    {
        for (var i = 0; i < transmits.Length; i++)
        {
            ref readonly var transmit = ref transmits[i];
            var socket = SocketFor(transmit.Path);
            if (socket < 0)
            {
                Statistics.SendInvalidCount++;
                continue;
            }

            PortableName.Write(_names[socket], transmit.Path.Remote);
            var bytes = SendSlab.AsSpan(offsets[i], transmit.Length);
            var size = Math.Max(1, transmit.SegmentSize);
            do
            {
                var datagram = bytes[..Math.Min(size, bytes.Length)];
                SendOne(socket, datagram);
                bytes = bytes[datagram.Length..];
            }
            while (!bytes.IsEmpty);
        }
    }

    private void SendOne(int socket, ReadOnlySpan<byte> datagram)
    {
        Statistics.SendCallsCount++;
        try
        {
            _sockets[socket].SendTo(datagram, SocketFlags.None, _names[socket]);
            Statistics.DatagramsSentCount++;
            Statistics.BytesSentCount += datagram.Length;
        }
        catch (SocketException error)
        {
            switch (error.SocketErrorCode)
            {
                case SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable:
                    Statistics.SendBufferFullCount++;
                    break;
                case SocketError.MessageSize:
                    Statistics.SendTooLongCount++;
                    break;
                case SocketError.InvalidArgument:
                    Statistics.SendInvalidCount++;
                    break;
                default:
                    Statistics.SendUnreachableCount++;
                    break;
            }
        }
    }

    // The socket bound to the very address; for a path without one, the first of the family.
    private int SocketFor(in NetworkPath path)
    {
        var fallback = -1;
        for (var i = 0; i < _bound.Length; i++)
        {
            if (_bound[i].IsIPv4 != path.Remote.IsIPv4) continue;
            if (_bound[i].High == path.Local.High && _bound[i].Low == path.Local.Low) return i;
            if (fallback < 0) fallback = i;
        }

        return IsUnspecified(path.Local) ? fallback : -1;
    }

    private static bool IsUnspecified(in NetworkAddress address) => address.IsIPv4 ? address.IPv4 == 0 : (address.High | address.Low) == 0;
}
