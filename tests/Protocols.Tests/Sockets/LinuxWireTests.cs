using System.Net;
using System.Runtime.InteropServices;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Sockets.Portable;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

/// <summary>What goes over the border to the kernel, byte for byte.</summary>
public sealed class LinuxWireTests
{
    [Theory]
    [InlineData("0.0.0.0", 0)]
    [InlineData("127.0.0.1", 80)]
    [InlineData("203.0.113.255", 65535)]
    [InlineData("::", 1)]
    [InlineData("2001:db8::f00d", 40000)]
    [InlineData("fe80::1%3", 9)]
    public void Socket_name_round_trips_and_equals_what_dotnet_writes(string address, int port)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), port);
        var value = NetworkAddress.From(endPoint);
        var name = new byte[SocketName.Capacity];
        new Random(1).NextBytes(name);
        var length = SocketName.Write(name, value);
        Assert.True(SocketName.TryRead(name.AsSpan(0, length), out var read));
        Assert.Equal(value, read);
        if (OperatingSystem.IsLinux()) Assert.Equal(endPoint.Serialize().Buffer.ToArray(), name[..length]);

        var portable = PortableName.Create(endPoint.AddressFamily);
        PortableName.Write(portable, value);
        Assert.Equal(endPoint.Serialize(), portable);
        Assert.True(PortableName.TryRead(portable, out read));
        Assert.Equal(value, read);
    }

    [Fact]
    public void Socket_name_that_is_cut_or_of_another_family_is_refused()
    {
        var name = new byte[SocketName.Capacity];
        var length = SocketName.Write(name, NetworkAddress.From(IPAddress.IPv6Loopback, 5));
        for (var cut = 0; cut < length; cut++) Assert.False(SocketName.TryRead(name.AsSpan(0, cut), out _));
        name[0] = 1; // AF_UNIX
        Assert.False(SocketName.TryRead(name, out _));
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("2001:db8::1")]
    [InlineData("fe80::7%2")]
    public void Control_messages_are_read_back(string address)
    {
        var local = NetworkAddress.From(IPAddress.Parse(address), 0);
        var control = new byte[Cmsg.Capacity];
        var used = Cmsg.WriteSource(control, local);
        used += WriteInteger(control.AsSpan(used), Libc.SolUdp, Libc.UdpGro, 1234);
        used += WriteInteger(control.AsSpan(used), Libc.SolSocket, Libc.SoReceiveOverflow, 77);
        NetworkAddress read = default;
        var size = -1;
        uint overflows = 0;
        Cmsg.Read(control.AsSpan(0, used), ref read, ref size, ref overflows);
        Assert.Equal(77u, overflows);
        Assert.Equal(local, read);
        Assert.Equal(1234, size);
    }

    [Fact]
    public void Cut_and_random_control_messages_leave_the_defaults_or_something_whole()
    {
        var random = new Random(3);
        var control = new byte[Cmsg.Capacity];
        var used = Cmsg.WriteSource(control, NetworkAddress.FromIPv4(0x01020304, 0));
        for (var cut = 0; cut < used - 4; cut++)
        {
            NetworkAddress local = default;
            var size = 99;
            uint overflows = 5;
            Cmsg.Read(control.AsSpan(0, cut), ref local, ref size, ref overflows);
            Assert.Equal(5u, overflows);
            Assert.Equal(99, size);
            Assert.Equal(default, local);
        }

        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(control);
            if (i % 2 == 0) MemoryMarshal.Write(control, (nuint)random.Next(64));
            NetworkAddress local = default;
            var size = 0;
            uint overflows = 0;
            Cmsg.Read(control.AsSpan(0, random.Next(control.Length)), ref local, ref size, ref overflows);
        }
    }

    [Theory]
    [InlineData(Errno.Interrupted, false, SendVerdict.Retry)]
    [InlineData(Errno.Interrupted, true, SendVerdict.Retry)]
    [InlineData(Errno.Again, false, SendVerdict.AwaitRoom)]
    [InlineData(Errno.Again, true, SendVerdict.AwaitRoom)]
    [InlineData(Errno.NoBuffers, true, SendVerdict.AwaitRoom)]
    [InlineData(Errno.MessageTooLong, true, SendVerdict.SplitRun)]
    [InlineData(Errno.Invalid, true, SendVerdict.SplitRun)]
    [InlineData(Errno.InputOutput, true, SendVerdict.SplitRun)]
    [InlineData(Errno.MessageTooLong, false, SendVerdict.DropTooLong)]
    [InlineData(Errno.Invalid, false, SendVerdict.DropInvalid)]
    [InlineData(Errno.InputOutput, false, SendVerdict.DropInvalid)]
    [InlineData(Errno.ConnectionRefused, true, SendVerdict.DropUnreachable)]
    [InlineData(Errno.NotPermitted, false, SendVerdict.DropUnreachable)]
    [InlineData(Errno.NetworkUnreachable, false, SendVerdict.DropUnreachable)]
    [InlineData(12345, false, SendVerdict.DropInvalid)]
    [InlineData(12345, true, SendVerdict.DropInvalid)]
    internal void Send_error_is_judged(int error, bool isRun, SendVerdict verdict) => Assert.Equal(verdict, SendVerdicts.Judge(error, isRun));

    private static int WriteInteger(Span<byte> control, int level, int type, int value)
    {
        // As the kernel writes it: an int, where UDP_SEGMENT is sent as 16 bits.
        var used = Cmsg.WriteSegmentSize(control, 0);
        MemoryMarshal.Write(control, (nuint)(16 + sizeof(int)));
        MemoryMarshal.Write(control[8..], level);
        MemoryMarshal.Write(control[12..], type);
        MemoryMarshal.Write(control[16..], value);
        return used;
    }
}
