using System.Net;
using System.Net.Sockets;

namespace Sluice.Protocols.Sockets.Portable;

/// <summary>Waits by Socket.Select; a datagram the driver sends itself over loopback wakes it. Costs a look at every socket per wait.</summary>
internal sealed class SelectPoller : Poller
{
    private readonly record struct Entry(Socket Socket, ReadySource Source, int Index, bool Writable);

    private const long MaxWaitMilliseconds = 60_000;

    private readonly Socket _wake;
    private readonly List<Entry> _entries = [];
    private readonly List<Socket> _readable = [];
    private readonly List<Socket> _writable = [];
    private readonly byte[] _scratch = new byte[16];

    public SelectPoller()
    {
        _wake = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _wake.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        // Connected to itself: nobody else's datagrams come in.
        _wake.Connect(_wake.LocalEndPoint!);
        _entries.Add(new Entry(_wake, ReadySource.Wake, 0, false));
    }

    public override void Watch(Socket socket, ReadySource source, int index) => _entries.Add(new Entry(socket, source, index, false));

    public override void WatchWritable(Socket socket, ReadySource source, int index, bool writable) =>
        _entries[IndexOf(socket)] = new Entry(socket, source, index, writable);

    public override void Forget(Socket socket) => _entries.RemoveAt(IndexOf(socket));

    protected override int WaitForEvents(long nanoseconds, Span<Ready> ready)
    {
        _readable.Clear();
        _writable.Clear();
        foreach (var entry in _entries)
        {
            _readable.Add(entry.Socket);
            if (entry.Writable) _writable.Add(entry.Socket);
        }

        // Rounded up to milliseconds, which is what systems wait by: a rest below would be spun away.
        var milliseconds = Math.Min(MaxWaitMilliseconds, (nanoseconds + 999_999) / 1_000_000);
        Socket.Select(_readable, _writable.Count > 0 ? _writable : null, null, nanoseconds < 0 ? -1 : (int)milliseconds * 1000);
        var count = 0;
        foreach (var entry in _entries)
        {
            var readable = Contains(_readable, entry.Socket);
            var writable = entry.Writable && Contains(_writable, entry.Socket);
            if ((!readable && !writable) || count == ready.Length) continue;
            if (entry.Source == ReadySource.Wake)
            {
                _wake.Receive(_scratch);
                continue;
            }

            ready[count++] = new Ready(entry.Source, entry.Index, readable, writable);
        }

        return count;
    }

    public override void Dispose() => _wake.Dispose();

    protected override void Signal()
    {
        try
        {
            _wake.Send(_scratch.AsSpan(0, 1), SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The driver has stopped; there is nobody to wake.
        }
    }

    // The ready ones keep the order of the entries, but reference comparison over a short list is all it takes.
    private static bool Contains(List<Socket> sockets, Socket socket)
    {
        foreach (var candidate in sockets)
        {
            if (ReferenceEquals(candidate, socket)) return true;
        }

        return false;
    }

    private int IndexOf(Socket socket)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (ReferenceEquals(_entries[i].Socket, socket)) return i;
        }

        throw new InvalidOperationException("The socket is not watched.");
    }
}
