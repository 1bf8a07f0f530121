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
    private int _wakePending;

    /// <summary>Starts watching for input.</summary>
    public abstract void Watch(Socket socket, ReadySource source, int index);

    /// <summary>Starts or stops watching for room to send as well.</summary>
    public abstract void WatchWritable(Socket socket, ReadySource source, int index, bool writable);

    /// <summary>Stops watching; call it before the socket is closed or moves to another driver.</summary>
    public abstract void Forget(Socket socket);

    /// <summary>Sleeps until something is ready, <see cref="Wake"/> was called or the time is over; a negative time means for ever.</summary>
    public abstract int Wait(long nanoseconds, Span<Ready> ready);

    /// <summary>Ends the current or the next <see cref="Wait"/>. Any thread; calls between two waits cost one system call together.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _wakePending, 1) == 0) Signal();
    }

    public abstract void Dispose();

    protected abstract void Signal();

    // After the signal was drained and before the driver looks at what the wakers left: a waker that came in between is seen by that look.
    protected void WakeTaken() => Interlocked.Exchange(ref _wakePending, 0);
}
