using System.Net.Sockets;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Floor;

/// <summary>Runs encrypted in place that leave by one sendmmsg: what every floor sends with. One thread.</summary>
internal sealed unsafe class RunQueue
{
    private const int MaxBurst = 64;
    private const int BurstBytes = 96 * 1024; // so much is encrypted before it is sent: more would leave the cache

    private readonly int _descriptor;
    private readonly byte[] _bytes = GC.AllocateArray<byte>(2 * BurstBytes, pinned: true);
    private readonly MessageBatch _messages = new(MaxBurst);
    private int _count;
    private int _used;
    private int _start;

    /// <param name="socket">Sent from.</param>
    public RunQueue(Socket socket) => _descriptor = (int)socket.Handle;

    /// <summary>Where tags that are written together wait; null where none do.</summary>
    public SrtpBatch? Tags { get; } = SrtpBatch.IsWorthwhile ? new SrtpBatch() : null;

    /// <summary>Runs the kernel refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Room for the next packet of the run that was begun.</summary>
    public Span<byte> Next => _bytes.AsSpan(_used);

    /// <summary>Begins a run, and sends what was queued where there is no room for another.</summary>
    public void Begin()
    {
        if (_count == MaxBurst || _used > BurstBytes) Flush();
        _start = _used;
    }

    /// <summary>Takes a packet of so many bytes into the run.</summary>
    public void Add(int length) => _used += length;

    /// <summary>Ends the run: to a receiver's sockaddr_in, in segments of one size.</summary>
    public void End(ReadOnlySpan<byte> name, int segment)
    {
        name[..16].CopyTo(_messages.Name(_count));
        var length = _used - _start;
        _messages.Vector(_count) = new Libc.IoVector { Base = MessageBatch.PointerTo(_bytes, _start), Length = (nuint)length };
        ref var header = ref _messages[_count].Header;
        header.NameLength = 16;
        header.ControlLength = length > segment ? (nuint)Cmsg.WriteSegmentSize(_messages.Control(_count), (ushort)segment) : 0;
        header.Control = length > segment ? MessageBatch.PointerTo(_messages.Controls, _count * Cmsg.Capacity) : null;
        _count++;
    }

    /// <summary>Sends what was queued.</summary>
    public void Flush()
    {
        Tags?.Complete();
        var next = 0;
        while (next < _count)
        {
            var sent = Libc.SendMessages(_descriptor, _messages.PointerTo(next), (uint)(_count - next), Libc.MsgNoSignal);
            if (sent <= 0) Refused++;
            next += Math.Max(1, sent);
        }

        _count = 0;
        _used = 0;
    }

    /// <summary>A receiver's name for <see cref="End"/>.</summary>
    public static byte[] NameOf(uint address, ushort port)
    {
        var name = new byte[SocketName.Capacity];
        SocketName.Write(name, NetworkAddress.FromIPv4(address, port));
        return name;
    }
}
