using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sluice.Protocols.Rtmp.Handshakes;

/// <summary>
/// The digest variant of the handshake, which Flash introduced and FFmpeg and others speak: a packet hides an HMAC-SHA256 of the rest of
/// itself at an offset it tells, in one of two places (schemes 0 and 1). Not part of RTMP 1.0; the keys are public.
/// </summary>
internal static class HandshakeDigest
{
    /// <summary>Bytes of C1, C2, S1 and S2.</summary>
    public const int PacketLength = 1536;

    /// <summary>Bytes of a digest.</summary>
    public const int Length = 32;

    private const int ClientPart = 30;
    private const int ServerPart = 36;

    private static ReadOnlySpan<byte> Secret =>
    [
        0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57,
        0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae,
    ];

    private static readonly byte[] ServerKeyBytes = [.. "Genuine Adobe Flash Media Server 001"u8, .. Secret];
    private static readonly byte[] ClientKeyBytes = [.. "Genuine Adobe Flash Player 001"u8, .. Secret];

    /// <summary>The key of a server's first packet.</summary>
    public static ReadOnlySpan<byte> ServerKey => ServerKeyBytes.AsSpan(0, ServerPart);

    /// <summary>The key of a client's first packet.</summary>
    public static ReadOnlySpan<byte> ClientKey => ClientKeyBytes.AsSpan(0, ClientPart);

    /// <summary>The key of a server's answer.</summary>
    public static ReadOnlySpan<byte> ServerFullKey => ServerKeyBytes;

    /// <summary>The key of a client's answer.</summary>
    public static ReadOnlySpan<byte> ClientFullKey => ClientKeyBytes;

    /// <summary>Where a packet of a scheme keeps its digest.</summary>
    public static int OffsetOf(ReadOnlySpan<byte> packet, int scheme)
    {
        var block = scheme == 0 ? 8 : 772;
        var told = packet[block] + packet[block + 1] + packet[block + 2] + packet[block + 3];
        return block + 4 + told % 728;
    }

    /// <summary>Looks for a valid digest; false for packets of the simple handshake and for damage.</summary>
    public static bool TryFind(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> key, out int scheme, out int offset)
    {
        Span<byte> expected = stackalloc byte[Length];
        for (scheme = 0; scheme < 2; scheme++)
        {
            offset = OffsetOf(packet, scheme);
            Compute(packet, offset, key, expected);
            if (expected.SequenceEqual(packet.Slice(offset, Length))) return true;
        }

        offset = 0;
        return false;
    }

    /// <summary>Puts a first packet's digest into its place; the rest of the packet must be final.</summary>
    public static void Sign(Span<byte> packet, int scheme, ReadOnlySpan<byte> key)
    {
        var offset = OffsetOf(packet, scheme);
        Compute(packet, offset, key, packet.Slice(offset, Length));
    }

    /// <summary>Signs an answer, in its last 32 bytes, for the digest it answers.</summary>
    public static void SignAnswer(Span<byte> packet, ReadOnlySpan<byte> answered, ReadOnlySpan<byte> key)
    {
        Span<byte> derived = stackalloc byte[Length];
        HMACSHA256.HashData(key, answered, derived);
        HMACSHA256.HashData(derived, packet[..^Length], packet[^Length..]);
    }

    /// <summary>True where an answer is signed for the digest.</summary>
    public static bool IsAnswer(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> answered, ReadOnlySpan<byte> key)
    {
        Span<byte> copy = stackalloc byte[PacketLength];
        packet.CopyTo(copy);
        SignAnswer(copy, answered, key);
        return copy.SequenceEqual(packet);
    }

    /// <summary>Fills a packet with bytes that need not be secret, only not constant.</summary>
    public static void FillRandom(Span<byte> destination, ulong seed)
    {
        Span<byte> word = stackalloc byte[8];
        while (!destination.IsEmpty)
        {
            seed += 0x9e3779b97f4a7c15;
            var mixed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
            mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
            BinaryPrimitives.WriteUInt64LittleEndian(word, mixed ^ mixed >> 31);
            var count = Math.Min(destination.Length, word.Length);
            word[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }

    private static void Compute(ReadOnlySpan<byte> packet, int offset, ReadOnlySpan<byte> key, Span<byte> digest)
    {
        Span<byte> rest = stackalloc byte[PacketLength - Length];
        packet[..offset].CopyTo(rest);
        packet[(offset + Length)..PacketLength].CopyTo(rest[offset..]);
        HMACSHA256.HashData(key, rest, digest);
    }
}
