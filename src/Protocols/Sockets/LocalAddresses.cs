using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets;

/// <summary>The addresses of this machine's interfaces, as host candidates need them (RFC 8445 §5.1.1.1).</summary>
public static class LocalAddresses
{
    /// <summary>
    /// Lists the unicast addresses of interfaces that are up, loopback first, each once. An edge function: it asks the system and allocates.
    /// </summary>
    /// <param name="port">The port written into every address.</param>
    /// <param name="includeLinkLocal">Also list IPv6 link-local addresses, with their scope.</param>
    public static IReadOnlyList<NetworkAddress> Enumerate(ushort port = 0, bool includeLinkLocal = false)
    {
        var loopback = new List<NetworkAddress>();
        var others = new List<NetworkAddress>();
        foreach (var face in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (face.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown)) continue;
            foreach (var unicast in face.GetIPProperties().UnicastAddresses)
            {
                var address = unicast.Address;
                if (address.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)) continue;
                if (address.IsIPv6LinkLocal && !includeLinkLocal) continue;
                var list = IPAddress.IsLoopback(address) ? loopback : others;
                var entry = NetworkAddress.From(address, port);
                if (!list.Contains(entry)) list.Add(entry);
            }
        }

        loopback.AddRange(others);
        return loopback;
    }
}
