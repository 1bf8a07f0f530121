using Sluice.Protocols.Wire;

namespace Sluice.Testing;

/// <summary>
/// A NAT between hosts with private addresses and the network (RFC 4787). Outgoing datagrams get a public port each source keeps; incoming
/// ones pass where the source has written to the sender before. It can rebind at any moment, as routers do that restart, and phones that
/// change networks.
/// </summary>
public sealed class VirtualNat
{
    private const ushort FirstPort = 40_000;

    private readonly record struct Flow(NetworkAddress Private, NetworkAddress Remote);

    private readonly Dictionary<Flow, NetworkAddress> _outward = [];
    private readonly Dictionary<NetworkAddress, NetworkAddress> _inward = [];
    private readonly HashSet<(NetworkAddress Public, NetworkAddress Remote)> _permitted = [];
    private ushort _nextPort = FirstPort;

    internal VirtualNat(NetworkAddress address) => Address = address;

    /// <summary>The public address; its port means nothing.</summary>
    public NetworkAddress Address { get; private set; }

    /// <summary>True for a NAT that gives each destination another port (RFC 4787's address-and-port-dependent mapping).</summary>
    public bool IsSymmetric { get; init; }

    /// <summary>True for a NAT that lets anyone in on a mapped port; else only those the host has written to.</summary>
    public bool IsOpen { get; init; }

    internal Dictionary<NetworkAddress, VirtualInterface> Inside { get; } = [];

    /// <summary>Forgets every mapping: each source gets a new port with its next datagram, and answers to the old ones are lost.</summary>
    public void Rebind()
    {
        _outward.Clear();
        _inward.Clear();
        _permitted.Clear();
    }

    internal void MoveTo(NetworkAddress address)
    {
        Rebind();
        Address = address;
    }

    internal NetworkAddress TranslateOutward(NetworkAddress source, NetworkAddress remote)
    {
        var flow = new Flow(source, IsSymmetric ? remote : default);
        if (!_outward.TryGetValue(flow, out var mapped))
        {
            mapped = Address.WithPort(_nextPort);
            _nextPort = _nextPort == ushort.MaxValue ? FirstPort : (ushort)(_nextPort + 1);
            _outward[flow] = mapped;
            _inward[mapped] = source;
        }

        _permitted.Add((mapped, remote));
        return mapped;
    }

    internal bool TryTranslateInward(NetworkAddress destination, NetworkAddress source, out NetworkAddress inside) =>
        _inward.TryGetValue(destination, out inside) && (IsOpen || _permitted.Contains((destination, source)));
}
