using Sluice.Protocols.Wire;

namespace Sluice.Testing;

/// <summary>One network interface of a host: addresses, an access line, and perhaps a NAT before it.</summary>
public sealed class VirtualInterface
{
    private readonly NetworkAddress[] _addresses;

    internal VirtualInterface(VirtualHost host, NetworkAddress[] addresses, VirtualNat? nat, SeededRandom random)
    {
        Host = host;
        _addresses = addresses;
        Nat = nat;
        Up = new VirtualLink(random.Fork());
        Down = new VirtualLink(random.Fork());
    }

    /// <summary>Whose it is.</summary>
    public VirtualHost Host { get; }

    /// <summary>Its own addresses; private ones behind a NAT.</summary>
    public IReadOnlyList<NetworkAddress> Addresses => _addresses;

    /// <summary>The NAT it is behind, or null.</summary>
    public VirtualNat? Nat { get; }

    /// <summary>From the host to the network.</summary>
    public VirtualLink Up { get; }

    /// <summary>From the network to the host.</summary>
    public VirtualLink Down { get; }

    internal bool Owns(in NetworkAddress address)
    {
        foreach (var own in _addresses)
        {
            if (own == address) return true;
        }

        return false;
    }
}

/// <summary>A machine on the virtual network. It has one interface, or more: a phone has its Wi-Fi and its cellular network.</summary>
public sealed class VirtualHost
{
    private readonly List<VirtualInterface> _interfaces = [];

    internal VirtualHost(int index, IDatagramMachine machine)
    {
        Index = index;
        Machine = machine;
    }

    /// <summary>The machine that lives here; after <see cref="VirtualNetwork.Detach"/> one that does nothing.</summary>
    public IDatagramMachine Machine { get; private set; }

    /// <summary>Its interfaces, at least one.</summary>
    public IReadOnlyList<VirtualInterface> Interfaces => _interfaces;

    /// <summary>From the first interface to the network.</summary>
    public VirtualLink Up => _interfaces[0].Up;

    /// <summary>From the network to the first interface.</summary>
    public VirtualLink Down => _interfaces[0].Down;

    /// <summary>Datagrams given to the machine.</summary>
    public long Received { get; internal set; }

    /// <summary>Datagrams the machine refused.</summary>
    public long Refused { get; internal set; }

    /// <summary>Datagrams the machine wanted handed to another shard; the network drops them.</summary>
    public long HandedOver { get; internal set; }

    /// <summary>Datagrams the machine sent.</summary>
    public long Sent { get; internal set; }

    /// <summary>Transmits the machine made: runs count once.</summary>
    public long Transmits { get; internal set; }

    /// <summary>False after <see cref="VirtualNetwork.Detach"/>.</summary>
    public bool IsAttached { get; private set; } = true;

    internal int Index { get; }

    /// <summary>The wake-up that is in the heap; others are out of date.</summary>
    internal Instant Wake { get; set; } = Instant.Never;

    // The network knows a host by its index for ever; thousands that have left must not take their machines' memory along.
    internal void Leave()
    {
        IsAttached = false;
        Machine = Absence.Instance;
    }

    internal void Add(VirtualInterface added) => _interfaces.Add(added);

    internal VirtualInterface? FindInterface(in NetworkAddress address)
    {
        foreach (var candidate in _interfaces)
        {
            if (candidate.Owns(address)) return candidate;
        }

        return null;
    }

    private sealed class Absence : IDatagramMachine
    {
        public static Absence Instance { get; } = new();

        public Instant NextTimeout => Instant.Never;

        public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram) => Handling.Refused;

        public void HandleTimeout(Instant now)
        {
        }

        public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
        {
            transmit = default;
            return false;
        }
    }
}
