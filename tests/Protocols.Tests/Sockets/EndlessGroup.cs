using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

/// <summary>A group whose machine never runs out of datagrams.</summary>
internal sealed class EndlessGroup : IAsyncDisposable
{
    private readonly DriverGroup<EndlessMachine> _group;

    public EndlessGroup(bool portable, NetworkAddress to)
    {
        _group = DriverGroup.Open(TestGroup.Options(portable, 1, static _ => { }), _ => new EndlessMachine(to));
        _group.Start();
        _group.Wake(0);
    }

    public ushort Port => _group.Port;

    public Task Heard => _group.Drivers[0].Machine.Heard.Task;

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    private sealed class EndlessMachine(NetworkAddress to) : IDatagramMachine
    {
        public TaskCompletionSource Heard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Instant NextTimeout => Instant.Never;

        public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
        {
            Heard.TrySetResult();
            return Handling.Handled;
        }

        public void HandleTimeout(Instant now)
        {
        }

        public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
        {
            transmit = new Transmit(Peer.UdpPath(to), 1200);
            return true;
        }
    }
}
