using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Tcp;

/// <summary>
/// The TCP side of one driver: listeners and the connections they accepted (RFC 6544 passive candidates). Bounded by the options' limits; sockets never
/// block. Only the driver's thread uses it.
/// </summary>
internal sealed class TcpShard : IDisposable
{
    private const int AcceptsPerTurn = 16;
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(1);

    private readonly Socket[] _listeners;
    private readonly Poller _poller;
    private readonly DriverOptions _options;
    private readonly DriverStatistics _statistics;
    private readonly TcpConnection?[] _slots;
    private readonly Stack<int> _freeSlots;
    private readonly Dictionary<NetworkPath, TcpConnection> _byPath = [];
    private readonly Dictionary<NetworkAddress, int> _perAddress = [];
    private readonly List<TcpConnection> _dirty = [];
    private Instant _nextSweep = Instant.Never;

    public TcpShard(Socket[] listeners, Poller poller, DriverOptions options, DriverStatistics statistics)
    {
        _listeners = listeners;
        _poller = poller;
        _options = options;
        _statistics = statistics;
        _slots = new TcpConnection?[options.TcpConnections];
        _freeSlots = new Stack<int>(options.TcpConnections);
        for (var i = options.TcpConnections - 1; i >= 0; i--) _freeSlots.Push(i);
        for (var i = 0; i < listeners.Length; i++) poller.Watch(listeners[i], ReadySource.Listener, i);
    }

    /// <summary>When <see cref="Sweep"/> has something to look at.</summary>
    public Instant NextTimeout => _nextSweep;

    public TcpConnection? At(int slot) => _slots[slot];

    /// <summary>Accepts what waits at a listener, a few at a time; the rest makes it ready again.</summary>
    public void Accept(int listener, Instant now)
    {
        for (var i = 0; i < AcceptsPerTurn && _listeners[listener].Poll(0, SelectMode.SelectRead); i++)
        {
            Socket socket;
            try
            {
                socket = _listeners[listener].Accept();
            }
            catch (SocketException)
            {
                return; // gone before it was accepted, or the process is out of descriptors: the next turn tries again
            }

            if (PathOf(socket) is not { } path || !TryAdd(new TcpConnection(socket, path, _options), now))
            {
                _statistics.TcpTurnedAwayCount++;
                socket.Dispose();
                continue;
            }

            _statistics.TcpAcceptedCount++;
        }
    }

    /// <summary>Takes a connection another driver accepted; closes it where a limit is reached.</summary>
    public bool Adopt(TcpConnection connection, Instant now)
    {
        if (TryAdd(connection, now))
        {
            if (!connection.Output.IsEmpty) MarkDirty(connection);
            return true;
        }

        _statistics.TcpTurnedAwayCount++;
        connection.Dispose();
        return false;
    }

    /// <summary>Lets go of a connection without closing it.</summary>
    public void Detach(TcpConnection connection)
    {
        _poller.Forget(connection.Socket);
        _slots[connection.Slot] = null;
        _freeSlots.Push(connection.Slot);
        connection.Slot = -1;
        connection.AwaitsRoom = false;
        connection.Dirty = false;
        _dirty.Remove(connection);
        _byPath.Remove(connection.Path);
        var host = connection.Path.Remote.WithPort(0);
        if (--_perAddress[host] == 0) _perAddress.Remove(host);
    }

    /// <summary>Closes a connection.</summary>
    public void Close(TcpConnection connection)
    {
        Detach(connection);
        _statistics.TcpClosedCount++;
        connection.Dispose();
    }

    /// <summary>Reads once. False where the connection ended or broke; it is closed then.</summary>
    public bool Receive(TcpConnection connection)
    {
        var read = connection.Socket.Receive(connection.Input.Free.Span, SocketFlags.None, out var error);
        if (error == SocketError.Success && read > 0)
        {
            connection.Input.Advance(read);
            return true;
        }

        if (error == SocketError.WouldBlock) return true;
        Close(connection);
        return false;
    }

    /// <summary>The machine took a datagram of the connection.</summary>
    public void Prove(TcpConnection connection, Instant now)
    {
        connection.Proven = true;
        connection.RefusedInARow = 0;
        connection.Deadline = now + _options.TcpIdle;
    }

    /// <summary>Queues a datagram or a run, each datagram as one frame.</summary>
    public void Send(in Transmit transmit, ReadOnlySpan<byte> bytes)
    {
        var size = Math.Max(1, transmit.SegmentSize);
        var found = _byPath.TryGetValue(transmit.Path, out var connection);
        while (!bytes.IsEmpty)
        {
            var datagram = bytes[..Math.Min(size, bytes.Length)];
            bytes = bytes[datagram.Length..];
            if (!found)
            {
                _statistics.TcpGoneCount++;
            }
            else if (datagram.Length > DatagramFraming.MaxDatagramLength)
            {
                _statistics.SendTooLongCount++;
            }
            else if (connection!.Output.TryAdd(datagram))
            {
                _statistics.DatagramsSentCount++;
                _statistics.BytesSentCount += datagram.Length;
                MarkDirty(connection);
            }
            else
            {
                _statistics.TcpQueueFullCount++;
            }
        }
    }

    /// <summary>Sends what <see cref="Send"/> queued, as far as the kernel takes it.</summary>
    public void Flush()
    {
        // Backwards: flushing may close a connection, which takes it off the list.
        for (var i = _dirty.Count - 1; i >= 0; i--)
        {
            var connection = _dirty[i];
            _dirty.RemoveAt(i);
            connection.Dirty = false;
            if (!connection.AwaitsRoom) Flush(connection);
        }
    }

    /// <summary>Sends what waits on one connection; a half-sent frame goes before everything newer.</summary>
    public void Flush(TcpConnection connection)
    {
        while (!connection.Output.IsEmpty)
        {
            var sent = connection.Socket.Send(connection.Output.Pending, SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                connection.Output.Consume(sent);
            }
            else if (error == SocketError.WouldBlock)
            {
                break;
            }
            else
            {
                Close(connection);
                return;
            }
        }

        var awaits = !connection.Output.IsEmpty;
        if (awaits == connection.AwaitsRoom) return;
        connection.AwaitsRoom = awaits;
        _poller.WatchWritable(connection.Socket, ReadySource.Connection, connection.Slot, awaits);
    }

    /// <summary>Closes connections whose deadline passed.</summary>
    public void Sweep(Instant now)
    {
        if (!_nextSweep.IsDue(now)) return;
        _nextSweep = Instant.Never;
        foreach (var connection in _slots)
        {
            if (connection is null) continue;
            if (connection.Deadline.IsDue(now))
            {
                Close(connection);
            }
            else
            {
                // Deadlines move on with every datagram; one look a second is enough for the long ones.
                _nextSweep = Instant.Min(_nextSweep, connection.Proven ? now + SweepPeriod : connection.Deadline);
            }
        }
    }

    public void Dispose()
    {
        foreach (var connection in _slots)
        {
            if (connection is not null) Close(connection);
        }

        foreach (var listener in _listeners)
        {
            _poller.Forget(listener);
            listener.Dispose();
        }
    }

    private bool TryAdd(TcpConnection connection, Instant now)
    {
        var host = connection.Path.Remote.WithPort(0);
        var fromHost = _perAddress.GetValueOrDefault(host);
        if (_freeSlots.Count == 0 || fromHost >= _options.TcpConnectionsPerAddress || !_byPath.TryAdd(connection.Path, connection)) return false;
        _perAddress[host] = fromHost + 1;
        connection.Slot = _freeSlots.Pop();
        _slots[connection.Slot] = connection;
        if (!connection.Proven) connection.Deadline = now + _options.TcpGrace;
        _nextSweep = Instant.Min(_nextSweep, connection.Proven ? now + SweepPeriod : connection.Deadline);
        _poller.Watch(connection.Socket, ReadySource.Connection, connection.Slot);
        return true;
    }

    private void MarkDirty(TcpConnection connection)
    {
        if (connection.Dirty) return;
        connection.Dirty = true;
        _dirty.Add(connection);
    }

    private static NetworkPath? PathOf(Socket socket)
    {
        try
        {
            socket.Blocking = false;
            socket.NoDelay = true;
            return new NetworkPath(
                TransportProtocol.Tcp,
                NetworkAddress.From((System.Net.IPEndPoint)socket.LocalEndPoint!),
                NetworkAddress.From((System.Net.IPEndPoint)socket.RemoteEndPoint!));
        }
        catch (SocketException)
        {
            return null; // reset before we could ask
        }
    }
}
