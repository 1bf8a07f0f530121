using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

/// <summary>Plain sockets as a browser has them. Receive timeouts only keep a broken test from hanging.</summary>
internal static class Peer
{
    private const int PatienceMilliseconds = 10_000;

    public static Socket Udp(IPAddress local)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = PatienceMilliseconds, ReceiveBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(local, 0));
        return socket;
    }

    public static Socket UdpTo(IPAddress remote, int port)
    {
        var socket = Udp(remote.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback);
        socket.Connect(remote, port);
        return socket;
    }

    public static NetworkAddress Address(this Socket socket) => NetworkAddress.From((IPEndPoint)socket.LocalEndPoint!);

    /// <summary>To a peer over UDP, from whichever address of ours the system chooses.</summary>
    public static NetworkPath UdpPath(NetworkAddress to) => new(TransportProtocol.Udp, NetworkAddress.FromIPv4(0, 0), to);

    public static byte[] ReceiveDatagram(this Socket socket)
    {
        var buffer = new byte[65536];
        return buffer[..socket.Receive(buffer)];
    }

    public static byte[] Ask(this Socket socket, params byte[] question)
    {
        socket.Send(question);
        return socket.ReceiveDatagram();
    }

    public static Socket Tcp(IPAddress remote, int port, int? receiveBuffer = null)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = PatienceMilliseconds, NoDelay = true };
        if (receiveBuffer is { } bytes) socket.ReceiveBufferSize = bytes;
        socket.Connect(remote, port);
        return socket;
    }

    public static byte[] Framed(params byte[][] datagrams)
    {
        var stream = new MemoryStream();
        Span<byte> prefix = stackalloc byte[2];
        foreach (var datagram in datagrams)
        {
            BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)datagram.Length);
            stream.Write(prefix);
            stream.Write(datagram);
        }

        return stream.ToArray();
    }

    public static byte[] ReceiveFrame(this Socket socket)
    {
        var prefix = socket.ReceiveExactly(2);
        return socket.ReceiveExactly(BinaryPrimitives.ReadUInt16BigEndian(prefix));
    }

    public static bool IsClosedByPeer(this Socket socket)
    {
        try
        {
            return socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    private static byte[] ReceiveExactly(this Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = socket.Receive(bytes, at, count - at, SocketFlags.None);
            Assert.True(read > 0, "The connection ended within a frame.");
            at += read;
        }

        return bytes;
    }
}
