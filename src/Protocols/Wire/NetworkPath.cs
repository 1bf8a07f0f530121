using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Protocols.Wire;

/// <summary>The transport a path runs over.</summary>
public enum TransportProtocol : byte
{
    /// <summary>UDP datagrams.</summary>
    Udp = 0,

    /// <summary>A TCP connection whose frames carry datagrams (RFC 4571).</summary>
    Tcp = 1,
}

/// <summary>
/// An IP address and port as a value: 16 bytes of IPv6 (IPv4 as ::ffff:a.b.c.d) and a port. Never allocates, so a hot path can compare
/// and hash it.
/// </summary>
/// <param name="High">The upper eight address bytes, big-endian.</param>
/// <param name="Low">The lower eight address bytes, big-endian.</param>
/// <param name="Port">The port, in host order.</param>
/// <param name="Scope">The scope id of a link-local IPv6 address, else 0.</param>
public readonly record struct NetworkAddress(ulong High, ulong Low, ushort Port, uint Scope = 0)
{
    private const ulong MappedPrefix = 0x0000_ffff_0000_0000;

    /// <summary>True where the address is IPv4.</summary>
    public bool IsIPv4 => High == 0 && Low >> 32 == 0xffff;

    /// <summary>The four bytes of an IPv4 address in host order; meaningless for IPv6.</summary>
    public uint IPv4 => (uint)Low;

    /// <summary>An IPv4 address from its 32 bits in host order.</summary>
    public static NetworkAddress FromIPv4(uint address, ushort port) => new(0, MappedPrefix | address, port);

    /// <summary>An IPv6 address from its sixteen wire bytes.</summary>
    public static NetworkAddress FromIPv6(ReadOnlySpan<byte> address, ushort port, uint scope = 0) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), port, scope);

    /// <summary>From .NET's end point; an edge function, it may allocate.</summary>
    public static NetworkAddress From(IPEndPoint endPoint) => From(endPoint.Address, (ushort)endPoint.Port);

    /// <summary>From .NET's address and a port.</summary>
    public static NetworkAddress From(IPAddress address, ushort port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return written == 4
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), port)
            : FromIPv6(bytes, port, address.IsIPv6LinkLocal ? (uint)address.ScopeId : 0);
    }

    /// <summary>The same address with another port.</summary>
    public NetworkAddress WithPort(ushort port) => this with { Port = port };

    /// <summary>Writes the sixteen IPv6 bytes (IPv4 mapped).</summary>
    public void WriteIPv6(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>To .NET's address; allocates.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteIPv6(bytes);
        return IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes, Scope);
    }

    /// <summary>To .NET's end point; allocates.</summary>
    public IPEndPoint ToEndPoint() => new(ToIPAddress(), Port);

    /// <summary>The address family sockets need.</summary>
    public AddressFamily Family => IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    /// <inheritdoc />
    public override string ToString() => ToEndPoint().ToString();
}

/// <summary>
/// The way a datagram came or shall go: transport, our address, the peer's address. Two datagrams of one path share all three.
/// </summary>
/// <param name="Protocol">UDP, or a TCP connection with framing.</param>
/// <param name="Local">Our address, as the peer sees it before any NAT: what an answer must leave from.</param>
/// <param name="Remote">The peer's address.</param>
public readonly record struct NetworkPath(TransportProtocol Protocol, NetworkAddress Local, NetworkAddress Remote)
{
    /// <summary>Equality without a copy of either, for paths that are compared with every datagram.</summary>
    public static bool AreSame(in NetworkPath one, in NetworkPath other) =>
        one.Remote.Port == other.Remote.Port && one.Remote.Low == other.Remote.Low && one.Remote.High == other.Remote.High && one.Remote.Scope == other.Remote.Scope
        && one.Local.Port == other.Local.Port && one.Local.Low == other.Local.Low && one.Local.High == other.Local.High && one.Local.Scope == other.Local.Scope
        && one.Protocol == other.Protocol;
}

/// <summary>
/// What a machine wants sent: one datagram, or a run of datagrams of one size to one peer (the last may be shorter), which a kernel
/// with UDP_SEGMENT sends in one call.
/// </summary>
/// <param name="Path">Where to, and from which of our addresses.</param>
/// <param name="Length">Bytes written to the destination buffer, all segments together.</param>
/// <param name="SegmentSize">Bytes of each datagram; equal to <paramref name="Length"/> for a single one.</param>
public readonly record struct Transmit(NetworkPath Path, int Length, int SegmentSize)
{
    /// <summary>A single datagram.</summary>
    public Transmit(NetworkPath path, int length)
        : this(path, length, length)
    {
    }
}
