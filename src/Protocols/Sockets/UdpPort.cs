using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets;

/// <summary>One received message: one datagram, or several of one peer that the kernel joined (UDP_GRO).</summary>
internal struct ReceivedMessage
{
    public NetworkPath Path;
    public int Offset;
    public int Length;
    public int SegmentSize;
}

/// <summary>
/// The UDP sockets of one driver, one for each bound address, with a receive batch and a send batch in pinned memory. Only the driver's thread uses it.
/// The send batch is filled in place: <see cref="Reserve"/>, write, <see cref="Commit"/>; when it is full, or at the end of a turn, it is flushed.
/// </summary>
internal abstract class UdpPort : IDisposable
{
    /// <summary>The longest run, so that its UDP and IPv6 headers fit 65535 bytes (RFC 768, RFC 8200 §3).</summary>
    public const int MaxRunBytes = ushort.MaxValue - 48;

    private const int SlabBytes = 1 << 20;
    private const int MaxQueued = 64;

    private readonly Transmit[] _transmits = new Transmit[MaxQueued];
    private readonly int[] _offsets = new int[MaxQueued];
    private int _queued;
    private int _used;

    protected UdpPort(DriverStatistics statistics, int receiveBatch, int receiveStride)
    {
        Statistics = statistics;
        Received = new ReceivedMessage[receiveBatch];
        ReceiveSlab = GC.AllocateUninitializedArray<byte>(receiveBatch * receiveStride, pinned: true);
        SendSlab = GC.AllocateUninitializedArray<byte>(SlabBytes, pinned: true);
    }

    /// <summary>Called before a batch is sent: its bytes may want finishing.</summary>
    public Action? Completing { get; set; }

    /// <summary>What the last <see cref="Receive"/> brought.</summary>
    public ReceivedMessage[] Received { get; }

    /// <summary>Where the bytes of <see cref="Received"/> are.</summary>
    public byte[] ReceiveSlab { get; }

    /// <summary>The sockets, in the order of the poller's indices.</summary>
    public abstract ReadOnlySpan<Socket> Sockets { get; }

    protected DriverStatistics Statistics { get; }

    protected byte[] SendSlab { get; }

    /// <summary>Receives one batch from one socket; the number of messages in <see cref="Received"/>, 0 where there was nothing.</summary>
    public abstract int Receive(int socket);

    public abstract void Dispose();

    /// <summary>Room for the next datagram or run; valid until <see cref="Commit"/> or <see cref="Flush"/>.</summary>
    public Span<byte> Reserve() => SendSlab.AsSpan(_used, MaxRunBytes);

    /// <summary>Takes what was written to the reserved room; flushes where the batch is full then.</summary>
    public void Commit(in Transmit transmit)
    {
        _transmits[_queued] = transmit;
        _offsets[_queued] = _used;
        _queued++;
        _used += (transmit.Length + 63) & ~63;
        if (_queued == MaxQueued || _used + MaxRunBytes > SlabBytes) Flush();
    }

    /// <summary>Sends the batch. What the kernel does not take is dropped and counted.</summary>
    public void Flush()
    {
        if (_queued == 0) return;
        Completing?.Invoke();
        Send(_transmits.AsSpan(0, _queued), _offsets);
        _queued = 0;
        _used = 0;
    }

    /// <summary>Sends transmits whose bytes are in <see cref="SendSlab"/> at the offsets.</summary>
    protected abstract void Send(ReadOnlySpan<Transmit> transmits, ReadOnlySpan<int> offsets);
}
