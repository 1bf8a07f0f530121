using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Linux;

/// <summary>UDP by recvmmsg with UDP_GRO and sendmmsg with UDP_SEGMENT; each datagram's local address comes and goes as packet information.</summary>
internal sealed unsafe class LinuxUdpPort : UdpPort
{
    private const int BatchMessages = 32;

    // Joined datagrams fill up to 64 KiB; the odd stride spreads the messages' first lines over the cache.
    private const int StrideBytes = (64 << 10) + 192;

    private readonly LinuxUdpSocket[] _sockets;
    private readonly NetworkAddress[] _bound;
    private readonly Socket[] _plain;
    private readonly uint[] _overflows; // as the kernel counts them for each socket, wrapping
    private readonly MessageBatch _batch = new(BatchMessages);

    public LinuxUdpPort(Socket[] sockets, DriverStatistics statistics)
        : base(statistics, BatchMessages, StrideBytes)
    {
        _plain = sockets;
        _sockets = new LinuxUdpSocket[sockets.Length];
        _bound = new NetworkAddress[sockets.Length];
        _overflows = new uint[sockets.Length];
        for (var i = 0; i < sockets.Length; i++)
        {
            var endPoint = (System.Net.IPEndPoint)sockets[i].LocalEndPoint!;
            _bound[i] = NetworkAddress.From(endPoint);
            _sockets[i] = new LinuxUdpSocket(sockets[i], statistics, IsWildcard(_bound[i]));
        }

        for (var i = 0; i < BatchMessages; i++)
        {
            _batch.Vector(i) = new Libc.IoVector { Base = MessageBatch.PointerTo(ReceiveSlab, i * StrideBytes), Length = StrideBytes };
        }
    }

    public override ReadOnlySpan<Socket> Sockets => _plain;

    /// <summary>False once the kernel refused runs on one of the sockets for good.</summary>
    public bool MakesRuns => Array.TrueForAll(_sockets, static s => s.MakesRuns);

    public override int Receive(int socket)
    {
        for (var i = 0; i < BatchMessages; i++)
        {
            ref var header = ref _batch[i].Header;
            header.NameLength = SocketName.Capacity;
            header.ControlLength = Cmsg.Capacity;
        }

        // An error (a peer's ICMP answer, for one) is taken off the socket by being reported; there is nothing to do about it.
        var received = Libc.ReceiveMessages(_sockets[socket].Descriptor, _batch.PointerTo(0), BatchMessages, Libc.MsgDontWait, null);
        if (received <= 0) return 0;
        Statistics.ReceiveCallsCount++;
        var count = 0;
        var overflows = _overflows[socket];
        for (var i = 0; i < received; i++)
        {
            ref var header = ref _batch[i].Header;
            if ((header.Flags & Libc.MsgTruncated) != 0)
            {
                Statistics.TruncatedCount++;
                continue;
            }

            if (!SocketName.TryRead(_batch.Name(i)[..(int)header.NameLength], out var remote)) continue;
            var length = (int)_batch[i].Length;
            var local = _bound[socket];
            var segmentSize = length;
            Cmsg.Read(_batch.Control(i)[..(int)header.ControlLength], ref local, ref segmentSize, ref overflows);
            ref var message = ref Received[count++];
            message.Path = new NetworkPath(TransportProtocol.Udp, local.WithPort(_bound[socket].Port), remote);
            message.Offset = i * StrideBytes;
            message.Length = length;
            message.SegmentSize = segmentSize;
        }

        Statistics.ReceiveOverflowsCount += overflows - _overflows[socket];
        _overflows[socket] = overflows;
        return count;
    }

    public override void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
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

            _sockets[socket].Add(transmit, MessageBatch.PointerTo(SendSlab, offsets[i]));
        }

        foreach (var socket in _sockets) socket.Flush();
    }

    // The socket bound to the very address, else the wildcard of the family.
    private int SocketFor(in NetworkPath path)
    {
        var fallback = -1;
        for (var i = 0; i < _bound.Length; i++)
        {
            if (_bound[i].IsIPv4 != path.Remote.IsIPv4) continue;
            if (_bound[i].High == path.Local.High && _bound[i].Low == path.Local.Low) return i;
            if (IsWildcard(_bound[i])) fallback = i;
        }

        return fallback;
    }

    private static bool IsWildcard(in NetworkAddress address) => address.IsIPv4 ? address.IPv4 == 0 : (address.High | address.Low) == 0;

    /// <summary>Sets the options of a socket before it is bound.</summary>
    public static void Configure(Socket socket, int bufferBytes)
    {
        var isIPv4 = socket.AddressFamily == AddressFamily.InterNetwork;
        SetInteger(socket, isIPv4 ? Libc.SolIp : Libc.SolIpv6, isIPv4 ? Libc.IpPacketInfo : Libc.Ipv6ReceivePacketInfo, 1);
        if (!TrySetInteger(socket, Libc.SolSocket, Libc.SoReceiveBufferForce, bufferBytes)) SetInteger(socket, Libc.SolSocket, Libc.SoReceiveBuffer, bufferBytes);
        if (!TrySetInteger(socket, Libc.SolSocket, Libc.SoSendBufferForce, bufferBytes)) SetInteger(socket, Libc.SolSocket, Libc.SoSendBuffer, bufferBytes);
        TrySetInteger(socket, Libc.SolSocket, Libc.SoReceiveOverflow, 1);

        // Datagrams that are never fragmented need no identification (RFC 6864 §4.1), which the kernel takes from a table that all processors share.
        if (isIPv4) TrySetInteger(socket, Libc.SolIp, Libc.IpMtuDiscover, Libc.PathMtuDo);
        TrySetInteger(socket, Libc.SolUdp, Libc.UdpGro, 1); // kernels before 5.0 do without
    }

    /// <summary>Sets an option of four bytes.</summary>
    public static void SetInteger(Socket socket, int level, int option, int value) =>
        socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    /// <summary>Sets an option of four bytes; false where the kernel refuses.</summary>
    public static bool TrySetInteger(Socket socket, int level, int option, int value)
    {
        try
        {
            SetInteger(socket, level, option, value);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
