using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>
/// Buffers for one recvmmsg over any socket. Media is counted, not read: with short buffers little of each datagram is copied, and MSG_TRUNC tells its
/// whole length.
/// </summary>
internal sealed unsafe class ReceiveBatch
{
    /// <summary>Datagrams of one call.</summary>
    public const int Capacity = 128;

    private const int BufferLength = 2048;
    private const int RunLength = 64 << 10;
    private const int RunCapacity = 32;
    private const int ShortLength = 96; // whole answers to checks and closing alerts, and few cache lines of media
    private const int Truncate = 0x20; // MSG_TRUNC

    private readonly MessageBatch _messages = new(Capacity);
    private readonly byte[] _bytes;
    private readonly int _stride;
    private bool _isShort;

    /// <param name="takesRuns">True for sockets that give joined datagrams (UDP_GRO): fewer and longer buffers, read by <see cref="TakeRun"/>.</param>
    public ReceiveBatch(bool takesRuns = false)
    {
        Size = takesRuns ? RunCapacity : Capacity;
        _stride = takesRuns ? RunLength : BufferLength;
        _bytes = GC.AllocateArray<byte>(Size * _stride, pinned: true);
        for (var i = 0; i < Size; i++)
        {
            _messages[i].Header.Name = null; // nobody but the server sends to us
            _messages.Vector(i) = new Libc.IoVector { Base = MessageBatch.PointerTo(_bytes, i * _stride), Length = (nuint)_stride };
            Reset(i);
        }
    }

    /// <summary>Messages this batch takes in one call.</summary>
    public int Size { get; }

    /// <summary>True where only the first bytes of each datagram are wanted.</summary>
    public bool IsShort
    {
        get => _isShort;
        set
        {
            if (_isShort == value) return;
            _isShort = value;
            for (var i = 0; i < Size; i++) _messages.Vector(i).Length = (nuint)(value ? ShortLength : _stride);
        }
    }

    /// <summary>Takes what is there, up to <see cref="Capacity"/>; zero where there is nothing.</summary>
    public int Receive(LoadSocket socket, int most = Capacity)
    {
        var count = Libc.ReceiveMessages(socket.Descriptor, _messages.PointerTo(0), (uint)most, Libc.MsgDontWait | Truncate, null);
        return Math.Max(0, count);
    }

    /// <summary>A datagram of the last call: its length on the wire and as much of it as was copied, and the IPv4 address it was sent to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Take(int index, out int length, out uint destination)
    {
        length = (int)_messages[index].Length;
        // One control message was asked for, so it stands first: 16 bytes of header, an interface, the local address, the address in the header.
        destination = BinaryPrimitives.ReadUInt32BigEndian(_messages.Control(index)[24..]);
        Reset(index);
        return _bytes.AsSpan(index * _stride, Math.Min(length, _isShort ? ShortLength : _stride));
    }

    /// <summary>Like the other, for sockets that stamp arrivals; the time is nanoseconds of the wall clock, 0 where the kernel gave none.</summary>
    public Span<byte> Take(int index, out int length, out uint destination, out long arrival)
    {
        length = (int)_messages[index].Length;
        destination = 0;
        arrival = 0;
        var control = _messages.Control(index)[..(int)_messages[index].Header.ControlLength];
        while (control.Length >= 16)
        {
            var size = (int)Unsafe.ReadUnaligned<nuint>(ref control[0]);
            if (size < 16 || size > control.Length) break;
            var level = Unsafe.ReadUnaligned<int>(ref control[8]);
            var type = Unsafe.ReadUnaligned<int>(ref control[12]);
            if (level == Libc.SolIp && type == Libc.IpPacketInfo) destination = BinaryPrimitives.ReadUInt32BigEndian(control[24..]);
            if (level == Libc.SolSocket && type == LoadSocket.SoTimestampNanoseconds)
                arrival = Unsafe.ReadUnaligned<long>(ref control[16]) * 1_000_000_000 + Unsafe.ReadUnaligned<long>(ref control[24]);
            control = control[Math.Min(control.Length, size + 7 & ~7)..];
        }

        Reset(index);
        return _bytes.AsSpan(index * _stride, Math.Min(length, _isShort ? ShortLength : _stride));
    }

    /// <summary>Joined datagrams of one sender to one address: all bytes, and how long each datagram but the last is.</summary>
    public Span<byte> TakeRun(int index, out int segment, out uint destination)
    {
        var length = Math.Min((int)_messages[index].Length, _stride);
        var local = NetworkAddress.FromIPv4(0, 0);
        uint overflows = 0;
        segment = length;
        var control = _messages.Control(index)[..(int)_messages[index].Header.ControlLength];
        Cmsg.Read(control, ref local, ref segment, ref overflows);
        destination = local.IPv4;
        Reset(index);
        return _bytes.AsSpan(index * _stride, length);
    }

    private void Reset(int index) => _messages[index].Header.ControlLength = Cmsg.Capacity;
}
