using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;

namespace Sluice.Testing;

/// <summary>A lite agent as a machine of its own, with every event it told: for simulations of ICE alone.</summary>
public sealed class IceTestServer(IceLiteAgent agent) : IDatagramMachine
{
    private readonly Queue<(NetworkPath Path, byte[] Datagram)> _out = new();

    /// <summary>The agent.</summary>
    public IceLiteAgent Agent { get; } = agent;

    /// <summary>Everything it told, and when.</summary>
    public List<(Instant At, IceEvent Event)> Events { get; } = [];

    /// <inheritdoc />
    public Instant NextTimeout => Agent.NextTimeout;

    /// <inheritdoc />
    public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        Span<byte> response = stackalloc byte[IceLiteAgent.MaxResponseLength];
        var handling = Agent.HandleStun(now, path, datagram, response, out var length);
        if (length > 0) _out.Enqueue((path, response[..length].ToArray()));
        Drain(now);
        return handling == IceHandling.Refused ? Handling.Refused : Handling.Handled;
    }

    /// <inheritdoc />
    public void HandleTimeout(Instant now)
    {
        Agent.HandleTimeout(now);
        Drain(now);
    }

    /// <inheritdoc />
    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        transmit = default;
        if (!_out.TryDequeue(out var next)) return false;

        next.Datagram.CopyTo(destination);
        transmit = new Transmit(next.Path, next.Datagram.Length);
        return true;
    }

    private void Drain(Instant now)
    {
        while (Agent.TryTakeEvent(out var told))
        {
            Events.Add((now, told));
        }
    }
}
