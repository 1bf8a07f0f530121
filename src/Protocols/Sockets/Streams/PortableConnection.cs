using System.Net.Security;
using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Streams;

/// <summary>One connection of the portable server. Its loop reads; wakes come from anywhere; the lock lets one of them at the session.</summary>
internal sealed class PortableConnection(Socket socket, NetworkAddress remote, StreamOptions options) : IStreamConnection, IThreadPoolWorkItem, IDisposable
{
    private const int BufferBytes = 32 << 10;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _moved = new(0, 1);
    private readonly byte[] _output = new byte[BufferBytes];
    private Stream? _stream;
    private IStreamSession? _session;
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;
    private int _isWoken;
    private bool _isFinished;

    public NetworkAddress Remote { get; } = remote;

    public Instant NextTimeout
    {
        get
        {
            lock (_gate) return _session is { IsOver: false } session ? session.NextTimeout : Instant.Never;
        }
    }

    public async Task ServeAsync(IStreamListener listener, CancellationToken cancellation)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        if (options.Tls is { } tls)
        {
            var secure = new SslStream(_stream);
            _stream = secure;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(options.TlsHandshake);
            await secure.AuthenticateAsServerAsync(tls(), patience.Token);
        }

        lock (_gate) _session = listener.Accept(MonotonicClock.Now, this);
        var buffer = new byte[BufferBytes];
        Pump();
        while (true)
        {
            // Ended by closing the socket: a server that stops lets last words be read first.
            var read = await _stream.ReadAsync(buffer, CancellationToken.None);
            if (read == 0) return;
            await HandleAsync(buffer.AsMemory(0, read));
            if (!IsOver()) continue;
            await SayFarewellAsync(buffer);
            return;
        }
    }

    public void Wake()
    {
        if (Interlocked.Exchange(ref _isWoken, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _isWoken, 0);
        try
        {
            lock (_gate)
            {
                if (_isFinished || _session is null) return;
                _session.HandleTimeout(MonotonicClock.Now);
            }
        }
        catch (Exception failure)
        {
            options.Failed?.Invoke(failure);
            Abort();
            return;
        }

        Pump();
        Move();
        if (IsOver()) _ = HangUpAsync();
    }

    /// <summary>The server stops: a session that is over, also by a wake that came before, may say its last words; another is closed.</summary>
    public void Leave()
    {
        ((IThreadPoolWorkItem)this).Execute();
        lock (_gate)
        {
            if (_isFinished || _session is { IsOver: true }) return;
            _session?.HandleClosed(MonotonicClock.Now);
        }

        Abort();
    }

    /// <summary>Closes the socket; the loop ends by itself.</summary>
    public void Abort() => socket.Dispose();

    /// <summary>Tells the session that the connection is gone, and closes it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isFinished) return;
            _isFinished = true;
            if (_session is { IsOver: false } session) session.HandleClosed(MonotonicClock.Now);
        }

        _stream?.Dispose();
        socket.Dispose();
        _moved.Dispose();
    }

    private async Task HandleAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty && !IsOver())
        {
            int taken;
            lock (_gate) taken = _session!.Handle(MonotonicClock.Now, bytes.Span);
            bytes = bytes[taken..];
            Pump();

            // The session waits for somebody: whoever wakes it, or takes its output, moves this on.
            if (!bytes.IsEmpty && taken == 0) await _moved.WaitAsync(TimeSpan.FromMilliseconds(100));
        }
    }

    // One write at a time, and output is taken only when the one before has gone.
    private void Pump()
    {
        lock (_gate)
        {
            if (_isWriting || _isFinished) return;
            _isWriting = true;
            _writing = WriteAsync();
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                int written;
                lock (_gate)
                {
                    if (_isFinished || !_session!.TryTakeOutput(_output, out written))
                    {
                        _isWriting = false;
                        return;
                    }
                }

                await _stream!.WriteAsync(_output.AsMemory(0, written));
                Move();
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException)
        {
            lock (_gate) _isWriting = false;
            Abort();
        }
    }

    private async Task HangUpAsync()
    {
        await Task.Delay(options.Farewell);
        Abort();
    }

    private async Task SayFarewellAsync(byte[] buffer)
    {
        using var patience = new CancellationTokenSource(options.Farewell);

        // Whoever woke the session may not have come to its last words yet.
        Pump();
        Task writing;
        lock (_gate) writing = _writing;
        await writing.WaitAsync(patience.Token);
        if (_stream is SslStream secure) await secure.ShutdownAsync();
        socket.Shutdown(SocketShutdown.Send);
        while (await _stream!.ReadAsync(buffer, patience.Token) > 0)
        {
            // What still comes is of no use; the peer hangs up when it has read why.
        }
    }

    private void Move()
    {
        try
        {
            if (_moved.CurrentCount == 0) _moved.Release();
        }
        catch (Exception failure) when (failure is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else did, or there is nobody to move.
        }
    }

    private bool IsOver()
    {
        lock (_gate) return _isFinished || _session is { IsOver: true };
    }
}
