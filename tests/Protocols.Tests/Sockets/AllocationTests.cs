using System.Net;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

[Collection(SocketsCollection.Name)]
public sealed class AllocationTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Steady_state_allocates_nothing_on_the_drivers_thread(bool portable, bool tcp)
    {
        const int Rounds = 2000;
        await using var group = DriverGroup.Open(TestGroup.Options(portable, 1, static _ => { }), _ => new FrugalEcho());
        group.Start();
        using var peer = tcp ? Peer.Tcp(IPAddress.Loopback, group.Port) : Peer.UdpTo(IPAddress.Loopback, group.Port);
        var question = tcp ? Peer.Framed(new byte[500]) : new byte[500];
        void Converse()
        {
            for (var i = 0; i < Rounds; i++)
            {
                peer.Send(question);
                if (tcp) peer.ReceiveFrame();
                else peer.ReceiveDatagram();
            }
        }

        Converse();
        var before = await group.InvokeAsync(0, (machine, _) => machine.LastAllocated);
        Converse();
        var after = await group.InvokeAsync(0, (machine, _) => machine.LastAllocated);
        Assert.Equal(2 * Rounds, group.Drivers[0].Statistics.DatagramsReceived);
        // The question itself allocates on the driver's thread, and the runtime may once in a while; a byte a round would be far more.
        Assert.InRange(after - before, 0, Rounds - 1);
    }

    private sealed class FrugalEcho : IDatagramMachine
    {
        private readonly byte[] _bytes = new byte[2048];
        private NetworkPath _path;
        private int _length;

        public long LastAllocated { get; private set; }

        public Instant NextTimeout => Instant.Never;

        public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
        {
            LastAllocated = GC.GetAllocatedBytesForCurrentThread();
            datagram.CopyTo(_bytes);
            _path = path;
            _length = datagram.Length;
            return Handling.Handled;
        }

        public void HandleTimeout(Instant now)
        {
        }

        public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
        {
            transmit = new Transmit(_path, _length);
            if (_length == 0) return false;
            _bytes.AsSpan(0, _length).CopyTo(destination);
            _length = 0;
            return true;
        }
    }
}
