using System.Net;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

public sealed class LocalAddressesTests
{
    [Fact]
    public void Loopback_is_listed_first_and_every_address_once_with_the_port()
    {
        var list = LocalAddresses.Enumerate(4242);
        Assert.True(IPAddress.IsLoopback(list[0].ToIPAddress()));
        Assert.Contains(NetworkAddress.From(IPAddress.Loopback, 4242), list);
        Assert.Equal(list.Count, list.Distinct().Count());
        Assert.All(list, address => Assert.Equal(4242, address.Port));
        Assert.DoesNotContain(list, address => address.ToIPAddress().IsIPv6LinkLocal);
        Assert.Superset(list.ToHashSet(), LocalAddresses.Enumerate(4242, includeLinkLocal: true).ToHashSet());
    }
}
