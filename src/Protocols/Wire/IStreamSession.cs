namespace Sluice.Protocols.Wire;

/// <summary>
/// One end of a protocol over a byte stream, without socket and clock. Whoever has the connection drives it, one call at a time:
/// <b>handle one thing, then take everything, then sleep until <see cref="NextTimeout"/>.</b> Peer input never throws.
/// </summary>
public interface IStreamSession
{
    /// <summary>The session is over: send what is left to take, then close the connection.</summary>
    bool IsOver { get; }

    /// <summary>When to call <see cref="HandleTimeout"/> though nothing came; coarse, a tenth of a second late is well.</summary>
    Instant NextTimeout { get; }

    /// <summary>Takes bytes from the peer; valid during the call.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bytes">What was received.</param>
    /// <returns>
    /// Bytes taken. Where these are fewer than given, the session takes none before it was woken (<see cref="IStreamConnection.Wake"/>) or its
    /// output was taken: the caller keeps the rest, reads no more, and gives it again then.
    /// </returns>
    int Handle(Instant now, ReadOnlySpan<byte> bytes);

    /// <summary>Called when <see cref="NextTimeout"/> has passed and after each wake; calling it early is harmless.</summary>
    void HandleTimeout(Instant now);

    /// <summary>The connection was closed by the peer or the network.</summary>
    void HandleClosed(Instant now);

    /// <summary>Moves bytes for the peer into the destination; false where none wait.</summary>
    bool TryTakeOutput(Span<byte> destination, out int written);

    /// <summary>
    /// Bytes will be handled soon: what that touches may be asked into the cache. A hint; called with 0, 1, 2, each some time after the one before, so that a step
    /// may follow references the last one asked for.
    /// </summary>
    void Fetch(int step)
    {
    }
}

/// <summary>What a session may ask of the connection it lives on. Any thread.</summary>
public interface IStreamConnection
{
    /// <summary>The peer's address.</summary>
    NetworkAddress Remote { get; }

    /// <summary>Has the session's <see cref="IStreamSession.HandleTimeout"/> called soon, and bytes given again that it left.</summary>
    void Wake();
}

/// <summary>Makes the sessions of connections that were just accepted.</summary>
public interface IStreamListener
{
    /// <summary>The session of a new connection; on the thread that drives it.</summary>
    IStreamSession Accept(Instant now, IStreamConnection connection);
}
