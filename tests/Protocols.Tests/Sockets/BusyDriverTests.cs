using System.Net;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Sockets;

/// <summary>A machine that always has more to send, and what comes in meanwhile.</summary>
[Collection(SocketsCollection.Name)]
public sealed class BusyDriverTests
{
    private const int Datagrams = 200; // more than a batch holds, fewer than a turn reads and than the smallest default socket buffer takes
    private const int Length = 1200;
    private const int MostBytesOfATurn = 4 << 20;

    [LinuxFact]
    public async Task All_that_has_come_is_handled_before_the_next_datagram_is_sent()
    {
        using var sink = Peer.Udp(IPAddress.Loopback);
        var machine = new BusyMachine(sink.Address());
        await using var group = DriverGroup.Open(TestGroup.Options(portable: false, 1, static _ => { }), _ => machine);
        group.Start();
        group.Wake(0);
        await machine.Entered.Task;

        // The driver stands still in its first take: all of this is in the kernel's buffer when it goes on.
        using var peer = Peer.UdpTo(IPAddress.Loopback, group.Port);
        for (var i = 0; i < Datagrams; i++) peer.Send([1]);
        machine.Go.Set();
        await machine.HeardAll.Task;

        Assert.All(machine.SentBefore, sent => Assert.Equal(machine.SentBefore[0], sent));
        Assert.InRange(machine.SentBefore[0], 1, MostBytesOfATurn / Length + 1);
    }

    private sealed class BusyMachine(NetworkAddress to) : IDatagramMachine
    {
        private int _sent;
        private bool _entered;

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Go { get; } = new();

        public TaskCompletionSource HeardAll { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>For each datagram that came, how many had been sent before.</summary>
        public List<int> SentBefore { get; } = [];

        public Instant NextTimeout => Instant.Never;

        public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
        {
            if (SentBefore.Count == Datagrams) return Handling.Handled;
            SentBefore.Add(_sent);
            if (SentBefore.Count == Datagrams) HeardAll.SetResult();
            return Handling.Handled;
        }

        public void HandleTimeout(Instant now)
        {
        }

        public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
        {
            if (!_entered)
            {
                _entered = true;
                Entered.SetResult();
                Go.Wait();
            }

            _sent++;
            transmit = new Transmit(Peer.UdpPath(to), Length);
            return true;
        }
    }
}
