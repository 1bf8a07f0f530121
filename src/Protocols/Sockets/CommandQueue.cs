using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets;

/// <summary>
/// Commands from any thread for one driver's machine, in the order they came; at most 4096 wait, further ones are turned away. Every command
/// that was taken in is run or abandoned.
/// </summary>
internal sealed class CommandQueue<TMachine>
    where TMachine : class, IDatagramMachine
{
    private const int Capacity = 4096;

    private readonly ConcurrentQueue<(Action<TMachine, Instant> Run, Action? Abandon)> _commands = new();
    private int _count;
    private volatile bool _closed;

    /// <summary>How many wait; others may come at any time.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a command in; false where too many wait. Any thread.</summary>
    public bool TryPut(Action<TMachine, Instant> command, Action? abandon)
    {
        if (Interlocked.Increment(ref _count) > Capacity)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _commands.Enqueue((command, abandon));
        // Whoever closed it meanwhile may not have seen this one; with a full fence on both sides one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (_closed) AbandonAll();
        return true;
    }

    /// <summary>Gives the oldest command to run.</summary>
    public bool TryTake([NotNullWhen(true)] out Action<TMachine, Instant>? command)
    {
        var taken = _commands.TryDequeue(out var next);
        if (taken) Interlocked.Decrement(ref _count);
        command = next.Run;
        return taken;
    }

    /// <summary>Abandons what waits, and all that comes later.</summary>
    public void Close()
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        AbandonAll();
    }

    private void AbandonAll()
    {
        while (_commands.TryDequeue(out var command)) command.Abandon?.Invoke();
    }
}
