using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Portable;

/// <summary>
/// .NET's socket address as bytes, read and written in place so that no end point is made per datagram. .NET writes the family; the other fields lie at the
/// same offsets on every system it runs on.
/// </summary>
internal static class PortableName
{
    private const int PortOffset = 2;
    private const int Ipv4Offset = 4;
    private const int Ipv6Offset = 8;
    private const int ScopeOffset = 24;

    /// <summary>A socket address of a family to be written over and over.</summary>
    public static SocketAddress Create(AddressFamily family) =>
        new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0).Serialize();

    /// <summary>Writes an address of the same family.</summary>
    public static void Write(SocketAddress name, in NetworkAddress address)
    {
        var bytes = name.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortOffset..], address.Port);
        if (address.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[Ipv4Offset..], address.IPv4);
            return;
        }

        address.WriteIPv6(bytes[Ipv6Offset..]);
        MemoryMarshal.Write(bytes[ScopeOffset..], address.Scope);
    }

    /// <summary>Reads what a receive call wrote.</summary>
    public static bool TryRead(SocketAddress name, out NetworkAddress address)
    {
        var bytes = name.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[PortOffset..]);
        switch (name.Family)
        {
            case AddressFamily.InterNetwork:
                address = NetworkAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes[Ipv4Offset..]), port);
                return true;
            case AddressFamily.InterNetworkV6:
                address = NetworkAddress.FromIPv6(bytes.Slice(Ipv6Offset, 16), port, MemoryMarshal.Read<uint>(bytes[ScopeOffset..]));
                return true;
            default:
                address = default;
                return false;
        }
    }
}
