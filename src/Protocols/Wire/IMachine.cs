namespace Sluice.Protocols.Wire;

/// <summary>What became of a datagram; drivers act on it, tests count it.</summary>
public enum HandlingKind : byte
{
    /// <summary>The machine took it.</summary>
    Handled = 0,

    /// <summary>Not for this machine, malformed, or forged: dropped. A driver may close a TCP connection that sends nothing else.</summary>
    Refused = 1,

    /// <summary>Another shard owns the peer: the driver passes the datagram (or the whole TCP connection) on.</summary>
    HandOver = 2,
}

/// <summary>A machine's verdict on one datagram.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Shard">The shard that owns the peer; only for <see cref="HandlingKind.HandOver"/>.</param>
public readonly record struct Handling(HandlingKind Kind, int Shard = 0)
{
    /// <summary>The machine took it.</summary>
    public static Handling Handled => default;

    /// <summary>Dropped.</summary>
    public static Handling Refused => new(HandlingKind.Refused);

    /// <summary>Belongs to another shard.</summary>
    public static Handling HandOver(int shard) => new(HandlingKind.HandOver, shard);
}

/// <summary>
/// A protocol over datagrams with no I/O and no clock.
/// <para><b>Handle one thing, then take everything, then sleep until <see cref="NextTimeout"/>.</b></para>
/// <para>A driver may handle all datagrams of one receive call before it takes: "one thing" is one batch at one instant.</para>
/// <para>One thread drives a machine. Peer input gives a <see cref="Handling"/> and never an exception; an exception is a bug.</para>
/// </summary>
public interface IDatagramMachine
{
    /// <summary>Takes one datagram. The span is the driver's buffer, writable (SRTP decrypts in place) and valid during the call only.</summary>
    Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram);

    /// <summary>Called when <see cref="NextTimeout"/> has passed or somebody woke the driver; calling it early is harmless.</summary>
    void HandleTimeout(Instant now);

    /// <summary>
    /// Writes the next datagram, or run of equal datagrams, into <paramref name="destination"/>. False when there is nothing more to send
    /// now. A destination holds at least 1500 bytes and does not move in memory; a machine that makes runs uses as much of it as it likes.
    /// </summary>
    bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit);

    /// <summary>
    /// Finishes the bytes of everything taken so far. Called before the first of it leaves, be it after one transmit or after a batch of them: what costs
    /// less for many at once, as authentication does, may wait for this.
    /// </summary>
    void CompleteTransmits()
    {
    }

    /// <summary>When to call <see cref="HandleTimeout"/>; <see cref="Instant.Never"/> if it waits for input only.</summary>
    Instant NextTimeout { get; }
}

/// <summary>A datagram machine that also tells its owner what happened.</summary>
/// <typeparam name="TEvent">The closed set of things it tells; payloads are valid until the next Handle call.</typeparam>
public interface IMachine<TEvent> : IDatagramMachine
    where TEvent : struct, allows ref struct
{
    /// <summary>Takes the next event; false when all were taken.</summary>
    bool TryTakeEvent(out TEvent @event);
}
