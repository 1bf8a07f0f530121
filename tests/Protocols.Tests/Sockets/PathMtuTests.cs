using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Sockets;

public sealed unsafe class PathMtuTests : IDisposable
{
    private readonly Socket _receiver = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
    private readonly DriverStatistics _statistics = new();
    private readonly byte[] _bytes = GC.AllocateArray<byte>(66_000, pinned: true);
    private readonly LinuxUdpSocket _sender;

    public PathMtuTests()
    {
        _receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        if (OperatingSystem.IsLinux()) LinuxUdpPort.Configure(socket, 1 << 20);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _sender = new LinuxUdpSocket(socket, _statistics, wildcard: false);
    }

    [LinuxFact]
    public void Nothing_is_fragmented_while_everything_fits()
    {
        Send(1200);

        Assert.Equal((Libc.PathMtuDo, 1200), (Discovery, Receive()));
    }

    [LinuxFact]
    public void Where_something_does_not_fit_the_kernel_may_fragment_from_then_on()
    {
        Send(65_520); // more than UDP can carry: refused like what is longer than the path takes

        Assert.Equal(Libc.PathMtuWant, Discovery);
        Assert.Equal((2L, 1L, 0L), (_statistics.SendCallsCount, _statistics.SendTooLongCount, _statistics.DatagramsSentCount)); // it was tried once more
        Send(1200);
        Assert.Equal((1200, 1L), (Receive(), _statistics.DatagramsSentCount));
    }

    [LinuxFact]
    public void A_second_one_is_dropped_without_asking_twice()
    {
        Send(65_520);
        var calls = _statistics.SendCallsCount;
        Send(65_520);

        Assert.Equal((1L, 2L), (_statistics.SendCallsCount - calls, _statistics.SendTooLongCount));
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    private int Discovery
    {
        get
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            _sender.Socket.GetRawSocketOption(Libc.SolIp, Libc.IpMtuDiscover, value);
            return BitConverter.ToInt32(value);
        }
    }

    private void Send(int length)
    {
        var port = (ushort)((IPEndPoint)_receiver.LocalEndPoint!).Port;
        var path = new NetworkPath(TransportProtocol.Udp, NetworkAddress.FromIPv4(0x7f00_0001, 0), NetworkAddress.FromIPv4(0x7f00_0001, port));
        fixed (byte* bytes = _bytes)
        {
            _sender.Add(new Transmit(path, length), bytes);
            _sender.Flush();
        }
    }

    private int Receive() => _receiver.Receive(new byte[2048]);
}
