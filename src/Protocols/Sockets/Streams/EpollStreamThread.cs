using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Streams;

/// <summary>
/// One thread with its connections. What is read goes from one buffer, which all share, straight to the session; a connection has memory of its own only while
/// its session or its peer lags. A turn first receives from all that have something and then hands it over: the kernel's code and ours each run once through the
/// cache, and the state of a session comes from memory while the next socket is read.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The thread closes what it owns when it stops.")]
internal sealed class EpollStreamThread
{
    private const int MaxReady = 128;
    private const int ReceiveBytes = 256 << 10;
    private const int LeastRoom = 64 << 10;
    private const int SendBytes = 16 << 10;
    private const int FetchSteps = 3;
    private const int SessionLines = 7;

    private const int PauseNanoseconds = 5_000_000;
    private const int WorthAPause = 3;

    // Sessions' deadlines are coarse; one look at all of them costs less than a place in a heap at each message.
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(100);

    private readonly StreamOptions _options;
    private readonly IStreamListener _listener;
    private readonly ConnectionPlaces _places;
    private readonly EpollPoller _poller = new();
    private readonly Ready[] _ready = new Ready[MaxReady];
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ReceiveBytes, pinned: true);
    private readonly Received[] _batch = new Received[MaxReady];
    private readonly byte[] _output = GC.AllocateUninitializedArray<byte>(SendBytes, pinned: true);
    private readonly ConcurrentQueue<EpollConnection> _woken = new();
    private readonly ConcurrentQueue<EpollConnection> _adopted = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private readonly Stack<int> _freeSlots = new();
    private readonly List<EpollConnection?> _slots = [];
    private readonly GatheringPause _pause = new(PauseNanoseconds, WorthAPause);
    private Socket[] _listeners = [];
    private Action<Socket>? _accept;
    private bool _isListening;
    private Instant _nextSweep = Instant.Never;
    private volatile bool _stopping;
    private int _filled;
    private int _batched;
    private bool _hasMore;

    public EpollStreamThread(StreamOptions options, IStreamListener listener, ConnectionPlaces places, int number)
    {
        _options = options;
        _listener = listener;
        _places = places;
        _thread = new Thread(Run) { Name = $"{options.Name}-{number}", IsBackground = true };
    }

    public Task Stopped => _stopped.Task;

    public void Start() => _thread.Start();

    public void Stop()
    {
        _stopping = true;
        if (!_thread.IsAlive) _stopped.TrySetResult();
        _poller.Wake();
    }

    /// <summary>Has this thread accept.</summary>
    public void Listen(Socket[] listeners, Action<Socket> accept)
    {
        _accept = accept;
        Volatile.Write(ref _listeners, listeners);
        _poller.Wake();
    }

    /// <summary>Gives the thread a connection. Any thread.</summary>
    public void Adopt(Socket socket, NetworkAddress remote)
    {
        _adopted.Enqueue(new EpollConnection(socket, remote, this));
        _poller.Wake();
    }

    /// <summary>Has a session looked at. Any thread; a connection stands in the queue once.</summary>
    public void Wake(EpollConnection connection)
    {
        _woken.Enqueue(connection);
        _poller.Wake();
    }

    private void Run()
    {
        try
        {
            while (!_stopping) Turn();
            TakeLeave();
        }
        catch (Exception failure)
        {
            _options.Failed?.Invoke(failure);
        }

        var now = MonotonicClock.Now;
        while (_adopted.TryDequeue(out var connection)) Drop(connection);
        foreach (var connection in _slots.ToArray())
        {
            if (connection is null) continue;
            if (!connection.Session.IsOver) Guard(connection, now, static (c, at, _) => c.Session.HandleClosed(at));
            Flush(connection, now);
            if (connection.Slot >= 0) Close(connection, now);
        }

        _poller.Dispose();
        _stopped.TrySetResult();
    }

    // Whoever connects from now on is refused by the system, and those whose session is over may read why.
    private void TakeLeave()
    {
        foreach (var listener in _listeners) listener.Dispose();
        var now = MonotonicClock.Now;
        while (_adopted.TryDequeue(out var adopted)) Drop(adopted);
        while (_woken.TryDequeue(out var woken))
        {
            woken.TakeWake();
            if (woken.Slot >= 0) HandleTimeout(woken, now);
        }

        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots[i] is { Session.IsOver: false } connection) Lose(connection, now);
        }

        while (_freeSlots.Count < _slots.Count) Turn();
    }

    private void Turn()
    {
        if (_pause.IsWorthIt && !_hasMore && _slots.Count - _freeSlots.Count >= WorthAPause) _pause.Take(MonotonicClock.Now);
        _hasMore = false;
        var count = _poller.Wait(TimeToWait(), _ready);
        var now = MonotonicClock.Now;
        _pause.Note(now, count);
        for (var i = 0; i < count; i++)
        {
            if (_ready[i].Source == ReadySource.Connection) Prefetch.Lines(_slots[_ready[i].Index], EpollConnection.ObjectLines);
        }

        for (var i = 0; i < count; i++)
        {
            var ready = _ready[i];
            if (ready.Source == ReadySource.Listener) _accept!(_listeners[ready.Index]);
            else if (_slots[ready.Index] is { } connection) HandleReady(connection, ready, now);
        }

        HandleReceived(now);

        if (!_isListening && !_stopping && Volatile.Read(ref _listeners) is { Length: > 0 } listeners)
        {
            _isListening = true;
            for (var i = 0; i < listeners.Length; i++) _poller.Watch(listeners[i], ReadySource.Listener, i);
        }

        while (_adopted.TryDequeue(out var adopted)) Begin(adopted, now);
        while (_woken.TryDequeue(out var woken))
        {
            woken.TakeWake();
            if (woken.Slot >= 0) HandleTimeout(woken, now);
        }

        if (_nextSweep.IsDue(now)) Sweep(now);
    }

    private long TimeToWait() => _nextSweep == Instant.Never ? -1 : Math.Max(0, _nextSweep.Nanoseconds - MonotonicClock.Now.Nanoseconds);

    private void Begin(EpollConnection connection, Instant now)
    {
        if (!_freeSlots.TryPop(out var slot))
        {
            slot = _slots.Count;
            _slots.Add(null);
        }

        try
        {
            connection.Session = _listener.Accept(now, connection);
        }
        catch (Exception failure)
        {
            _freeSlots.Push(slot);
            _options.Failed?.Invoke(failure);
            Drop(connection);
            return;
        }

        connection.Slot = slot;
        _slots[slot] = connection;
        _poller.Watch(connection.Socket, ReadySource.Connection, slot);
        if (_nextSweep == Instant.Never) _nextSweep = now + SweepPeriod;
        Flush(connection, now);
    }

    private void HandleReady(EpollConnection connection, in Ready ready, Instant now)
    {
        if (ready.Writable)
        {
            Flush(connection, now);
            if (connection.Slot >= 0 && connection.Rest.Length > 0) Advance(connection, now, connection.Rest);
        }

        if (!ready.Readable || connection.Slot < 0) return;
        if (!connection.IsReading)
        {
            // Only an error is told of a connection that is not read from.
            Lose(connection, now);
            return;
        }

        Prefetch.Lines(connection.Session, SessionLines);
        if (_received.Length - _filled < LeastRoom) HandleReceived(now);
        var read = connection.Receive(_received.AsSpan(_filled));
        if (read < 0) return;
        if (read == 0)
        {
            Lose(connection, now);
            return;
        }

        _hasMore |= read == _received.Length - _filled;
        _batch[_batched++] = new Received(connection, _filled, read);
        _filled += read;
        Fetch(_batched);
    }

    // The newest takes its first step, the one before its second.
    private void Fetch(int next)
    {
        for (var step = 0; step < FetchSteps; step++)
        {
            if ((uint)(next - 1 - step) < (uint)_batched) _batch[next - 1 - step].Connection.Session.Fetch(step);
        }
    }

    private void HandleReceived(Instant now)
    {
        if (_batched == 0) return;
        for (var step = 1; step < FetchSteps; step++) Fetch(_batched + step);
        for (var i = 0; i < _batched; i++)
        {
            var received = _batch[i];
            if (received.Connection.Slot >= 0 && !received.Connection.Session.IsOver)
            {
                Advance(received.Connection, now, _received.AsSpan(received.Offset, received.Length));
            }
        }

        Array.Clear(_batch, 0, _batched);
        _batched = 0;
        _filled = 0;
    }

    private void HandleTimeout(EpollConnection connection, Instant now)
    {
        if (!Guard(connection, now, static (c, at, _) => c.Session.HandleTimeout(at))) return;
        Advance(connection, now, connection.Rest);
    }

    private void Sweep(Instant now)
    {
        var any = false;
        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots[i] is not { } connection) continue;
            any = true;
            if (connection.Deadline.IsDue(now)) Close(connection, now);
            else if (connection.Session.NextTimeout.IsDue(now)) HandleTimeout(connection, now);
        }

        _nextSweep = any ? now + SweepPeriod : Instant.Never;
    }

    private void Advance(EpollConnection connection, Instant now, ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (true)
            {
                var taken = bytes.IsEmpty ? 0 : connection.Session.Handle(now, bytes);
                bytes = bytes[taken..];
                var gave = Flush(connection, now);
                if (connection.Slot < 0) return;
                if (bytes.IsEmpty || connection.Session.IsOver || (taken == 0 && !gave)) break;
            }
        }
        catch (Exception failure)
        {
            _options.Failed?.Invoke(failure);
            Close(connection, now);
            return;
        }

        if (connection.Session.IsOver) bytes = default;
        if (bytes.Length != connection.Rest.Length || bytes.Length > 0) connection.Rest = bytes.ToArray();
        Watch(connection, connection.Rest.Length == 0, connection.Unsent.Length > 0);
    }

    // True where the session gave output: it may take more bytes then.
    private bool Flush(EpollConnection connection, Instant now)
    {
        var gave = false;
        if (connection.Unsent.Length > 0)
        {
            var sent = connection.Send(connection.Unsent);
            if (sent < 0) return Lose(connection, now);
            connection.Unsent = connection.Unsent[sent..];
        }

        while (connection.Unsent.Length == 0 && connection.Session.TryTakeOutput(_output, out var written))
        {
            gave = true;
            var sent = connection.Send(_output.AsSpan(0, written));
            if (sent < 0) return Lose(connection, now);
            if (sent < written) connection.Unsent = _output[sent..written];
        }

        Watch(connection, connection.Rest.Length == 0, connection.Unsent.Length > 0);
        if (connection.Session.IsOver) SayFarewell(connection, now);
        return gave;
    }

    // A connection closed with bytes unread is reset, and the peer may lose the words that tell it why: it gets the time to hang up first.
    private void SayFarewell(EpollConnection connection, Instant now)
    {
        if (connection.Deadline == Instant.Never) connection.Deadline = now + _options.Farewell;
        if (connection.Unsent.Length > 0 || connection.SaidFarewell) return;
        connection.SaidFarewell = true;
        try
        {
            connection.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            Close(connection, now);
        }
    }

    private void Watch(EpollConnection connection, bool readable, bool writable)
    {
        if (connection.IsReading == readable && connection.IsWriting == writable) return;
        connection.IsReading = readable;
        connection.IsWriting = writable;
        _poller.Change(connection.Socket, ReadySource.Connection, connection.Slot, readable, writable);
    }

    private bool Lose(EpollConnection connection, Instant now)
    {
        if (!connection.Session.IsOver && !Guard(connection, now, static (c, at, _) => c.Session.HandleClosed(at))) return false;
        Close(connection, now);
        return false;
    }

    private bool Guard(EpollConnection connection, Instant now, Action<EpollConnection, Instant, object?> call)
    {
        try
        {
            call(connection, now, null);
            return true;
        }
        catch (Exception failure)
        {
            _options.Failed?.Invoke(failure);
            Close(connection, now);
            return false;
        }
    }

    private void Close(EpollConnection connection, Instant now)
    {
        if (connection.Slot < 0) return;
        _poller.Forget(connection.Socket);
        _slots[connection.Slot] = null;
        _freeSlots.Push(connection.Slot);
        connection.Slot = -1;
        if (!connection.Session.IsOver)
        {
            try
            {
                connection.Session.HandleClosed(now);
            }
            catch (Exception failure)
            {
                _options.Failed?.Invoke(failure);
            }
        }

        Drop(connection);
    }

    private void Drop(EpollConnection connection)
    {
        connection.Socket.Dispose();
        _places.Return(connection.Remote);
    }

    // What was read from a connection in this turn, and where it lies.
    private readonly record struct Received(EpollConnection Connection, int Offset, int Length);
}
