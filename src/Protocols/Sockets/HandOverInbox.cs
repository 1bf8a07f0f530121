using Sluice.Protocols.Sockets.Tcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets;

/// <summary>
/// What other drivers hand over to this one: datagrams, copied into fixed cells, and whole TCP connections. Bounded; when full, or for a datagram
/// longer than a cell, it says no and the giver drops and counts. Any thread gives, the driver's thread takes.
/// </summary>
internal sealed class HandOverInbox(int capacity)
{
    /// <summary>The longest datagram that can be handed over: peers send packets for an Ethernet path, so a longer one is never met in good faith.</summary>
    public const int CellBytes = DatagramFraming.MaxDatagramLength;

    private const int MaxConnections = 256;

    private readonly Lock _lock = new();
    private readonly Queue<TcpConnection> _connections = new();
    private readonly NetworkPath[] _paths = new NetworkPath[capacity];
    private readonly int[] _lengths = new int[capacity];
    private byte[]? _cells; // made at first use: a group of one never needs it
    private int _head;
    private int _count;
    private bool _closed;

    public bool TryPut(in NetworkPath path, ReadOnlySpan<byte> datagram)
    {
        lock (_lock)
        {
            if (_closed || _count == capacity || datagram.Length > CellBytes) return false;
            _cells ??= GC.AllocateUninitializedArray<byte>(capacity * CellBytes);
            var index = _head + _count;
            if (index >= capacity) index -= capacity;
            _paths[index] = path;
            _lengths[index] = datagram.Length;
            datagram.CopyTo(_cells.AsSpan(index * CellBytes));
            _count++;
            return true;
        }
    }

    public bool TryPut(TcpConnection connection)
    {
        lock (_lock)
        {
            if (_closed || _connections.Count == MaxConnections) return false;
            _connections.Enqueue(connection);
            return true;
        }
    }

    /// <summary>Looks at the oldest datagram. Its cell stays the taker's until <see cref="Release"/>.</summary>
    public bool TryPeek(out NetworkPath path, out Span<byte> datagram)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                path = default;
                datagram = default;
                return false;
            }

            path = _paths[_head];
            datagram = _cells.AsSpan(_head * CellBytes, _lengths[_head]);
            return true;
        }
    }

    /// <summary>Gives the cell of <see cref="TryPeek"/> back.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (++_head == capacity) _head = 0;
            _count--;
        }
    }

    public bool TryTake(out TcpConnection? connection)
    {
        lock (_lock)
        {
            return _connections.TryDequeue(out connection);
        }
    }

    /// <summary>Takes nothing more and closes the connections nobody took.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _count = 0;
            while (_connections.TryDequeue(out var connection)) connection.Dispose();
        }
    }
}
