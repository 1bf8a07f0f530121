using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    /// <param name="takesRuns">True for sockets that give joined datagrams (UDP_GRO): fewer and longer buffers.</param>
    public ReceiveBatch(bool takesRuns = false)
    {
        Size = takesRuns ? RunCapacity : Capacity;
        _stride = takesRuns ? RunLength : BufferLength;
        _bytes = GC.AllocateArray<byte>(Size * _stride, pinned: true);
        for (var i = 0; i < Size; i++)
        {
            _messages[i].Header.Name = null; // nobody but the server sends to us
            _messages.Vector(i) = new Libc.IoVector { Base = MessageBatch.PointerTo(_bytes, i * _stride), Length = (nuint)_stride };
            _messages[i].Header.ControlLength = Cmsg.Capacity;
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

    /// <summary>A datagram of the last call, or joined ones of one sender to one address: as many of the bytes as were copied.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Take(int index, out Arrival arrival)
    {
        var length = (int)_messages[index].Length;
        arrival = ReadControl(_messages.Control(index)[..(int)_messages[index].Header.ControlLength], length);
        _messages[index].Header.ControlLength = Cmsg.Capacity;
        return _bytes.AsSpan(index * _stride, Math.Min(length, _isShort ? ShortLength : _stride));
    }

    private static Arrival ReadControl(ReadOnlySpan<byte> control, int length)
    {
        var segment = length;
        uint destination = 0;
        long stamp = 0;
        while (Cmsg.TryTake(ref control, out var level, out var type, out var content))
        {
            switch (level, type)
            {
                case (Libc.SolIp, Libc.IpPacketInfo) when content.Length >= 12:
                    destination = BinaryPrimitives.ReadUInt32BigEndian(content[8..]);
                    break;
                case (Libc.SolUdp, Libc.UdpGro) when content.Length >= sizeof(int):
                    segment = MemoryMarshal.Read<int>(content);
                    break;
                case (Libc.SolSocket, LoadSocket.SoTimestampNanoseconds) when content.Length >= 2 * sizeof(long):
                    stamp = MemoryMarshal.Read<long>(content) * 1_000_000_000 + MemoryMarshal.Read<long>(content[sizeof(long)..]);
                    break;
            }
        }

        return new Arrival(length, segment > 0 ? segment : length, destination, stamp);
    }

    /// <summary>What the kernel tells of a datagram.</summary>
    /// <param name="Length">On the wire; of joined ones their sum.</param>
    /// <param name="Segment">Bytes of each joined datagram but the last.</param>
    /// <param name="Destination">The IPv4 address it was sent to.</param>
    /// <param name="Stamp">When it reached the socket, in nanoseconds of the wall clock; 0 where the kernel did not say.</param>
    public readonly record struct Arrival(int Length, int Segment, uint Destination, long Stamp);
}
