using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Linux;

/// <summary>sockaddr_in and sockaddr_in6 as bytes, to and from addresses, without allocation.</summary>
internal static class SocketName
{
    /// <summary>Room for either.</summary>
    public const int Capacity = 32;

    private const int Ipv4Bytes = 16;
    private const int Ipv6Bytes = 28;

    /// <summary>Writes an address; the number of bytes written.</summary>
    public static int Write(Span<byte> name, in NetworkAddress address)
    {
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], address.Port);
        if (address.IsIPv4)
        {
            MemoryMarshal.Write(name, Libc.AfInet);
            BinaryPrimitives.WriteUInt32BigEndian(name[4..], address.IPv4);
            name[8..Ipv4Bytes].Clear();
            return Ipv4Bytes;
        }

        MemoryMarshal.Write(name, Libc.AfInet6);
        name[4..8].Clear();
        address.WriteIPv6(name[8..]);
        MemoryMarshal.Write(name[24..], address.Scope);
        return Ipv6Bytes;
    }

    /// <summary>Reads an address; false for another family.</summary>
    public static bool TryRead(ReadOnlySpan<byte> name, out NetworkAddress address)
    {
        address = default;
        if (name.Length < Ipv4Bytes) return false;
        var family = MemoryMarshal.Read<ushort>(name);
        var port = BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        if (family == Libc.AfInet)
        {
            address = NetworkAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(name[4..]), port);
            return true;
        }

        if (family != Libc.AfInet6 || name.Length < Ipv6Bytes) return false;
        address = NetworkAddress.FromIPv6(name.Slice(8, 16), port, MemoryMarshal.Read<uint>(name[24..]));
        return true;
    }
}
