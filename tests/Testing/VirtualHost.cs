using Sluice.Protocols.Wire;

namespace Sluice.Testing;

/// <summary>A machine on the virtual network, with its addresses and its access line.</summary>
public sealed class VirtualHost
{
    internal VirtualHost(int index, IDatagramMachine machine, NetworkAddress[] addresses, VirtualNat? nat, SeededRandom random)
    {
        Index = index;
        Machine = machine;
        Addresses = addresses;
        Nat = nat;
        Up = new VirtualLink(random.Fork());
        Down = new VirtualLink(random.Fork());
    }

    /// <summary>The machine that lives here.</summary>
    public IDatagramMachine Machine { get; }

    /// <summary>Its own addresses; private ones behind a NAT.</summary>
    public IReadOnlyList<NetworkAddress> Addresses { get; }

    /// <summary>The NAT it is behind, or null.</summary>
    public VirtualNat? Nat { get; }

    /// <summary>From the host to the network.</summary>
    public VirtualLink Up { get; }

    /// <summary>From the network to the host.</summary>
    public VirtualLink Down { get; }

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
    public bool IsAttached { get; internal set; } = true;

    internal int Index { get; }

    /// <summary>The wake-up that is in the heap; others are out of date.</summary>
    internal Instant Wake { get; set; } = Instant.Never;

    internal bool Owns(in NetworkAddress address)
    {
        foreach (var own in Addresses)
        {
            if (own == address) return true;
        }

        return false;
    }
}
