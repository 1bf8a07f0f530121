using System.Runtime.InteropServices;
using Sluice.Protocols.Wire;

namespace Sluice.Testing;

/// <summary>
/// A network in virtual time for machines without I/O: hosts whose interfaces have an access line each way, NATs, and a core that loses nothing. Time jumps
/// to the next arrival or deadline, so an hour passes in moments. The same seed and the same calls give the same trace, datagram by
/// datagram. A machine that sends from an address that is not its own, sends more than the line's longest datagram, or never comes to rest
/// has a bug: the network throws.
/// </summary>
public sealed class VirtualNetwork(ulong seed)
{
    private const int BufferLength = 2048;
    private const int MaxTurns = 1000;

    private struct Packet
    {
        public byte[] Buffer;
        public int Length;
        public TransportProtocol Protocol;
        public NetworkAddress Source;
        public NetworkAddress Destination;
        public VirtualInterface? Interface; // the sender's up to the core, the receiver's from there on
    }

    private readonly SeededRandom _random = new(seed);
    private readonly EventHeap _events = new();
    private readonly List<VirtualHost> _hosts = [];
    private readonly List<VirtualNat> _nats = [];
    private readonly List<Action?> _actions = [];
    private readonly Dictionary<NetworkAddress, VirtualInterface> _public = [];
    private readonly Dictionary<NetworkAddress, VirtualNat> _natsByAddress = [];
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(65_535, pinned: true);
    private Packet[] _packets = new Packet[256];
    private readonly Stack<int> _freePackets = new();
    private int _packetCount;

    /// <summary>Virtual time.</summary>
    public Instant Now { get; private set; }

    /// <summary>Datagrams delivered to machines.</summary>
    public long Delivered { get; private set; }

    /// <summary>Datagrams to an address nobody has, or that a NAT did not let in.</summary>
    public long Unroutable { get; private set; }

    /// <summary>A hash over every delivery: when, from where, to where, every byte.</summary>
    public ulong TraceHash { get; private set; } = 0xcbf2_9ce4_8422_2325;

    /// <summary>Puts a machine on the network.</summary>
    public VirtualHost Attach(IDatagramMachine machine, params NetworkAddress[] addresses) => Attach(machine, null, addresses);

    /// <summary>Puts a machine behind a NAT, with private addresses.</summary>
    public VirtualHost AttachBehind(VirtualNat nat, IDatagramMachine machine, params NetworkAddress[] addresses) =>
        Attach(machine, nat, addresses);

    /// <summary>Gives a host another interface, with its own line, and its own NAT where one is given.</summary>
    public VirtualInterface AddInterface(VirtualHost host, VirtualNat? nat, params NetworkAddress[] addresses)
    {
        ArgumentOutOfRangeException.ThrowIfZero(addresses.Length);
        var added = new VirtualInterface(host, addresses, nat, _random);
        foreach (var address in addresses)
        {
            (nat?.Inside ?? _public).Add(address, added);
        }

        host.Add(added);
        return added;
    }

    /// <summary>Adds a NAT with a public address.</summary>
    public VirtualNat AddNat(NetworkAddress address, bool isSymmetric = false, bool isOpen = false)
    {
        var nat = new VirtualNat(address.WithPort(0)) { IsSymmetric = isSymmetric, IsOpen = isOpen };
        _nats.Add(nat);
        _natsByAddress.Add(nat.Address, nat);
        return nat;
    }

    /// <summary>Gives a NAT a new public address and forgets its mappings: a phone that leaves Wi-Fi.</summary>
    public void Move(VirtualNat nat, NetworkAddress address)
    {
        _natsByAddress.Remove(nat.Address);
        nat.MoveTo(address.WithPort(0));
        _natsByAddress.Add(nat.Address, nat);
    }

    /// <summary>Takes a host away without a word: its machine hears and sends nothing more.</summary>
    public void Detach(VirtualHost host)
    {
        host.Leave();
        foreach (var left in host.Interfaces)
        {
            foreach (var address in left.Addresses)
            {
                (left.Nat?.Inside ?? _public).Remove(address);
            }
        }
    }

    /// <summary>Plans something for a moment.</summary>
    public void At(Instant time, Action action)
    {
        _actions.Add(action);
        _events.Push(Math.Max(time.Nanoseconds, Now.Nanoseconds), VirtualEventKind.Act, _actions.Count - 1);
    }

    /// <summary>Runs for a span.</summary>
    public void RunFor(TimeSpan span) => RunUntil(Now + span);

    /// <summary>Runs up to and including an instant. Whatever a test did to the machines since the last run is taken up first.</summary>
    public void RunUntil(Instant end) => Run(end, null);

    /// <summary>Runs until a condition holds, asked after every event; false where it did not by the limit.</summary>
    public bool RunUntil(Func<bool> condition, Instant limit) => Run(limit, condition);

    private VirtualHost Attach(IDatagramMachine machine, VirtualNat? nat, NetworkAddress[] addresses)
    {
        var host = new VirtualHost(_hosts.Count, machine);
        AddInterface(host, nat, addresses);
        _hosts.Add(host);
        return host;
    }

    private bool Run(Instant end, Func<bool>? condition)
    {
        foreach (var host in CollectionsMarshal.AsSpan(_hosts))
        {
            Settle(host);
        }

        if (condition?.Invoke() == true) return true;

        while (_events.Count > 0 && _events.First.Time <= end.Nanoseconds)
        {
            var next = _events.Pop();
            Now = new Instant(next.Time);
            switch (next.Kind)
            {
                case VirtualEventKind.ReachCore:
                    CrossCore(next.Index);
                    break;
                case VirtualEventKind.Arrive:
                    Deliver(next.Index);
                    break;
                case VirtualEventKind.Wake:
                    WakeUp(_hosts[next.Index]);
                    break;
                case VirtualEventKind.Act:
                    Act(next.Index);
                    break;
            }

            if (condition?.Invoke() == true) return true;
        }

        if (end != Instant.Never && end > Now) Now = end;
        return false;
    }

    private void Act(int index)
    {
        var action = _actions[index];
        _actions[index] = null;
        action?.Invoke();
        foreach (var host in CollectionsMarshal.AsSpan(_hosts))
        {
            Settle(host);
        }
    }

    private void WakeUp(VirtualHost host)
    {
        if (!host.IsAttached || host.Wake != Now) return;

        host.Wake = Instant.Never;
        Settle(host);
    }

    // Takes everything, calls the machine where its deadline has come, and plans its next wake-up.
    private void Settle(VirtualHost host)
    {
        if (!host.IsAttached) return;

        TakeTransmits(host);
        var turns = 0;
        while (host.Machine.NextTimeout.IsDue(Now))
        {
            if (++turns > MaxTurns)
            {
                throw new InvalidOperationException($"{host.Machine.GetType().Name} is due again and again at {Now}.");
            }

            host.Machine.HandleTimeout(Now);
            TakeTransmits(host);
        }

        var deadline = host.Machine.NextTimeout;
        if (deadline == host.Wake) return;

        host.Wake = deadline;
        if (deadline != Instant.Never) _events.Push(deadline.Nanoseconds, VirtualEventKind.Wake, host.Index);
    }

    private void TakeTransmits(VirtualHost host)
    {
        while (host.Machine.TryTakeTransmit(Now, _scratch, out var transmit))
        {
            host.Machine.CompleteTransmits();
            host.Transmits++;
            var sender = host.FindInterface(transmit.Path.Local);
            if (sender is null)
            {
                throw new InvalidOperationException($"{transmit.Path.Local} is not an address of the host that sends from it.");
            }

            if (transmit.SegmentSize <= 0 || transmit.Length <= 0 || transmit.Length > _scratch.Length)
            {
                throw new InvalidOperationException($"A transmit of {transmit.Length} bytes in segments of {transmit.SegmentSize}.");
            }

            for (var offset = 0; offset < transmit.Length; offset += transmit.SegmentSize)
            {
                var length = Math.Min(transmit.SegmentSize, transmit.Length - offset);
                Send(sender, transmit.Path, _scratch.AsSpan(offset, length));
            }
        }
    }

    private void Send(VirtualInterface sender, in NetworkPath path, ReadOnlySpan<byte> datagram)
    {
        sender.Host.Sent++;
        var copies = sender.Up.Carry(Now, datagram.Length, path.Protocol == TransportProtocol.Tcp, out var first, out var second);
        for (var copy = 0; copy < copies; copy++)
        {
            var index = RentPacket();
            ref var packet = ref _packets[index];
            datagram.CopyTo(packet.Buffer);
            packet.Length = datagram.Length;
            packet.Protocol = path.Protocol;
            packet.Source = path.Local;
            packet.Destination = path.Remote;
            packet.Interface = sender;
            _events.Push((copy == 0 ? first : second).Nanoseconds, VirtualEventKind.ReachCore, index);
        }
    }

    private void CrossCore(int index)
    {
        ref var packet = ref _packets[index];
        var receiver = Route(packet.Interface!, ref packet);
        if (receiver is null)
        {
            Unroutable++;
            ReturnPacket(index);
            return;
        }

        packet.Interface = receiver;
        var copies = receiver.Down.Carry(Now, packet.Length, packet.Protocol == TransportProtocol.Tcp, out var first, out var second);
        if (copies == 0)
        {
            ReturnPacket(index);
            return;
        }

        _events.Push(first.Nanoseconds, VirtualEventKind.Arrive, index);
        if (copies < 2) return;

        var twin = RentPacket();
        ref var original = ref _packets[index]; // renting may have moved the table
        var buffer = _packets[twin].Buffer;
        original.Buffer.AsSpan(0, original.Length).CopyTo(buffer);
        _packets[twin] = original with { Buffer = buffer };
        _events.Push(second.Nanoseconds, VirtualEventKind.Arrive, twin);
    }

    private VirtualInterface? Route(VirtualInterface sender, ref Packet packet)
    {
        if (sender.Nat is { } nat)
        {
            if (nat.Inside.TryGetValue(packet.Destination, out var neighbour)) return neighbour;
            packet.Source = nat.TranslateOutward(packet.Source, packet.Destination);
        }

        if (_public.TryGetValue(packet.Destination, out var receiver)) return receiver;

        if (!_natsByAddress.TryGetValue(packet.Destination.WithPort(0), out var target)
            || !target.TryTranslateInward(packet.Destination, packet.Source, out var inside))
        {
            return null;
        }

        packet.Destination = inside;
        return target.Inside.GetValueOrDefault(inside);
    }

    private void Deliver(int index)
    {
        ref var packet = ref _packets[index];
        var host = packet.Interface!.Host;
        if (host.IsAttached)
        {
            Delivered++;
            host.Received++;
            Trace(packet);
            var path = new NetworkPath(packet.Protocol, packet.Destination, packet.Source);
            switch (host.Machine.HandleDatagram(Now, path, packet.Buffer.AsSpan(0, packet.Length)).Kind)
            {
                case HandlingKind.Refused:
                    host.Refused++;
                    break;
                case HandlingKind.HandOver:
                    host.HandedOver++;
                    break;
            }

            Settle(host);
        }

        ReturnPacket(index);
    }

    private int RentPacket()
    {
        if (_freePackets.TryPop(out var index)) return index;

        if (_packetCount == _packets.Length) Array.Resize(ref _packets, _packetCount * 2);
        _packets[_packetCount].Buffer = new byte[BufferLength];
        return _packetCount++;
    }

    private void ReturnPacket(int index)
    {
        _packets[index].Interface = null;
        _freePackets.Push(index);
    }

    private void Trace(in Packet packet)
    {
        Mix((ulong)Now.Nanoseconds);
        MixAddress(packet.Source);
        MixAddress(packet.Destination);
        var bytes = packet.Buffer.AsSpan(0, packet.Length);
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            Mix(word);
        }

        for (var i = bytes.Length & ~7; i < bytes.Length; i++)
        {
            Mix(bytes[i]);
        }

        Mix((ulong)packet.Length);
    }

    private void MixAddress(in NetworkAddress address)
    {
        Mix(address.High);
        Mix(address.Low);
        Mix(address.Port);
    }

    private void Mix(ulong word)
    {
        var mixed = (TraceHash ^ word) * 0x9e37_79b9_7f4a_7c15;
        TraceHash = mixed ^ mixed >> 29;
    }
}
