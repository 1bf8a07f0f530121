using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Testing;

/// <summary>A machine that sends what it is told, notes what it gets, and can echo.</summary>
internal sealed class ScriptedMachine : IDatagramMachine
{
    private readonly Queue<(NetworkPath Path, byte[] Bytes, int Segment)> _out = new();

    public List<(Instant At, NetworkPath Path, byte[] Bytes)> Received { get; } = [];

    public List<Instant> Woken { get; } = [];

    public bool Echoes { get; init; }

    public bool KeepsBytes { get; init; } = true;

    public HandlingKind Verdict { get; init; }

    public Instant NextTimeout { get; set; } = Instant.Never;

    public Func<Instant, Instant>? OnTimeout { get; set; }

    public void Send(NetworkAddress from, NetworkAddress to, byte[] bytes, int segment = 0, TransportProtocol protocol = TransportProtocol.Udp) =>
        _out.Enqueue((new NetworkPath(protocol, from, to), bytes, segment == 0 ? bytes.Length : segment));

    public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        if (KeepsBytes || Echoes)
        {
            var bytes = datagram.ToArray();
            Received.Add((now, path, bytes));
            if (Echoes) _out.Enqueue((path, bytes, bytes.Length));
        }

        datagram.Clear(); // machines may write into what they get
        return new Handling(Verdict);
    }

    public void HandleTimeout(Instant now)
    {
        Woken.Add(now);
        NextTimeout = OnTimeout?.Invoke(now) ?? Instant.Never;
    }

    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        transmit = default;
        if (!_out.TryDequeue(out var next)) return false;

        next.Bytes.CopyTo(destination);
        transmit = new Transmit(next.Path, next.Bytes.Length, next.Segment);
        return true;
    }
}
