using System.Net.Sockets;

namespace Sluice.Protocols.Sockets;

internal enum ReadySource : byte
{
    Wake = 0,
    Udp = 1,
    Listener = 2,
    Connection = 3,
}

/// <summary>Something a driver waited for.</summary>
internal readonly record struct Ready(ReadySource Source, int Index, bool Readable, bool Writable);

/// <summary>
/// What a driver's thread sleeps on. All but <see cref="Wake"/> belongs to that thread. Readiness is a hint: a socket may turn out to have nothing.
/// </summary>
internal abstract class Poller : IDisposable
{
    private const int Awake = 0;
    private const int Woken = 1;
    private const int Asleep = 2;

    private int _state;

    /// <summary>True where <see cref="Wake"/> was called before the last <see cref="Wait"/> ended and after the one before it had.</summary>
    public bool WasWoken { get; private set; }

    /// <summary>Starts watching for input.</summary>
    public abstract void Watch(Socket socket, ReadySource source, int index);

    /// <summary>Starts or stops watching for room to send as well.</summary>
    public abstract void WatchWritable(Socket socket, ReadySource source, int index, bool writable);

    /// <summary>Stops watching; call it before the socket is closed or moves to another driver.</summary>
    public abstract void Forget(Socket socket);

    /// <summary>Sleeps until something is ready, <see cref="Wake"/> was called or the time is over; a negative time means for ever.</summary>
    public int Wait(long nanoseconds, Span<Ready> ready)
    {
        if (nanoseconds != 0 && Interlocked.CompareExchange(ref _state, Asleep, Awake) != Awake) nanoseconds = 0;
        var count = WaitForEvents(nanoseconds, ready);

        // Before the driver looks at what the wakers left: who comes from now on is seen by the next wait.
        WasWoken = Interlocked.Exchange(ref _state, Awake) == Woken;
        return count;
    }

    /// <summary>Ends the current or the next <see cref="Wait"/>. Any thread; it costs a system call only where the driver sleeps.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _state, Woken) == Asleep) Signal();
    }

    public abstract void Dispose();

    /// <summary>Waits; a signal ends it and is not among what is ready.</summary>
    protected abstract int WaitForEvents(long nanoseconds, Span<Ready> ready);

    /// <summary>Ends a sleep. It may come late, when the thread has been woken by something else and sleeps again: that is one turn for nothing.</summary>
    protected abstract void Signal();
}
