using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>
/// One UDP socket that many clients share: bound to every address, it sends from the source address each call names, and tells by IP_PKTINFO to whom a
/// datagram came. So thousands of clients with addresses of their own cost a few dozen sockets. One thread at a time.
/// </summary>
internal sealed unsafe class LoadSocket : IDisposable
{
    /// <summary>The longest datagram that can be sent.</summary>
    public const int MaxDatagram = 1500;

    private const int Capacity = 64;
    private const int WantedBuffer = 32 << 20;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly MessageBatch _messages = new(Capacity);
    private readonly byte[] _bytes = GC.AllocateArray<byte>(Capacity * MaxDatagram, pinned: true);
    private int _count;

    /// <param name="receiveBuffer">Bytes of the receive buffer; null for as much as the kernel gives.</param>
    public LoadSocket(int? receiveBuffer = null)
    {
        Descriptor = (int)_socket.Handle;
        SetOption(SocketOptionLevel.IP, Libc.IpPacketInfo, 1);
        if (receiveBuffer is { } wanted)
        {
            _socket.ReceiveBufferSize = wanted;
        }
        else
        {
            // The forced options need CAP_NET_ADMIN; without it the kernel's limit is what there is.
            if (!TrySetOption(Libc.SoReceiveBufferForce, WantedBuffer)) _socket.ReceiveBufferSize = WantedBuffer;
            if (!TrySetOption(Libc.SoSendBufferForce, WantedBuffer)) _socket.SendBufferSize = WantedBuffer;
        }

        _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        Port = (ushort)((IPEndPoint)_socket.LocalEndPoint!).Port;
        for (var i = 0; i < Capacity; i++)
        {
            _messages[i].Header.NameLength = (uint)SocketName.Write(_messages.Name(i), NetworkAddress.FromIPv4(0, 0));
            _messages[i].Header.ControlLength = (nuint)Cmsg.WriteSource(_messages.Control(i), NetworkAddress.FromIPv4(0, 0));
        }
    }

    public int Descriptor { get; }

    public ushort Port { get; }

    /// <summary>Bytes of the receive buffer as the kernel counts them.</summary>
    public int ReceiveBuffer => _socket.ReceiveBufferSize;

    /// <summary>Datagrams the kernel would not take; a load that has some is none.</summary>
    public long Refused { get; private set; }

    /// <summary>Has the kernel hand over runs whole, as they were sent (UDP_GRO); false where it cannot.</summary>
    public bool JoinRuns() => TrySetOption(Libc.UdpGro, 1, Libc.SolUdp);

    /// <summary>Asks the kernel for the wall-clock time of every arrival.</summary>
    public void StampArrivals() => TrySetOption(SoTimestampNanoseconds, 1);

    /// <summary>Now by the clock of those times: nanoseconds since 1970.</summary>
    public static long WallNanoseconds => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>SO_TIMESTAMPNS, as an option and as the type of its control message.</summary>
    public const int SoTimestampNanoseconds = 35;

    /// <summary>Where the next datagram is to be written; <see cref="Send"/> queues it.</summary>
    public Span<byte> Next => _bytes.AsSpan(_count * MaxDatagram, MaxDatagram);

    /// <summary>Queues what stands in <see cref="Next"/>.</summary>
    public void Send(uint source, in NetworkAddress remote, int length)
    {
        var name = _messages.Name(_count);
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], remote.Port);
        BinaryPrimitives.WriteUInt32BigEndian(name[4..], remote.IPv4);
        BinaryPrimitives.WriteUInt32BigEndian(_messages.Control(_count)[20..], source);
        _messages.Vector(_count) = new Libc.IoVector { Base = MessageBatch.PointerTo(_bytes, _count * MaxDatagram), Length = (nuint)length };
        if (++_count == Capacity) Flush();
    }

    /// <summary>Sends everything queued.</summary>
    public void Flush()
    {
        var next = 0;
        while (next < _count)
        {
            var sent = Libc.SendMessages(Descriptor, _messages.PointerTo(next), (uint)(_count - next), Libc.MsgNoSignal);
            if (sent > 0)
            {
                next += sent;
                continue;
            }

            if (Marshal.GetLastPInvokeError() == Errno.Interrupted) continue;
            Refused++;
            next++;
        }

        _count = 0;
    }

    public void Dispose() => _socket.Dispose();

    private void SetOption(SocketOptionLevel level, int option, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(bytes, value);
        _socket.SetRawSocketOption((int)level, option, bytes);
    }

    private bool TrySetOption(int option, int value, int level = Libc.SolSocket)
    {
        try
        {
            SetOption((SocketOptionLevel)level, option, value);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
