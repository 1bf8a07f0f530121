using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Linux;

/// <summary>
/// The send side of one UDP socket: messages are queued as headers over the port's slab and leave by sendmmsg, in order. Runs go as one message with
/// UDP_SEGMENT; where the kernel refuses one, as single datagrams.
/// </summary>
/// <remarks>
/// Policy when the kernel's buffer is full: wait up to <see cref="PatienceMilliseconds"/>, then drop the oldest message, ask again, and so on, without waiting again before a
/// whole flush has gone through smoothly. Media is perishable: what waits longer is better lost than late, and other peers' input must not wait with it.
/// </remarks>
internal sealed unsafe class LinuxUdpSocket(Socket socket, DriverStatistics statistics, bool wildcard) : IDisposable
{
    private const int MaxMessages = 64;
    private const int MaxSegments = 64; // UDP_MAX_SEGMENTS of kernels before 6.9; later ones take 128
    private const int PatienceMilliseconds = 4;

    // So many runs refused in a row, each fine as single datagrams, and the socket stops making runs.
    private const int RefusalsForGood = 16;

    private readonly MessageBatch _messages = new(MaxMessages);
    private readonly MessageBatch _singles = new(MaxSegments);
    private readonly int[] _segmentSizes = new int[MaxMessages];
    private readonly int _descriptor = (int)socket.Handle;
    private int _count;
    private int _refusedInARow;
    private int _patience = PatienceMilliseconds;
    private bool _smooth;
    private bool _mayFragment;

    public Socket Socket { get; } = socket;

    public int Descriptor => _descriptor;

    /// <summary>False once the kernel refused runs for good.</summary>
    public bool MakesRuns => _refusedInARow < RefusalsForGood;

    /// <summary>Queues a transmit whose bytes stay where they are until <see cref="Flush"/>.</summary>
    public void Add(in Transmit transmit, byte* bytes)
    {
        var size = transmit.SegmentSize <= 0 ? transmit.Length : Math.Min(transmit.SegmentSize, transmit.Length);
        var step = size == 0 ? 1 : MakesRuns ? Math.Min(MaxSegments, Math.Max(1, UdpPort.MaxRunBytes / size)) * size : size;
        var offset = 0;
        do
        {
            if (_count == MaxMessages) Flush();
            var length = Math.Min(step, transmit.Length - offset);
            Fill(_messages, _count, transmit.Path, bytes + offset, length, size);
            _segmentSizes[_count++] = size;
            offset += length;
        }
        while (offset < transmit.Length);
    }

    /// <summary>Sends everything queued, or drops it by the policy.</summary>
    public void Flush()
    {
        if (_count == 0) return;
        var count = _count;
        _count = 0;
        _smooth = true;
        SendAll(_messages, count, mayBeRuns: true);
        if (_smooth) _patience = PatienceMilliseconds;
    }

    public void Dispose() => Socket.Dispose();

    // True where at least one message left.
    private bool SendAll(MessageBatch batch, int count, bool mayBeRuns)
    {
        var any = false;
        var next = 0;
        while (next < count)
        {
            statistics.SendCallsCount++;
            var sent = Libc.SendMessages(_descriptor, batch.PointerTo(next), (uint)(count - next), Libc.MsgDontWait | Libc.MsgNoSignal);
            if (sent > 0)
            {
                any = true;
                for (var end = next + sent; next < end; next++) CountSent(batch, next, mayBeRuns);
                continue;
            }

            var isRun = mayBeRuns && SegmentsOf(batch, next) > 1;
            switch (SendVerdicts.Judge(Marshal.GetLastPInvokeError(), isRun))
            {
                case SendVerdict.Retry:
                    continue;
                case SendVerdict.AwaitRoom:
                    if (AwaitRoom()) continue;
                    statistics.SendBufferFullCount += isRun ? SegmentsOf(batch, next) : 1;
                    break;
                case SendVerdict.SplitRun:
                    SendSingly(next);
                    break;
                case SendVerdict.DropUnreachable:
                    statistics.SendUnreachableCount += isRun ? SegmentsOf(batch, next) : 1;
                    break;
                case SendVerdict.DropTooLong:
                    if (AllowsFragments()) continue;
                    statistics.SendTooLongCount++;
                    break;
                default:
                    statistics.SendInvalidCount++;
                    break;
            }

            next++;
        }

        return any;
    }

    // Somebody's path is narrower than our datagrams: from now on the kernel fragments what does not fit, at the price of an identification for each.
    private bool AllowsFragments()
    {
        if (_mayFragment) return false;
        _mayFragment = true;
        return Socket.AddressFamily == AddressFamily.InterNetwork && LinuxUdpPort.TrySetInteger(Socket, Libc.SolIp, Libc.IpMtuDiscover, Libc.PathMtuWant);
    }

    private void SendSingly(int message)
    {
        ref var vector = ref _messages.Vector(message);
        var size = _segmentSizes[message];
        var count = 0;
        for (var offset = 0; offset < (int)vector.Length; offset += size)
        {
            // The run's name serves every datagram; of its control block the source address alone.
            ref var header = ref _singles[count].Header;
            ref var run = ref _messages[message].Header;
            header.Name = run.Name;
            header.NameLength = run.NameLength;
            header.Control = run.Control;
            header.ControlLength = run.ControlLength - (nuint)SegmentSizeBytes;
            if (header.ControlLength == 0) header.Control = null;
            _singles.Vector(count) = new Libc.IoVector { Base = vector.Base + offset, Length = (nuint)Math.Min(size, (int)vector.Length - offset) };
            count++;
        }

        statistics.RunsSplitCount++;
        // A run may also be refused for its path (an address we no longer have): only a run that goes through in pieces speaks against runs.
        if (SendAll(_singles, count, mayBeRuns: false)) _refusedInARow++;
    }

    private static int SegmentSizeBytes { get; } = Cmsg.WriteSegmentSize(stackalloc byte[Cmsg.Capacity], 1);

    private void Fill(MessageBatch batch, int index, in NetworkPath path, byte* bytes, int length, int segmentSize)
    {
        batch.Vector(index) = new Libc.IoVector { Base = bytes, Length = (nuint)length };
        ref var header = ref batch[index].Header;
        header.NameLength = (uint)SocketName.Write(batch.Name(index), path.Remote);
        var control = batch.Control(index);
        var used = 0;
        if (wildcard && !IsUnspecified(path.Local)) used += Cmsg.WriteSource(control, path.Local);
        if (length > segmentSize) used += Cmsg.WriteSegmentSize(control[used..], (ushort)segmentSize);
        header.ControlLength = (nuint)used;
        header.Control = used == 0 ? null : MessageBatch.PointerTo(batch.Controls, index * Cmsg.Capacity);
    }

    private void CountSent(MessageBatch batch, int index, bool mayBeRuns)
    {
        var segments = mayBeRuns ? SegmentsOf(batch, index) : 1;
        if (segments > 1)
        {
            statistics.RunsSentCount++;
            _refusedInARow = 0;
        }

        statistics.DatagramsSentCount += segments;
        statistics.BytesSentCount += (long)batch.Vector(index).Length;
    }

    private int SegmentsOf(MessageBatch batch, int index)
    {
        var size = _segmentSizes[index];
        return size == 0 ? 1 : ((int)batch.Vector(index).Length + size - 1) / size;
    }

    private bool AwaitRoom()
    {
        _smooth = false;
        if (_patience == 0) return false;
        _patience--;
        var descriptor = new Libc.PollDescriptor { Descriptor = _descriptor, Events = Libc.PollOut };
        Libc.Poll(&descriptor, 1, 1);
        return true;
    }

    private static bool IsUnspecified(in NetworkAddress address) => address.IsIPv4 ? address.IPv4 == 0 : (address.High | address.Low) == 0;
}
