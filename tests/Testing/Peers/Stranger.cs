using Sluice.Protocols.Wire;

namespace Sluice.Testing.Peers;

/// <summary>Somebody who sends whatever a test likes, and counts what comes back.</summary>
public sealed class Stranger(NetworkAddress address, NetworkAddress server) : IDatagramMachine
{
    private readonly Queue<byte[]> _out = new();

    /// <summary>Datagrams that came back.</summary>
    public long Answers { get; private set; }

    /// <summary>Bytes that came back.</summary>
    public long AnsweredBytes { get; private set; }

    /// <summary>Bytes sent.</summary>
    public long SentBytes { get; private set; }

    /// <inheritdoc />
    public Instant NextTimeout => Instant.Never;

    /// <summary>Sends a datagram with the next turn of the network.</summary>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        SentBytes += datagram.Length;
        _out.Enqueue(datagram.ToArray());
    }

    /// <inheritdoc />
    public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        Answers++;
        AnsweredBytes += datagram.Length;
        return Handling.Handled;
    }

    /// <inheritdoc />
    public void HandleTimeout(Instant now)
    {
    }

    /// <inheritdoc />
    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        transmit = default;
        if (!_out.TryDequeue(out var next)) return false;
        next.CopyTo(destination);
        transmit = new Transmit(new NetworkPath(TransportProtocol.Udp, address, server), next.Length);
        return true;
    }
}
