namespace Sluice.Protocols.Sockets;

/// <summary>
/// What one driver counted since it started. The driver's thread writes, any thread reads, without locks: each number is whole, two of them need not be
/// of one moment.
/// </summary>
public sealed class DriverStatistics
{
    // Only the driver's thread writes these, by plain increments.
    internal long DatagramsReceivedCount;
    internal long BytesReceivedCount;
    internal long ReceiveCallsCount;
    internal long DatagramsSentCount;
    internal long BytesSentCount;
    internal long SendCallsCount;
    internal long RunsSentCount;
    internal long RunsSplitCount;
    internal long RefusedCount;
    internal long HandOversSentCount;
    internal long HandOversTakenCount;
    internal long HandOversDroppedCount;
    internal long TruncatedCount;
    internal long ReceiveOverflowsCount;
    internal long SendBufferFullCount;
    internal long SendUnreachableCount;
    internal long SendTooLongCount;
    internal long SendInvalidCount;
    internal long TcpAcceptedCount;
    internal long TcpTurnedAwayCount;
    internal long TcpClosedCount;
    internal long TcpQueueFullCount;
    internal long TcpGoneCount;
    internal long WakesCount;
    internal long TurnsCount;
    internal long FailuresCount;

    /// <summary>UDP datagrams and TCP frames handed to the machine, hand-overs taken in included.</summary>
    public long DatagramsReceived => Volatile.Read(ref DatagramsReceivedCount);

    /// <summary>Bytes of those datagrams.</summary>
    public long BytesReceived => Volatile.Read(ref BytesReceivedCount);

    /// <summary>Receive calls that brought something; datagrams per call say how well batching works.</summary>
    public long ReceiveCalls => Volatile.Read(ref ReceiveCallsCount);

    /// <summary>UDP datagrams the kernel took and TCP frames queued.</summary>
    public long DatagramsSent => Volatile.Read(ref DatagramsSentCount);

    /// <summary>Bytes of those datagrams.</summary>
    public long BytesSent => Volatile.Read(ref BytesSentCount);

    /// <summary>Send calls to the kernel, TCP not counted.</summary>
    public long SendCalls => Volatile.Read(ref SendCallsCount);

    /// <summary>Messages sent as one UDP_SEGMENT run.</summary>
    public long RunsSent => Volatile.Read(ref RunsSentCount);

    /// <summary>Runs that the kernel refused and that went out as single datagrams.</summary>
    public long RunsSplit => Volatile.Read(ref RunsSplitCount);

    /// <summary>Datagrams the machine refused.</summary>
    public long Refused => Volatile.Read(ref RefusedCount);

    /// <summary>Datagrams and connections passed on to another driver.</summary>
    public long HandOversSent => Volatile.Read(ref HandOversSentCount);

    /// <summary>Datagrams and connections taken from another driver.</summary>
    public long HandOversTaken => Volatile.Read(ref HandOversTakenCount);

    /// <summary>Datagrams and connections another driver had no room for, that were too long to pass on, or that were passed on twice.</summary>
    public long HandOversDropped => Volatile.Read(ref HandOversDroppedCount);

    /// <summary>Datagrams dropped because they did not fit the receive buffer.</summary>
    public long Truncated => Volatile.Read(ref TruncatedCount);

    /// <summary>Datagrams the kernel lost because the driver did not receive fast enough; only on Linux, and known with the next datagram of the socket.</summary>
    public long ReceiveOverflows => Volatile.Read(ref ReceiveOverflowsCount);

    /// <summary>Datagrams dropped because the kernel's buffer stayed full.</summary>
    public long SendBufferFull => Volatile.Read(ref SendBufferFullCount);

    /// <summary>Datagrams dropped because the peer or the network cannot be reached, or a local rule forbids it.</summary>
    public long SendUnreachable => Volatile.Read(ref SendUnreachableCount);

    /// <summary>Datagrams dropped because they are longer than the path takes.</summary>
    public long SendTooLong => Volatile.Read(ref SendTooLongCount);

    /// <summary>Datagrams dropped because their path has no socket here, or the kernel calls it invalid.</summary>
    public long SendInvalid => Volatile.Read(ref SendInvalidCount);

    /// <summary>TCP connections accepted.</summary>
    public long TcpAccepted => Volatile.Read(ref TcpAcceptedCount);

    /// <summary>TCP connections closed at once because of a limit.</summary>
    public long TcpTurnedAway => Volatile.Read(ref TcpTurnedAwayCount);

    /// <summary>TCP connections closed or lost after they were accepted; those handed over are not counted.</summary>
    public long TcpClosed => Volatile.Read(ref TcpClosedCount);

    /// <summary>Datagrams dropped because their connection's send queue was full.</summary>
    public long TcpQueueFull => Volatile.Read(ref TcpQueueFullCount);

    /// <summary>Datagrams dropped because their connection is gone.</summary>
    public long TcpGone => Volatile.Read(ref TcpGoneCount);

    /// <summary>Times the driver was woken by another thread.</summary>
    public long Wakes => Volatile.Read(ref WakesCount);

    /// <summary>Turns of the driver's loop.</summary>
    public long Turns => Volatile.Read(ref TurnsCount);

    /// <summary>Exceptions a machine threw.</summary>
    public long Failures => Volatile.Read(ref FailuresCount);
}
