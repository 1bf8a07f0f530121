using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Linux;

/// <summary>Control messages (cmsg(3)) of a datagram: from which of our addresses, and how long the segments are.</summary>
internal static class Cmsg
{
    /// <summary>Room for every control message this room sends or asks for.</summary>
    public const int Capacity = 128;

    private const ulong LinkLocalPrefix = 0xfe80;

    private static int HeaderBytes => Unsafe.SizeOf<nuint>() + 8;

    /// <summary>Appends the source address; the number of bytes used.</summary>
    public static int WriteSource(Span<byte> control, in NetworkAddress source)
    {
        if (source.IsIPv4)
        {
            var info = Begin(control, Libc.SolIp, Libc.IpPacketInfo, 12, out var used);
            info.Clear();
            BinaryPrimitives.WriteUInt32BigEndian(info[4..], source.IPv4);
            return used;
        }
        else
        {
            var info = Begin(control, Libc.SolIpv6, Libc.Ipv6PacketInfo, 20, out var used);
            source.WriteIPv6(info);
            MemoryMarshal.Write(info[16..], source.Scope);
            return used;
        }
    }

    /// <summary>Appends the segment size of a run; the number of bytes used.</summary>
    public static int WriteSegmentSize(Span<byte> control, ushort size)
    {
        MemoryMarshal.Write(Begin(control, Libc.SolUdp, Libc.UdpSegment, sizeof(ushort), out var used), size);
        return used;
    }

    /// <summary>
    /// Reads the local address (port left 0), the segment size and the socket's count of lost datagrams out of what the kernel wrote; each stays as it was where its
    /// message is missing.
    /// </summary>
    public static void Read(ReadOnlySpan<byte> control, ref NetworkAddress local, ref int segmentSize, ref uint overflows)
    {
        while (TryTake(ref control, out var level, out var type, out var content))
        {
            if (level == Libc.SolIp && type == Libc.IpPacketInfo && content.Length >= 12)
            {
                // The second field is the address of ours an answer leaves from, whatever the datagram was sent to (ip(7)).
                local = NetworkAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(content[4..]), 0);
            }
            else if (level == Libc.SolIpv6 && type == Libc.Ipv6PacketInfo && content.Length >= 20)
            {
                var isLinkLocal = BinaryPrimitives.ReadUInt16BigEndian(content) == LinkLocalPrefix;
                local = NetworkAddress.FromIPv6(content, 0, isLinkLocal ? MemoryMarshal.Read<uint>(content[16..]) : 0);
            }
            else if (level == Libc.SolUdp && type == Libc.UdpGro && content.Length >= sizeof(int))
            {
                segmentSize = MemoryMarshal.Read<int>(content);
            }
            else if (level == Libc.SolSocket && type == Libc.SoReceiveOverflow && content.Length >= sizeof(uint))
            {
                overflows = MemoryMarshal.Read<uint>(content);
            }
        }
    }

    /// <summary>Takes the first message off what the kernel wrote; false where there is no whole one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake(ref ReadOnlySpan<byte> control, out int level, out int type, out ReadOnlySpan<byte> content)
    {
        level = type = 0;
        content = default;
        if (control.Length < HeaderBytes) return false;
        var length = (int)Math.Min(MemoryMarshal.Read<nuint>(control), int.MaxValue);
        if (length < HeaderBytes || length > control.Length) return false;
        level = MemoryMarshal.Read<int>(control[Unsafe.SizeOf<nuint>()..]);
        type = MemoryMarshal.Read<int>(control[(Unsafe.SizeOf<nuint>() + 4)..]);
        content = control[HeaderBytes..length];
        control = control[Math.Min(Align(length), control.Length)..];
        return true;
    }

    private static Span<byte> Begin(Span<byte> control, int level, int type, int contentBytes, out int used)
    {
        MemoryMarshal.Write(control, (nuint)(HeaderBytes + contentBytes));
        MemoryMarshal.Write(control[Unsafe.SizeOf<nuint>()..], level);
        MemoryMarshal.Write(control[(Unsafe.SizeOf<nuint>() + 4)..], type);
        used = Align(HeaderBytes + contentBytes);
        return control.Slice(HeaderBytes, contentBytes);
    }

    private static int Align(int length) => (length + Unsafe.SizeOf<nuint>() - 1) & ~(Unsafe.SizeOf<nuint>() - 1);
}
