using System.Buffers.Binary;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Stun;

/// <summary>
/// The value of XOR-MAPPED-ADDRESS (RFC 8489 §14.2): an address hidden from NATs that rewrite addresses wherever they see them.
/// </summary>
internal static class StunXorAddress
{
    public const int IPv4Length = 8;
    public const int IPv6Length = 20;

    private const byte FamilyIPv4 = 1;
    private const byte FamilyIPv6 = 2;

    public static bool TryRead(ReadOnlySpan<byte> value, in StunTransactionId transaction, out NetworkAddress address)
    {
        address = default;
        if (value.Length is not (IPv4Length or IPv6Length)) return false;

        var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (ushort)(StunMessageView.MagicCookie >> 16));
        if (value[1] == FamilyIPv4 && value.Length == IPv4Length)
        {
            address = NetworkAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(value[4..]) ^ StunMessageView.MagicCookie, port);
            return true;
        }

        if (value[1] != FamilyIPv6 || value.Length != IPv6Length) return false;

        address = new NetworkAddress(
            BinaryPrimitives.ReadUInt64BigEndian(value[4..]) ^ HighMask(transaction),
            BinaryPrimitives.ReadUInt64BigEndian(value[12..]) ^ transaction.Low,
            port);
        return true;
    }

    public static int Write(in NetworkAddress address, in StunTransactionId transaction, Span<byte> value)
    {
        value[0] = 0;
        value[1] = address.IsIPv4 ? FamilyIPv4 : FamilyIPv6;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (ushort)(StunMessageView.MagicCookie >> 16)));
        if (address.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value[4..], address.IPv4 ^ StunMessageView.MagicCookie);
            return IPv4Length;
        }

        BinaryPrimitives.WriteUInt64BigEndian(value[4..], address.High ^ HighMask(transaction));
        BinaryPrimitives.WriteUInt64BigEndian(value[12..], address.Low ^ transaction.Low);
        return IPv6Length;
    }

    private static ulong HighMask(in StunTransactionId transaction) => (ulong)StunMessageView.MagicCookie << 32 | transaction.High;
}
