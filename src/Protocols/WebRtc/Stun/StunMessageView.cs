using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Stun;

/// <summary>
/// A STUN message over the bytes of its datagram (RFC 8489). <see cref="TryParse"/> checks the frame of every attribute once; after that
/// nothing here can fail but by answering false. The default value is no message: ask only what <see cref="TryParse"/> gave.
/// <para>
/// Attributes behind MESSAGE-INTEGRITY are not protected by it and are not seen by any look-up (RFC 8489 §14.5). Where an attribute
/// comes twice, the first counts (RFC 8489 §14).
/// </para>
/// </summary>
public readonly ref struct StunMessageView
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 20;

    /// <summary>Longer messages are refused: no honest one comes near it, and a check costs time by length.</summary>
    public const int MaxLength = 1500;

    /// <summary>The constant in bytes 4 to 7.</summary>
    public const uint MagicCookie = 0x2112_a442;

    internal const int IntegrityLength = 20;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _attributesEnd;
    private readonly int _integrityOffset; // of the attribute's header; 0 where there is none
    private readonly int _fingerprintOffset;

    private StunMessageView(ReadOnlySpan<byte> bytes, int attributesEnd, int integrityOffset, int fingerprintOffset)
    {
        _bytes = bytes;
        _attributesEnd = attributesEnd;
        _integrityOffset = integrityOffset;
        _fingerprintOffset = fingerprintOffset;
    }

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Request, indication, success or error.</summary>
    public StunClass Class => (StunClass)((_bytes[0] & 1) << 1 | _bytes[1] >> 4 & 1);

    /// <summary>The method.</summary>
    public StunMethod Method => (StunMethod)((_bytes[0] & 0x3e) << 6 | (_bytes[1] & 0xe0) >> 1 | _bytes[1] & 0x0f);

    /// <summary>The transaction id.</summary>
    public StunTransactionId TransactionId => StunTransactionId.Read(_bytes[8..]);

    /// <summary>True where MESSAGE-INTEGRITY is there; says nothing about whether it is right.</summary>
    public bool HasIntegrity => _integrityOffset != 0;

    /// <summary>True where FINGERPRINT is there; says nothing about whether it is right.</summary>
    public bool HasFingerprint => _fingerprintOffset != 0;

    /// <summary>True where USE-CANDIDATE is there.</summary>
    public bool HasUseCandidate => TryGetAttribute(StunAttributeType.UseCandidate, out _);

    /// <summary>
    /// True where a datagram claims to be STUN: first byte 0 to 3 (RFC 7983 §7) and the magic cookie. For the demultiplexer.
    /// </summary>
    public static bool IsStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderLength && datagram[0] <= 3 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie;

    /// <summary>
    /// Checks a datagram's frame: cookie, a length that is a multiple of four and the datagram's own, attributes within bounds, integrity
    /// of 20 bytes, fingerprint of four and last. The view borrows the datagram.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessageView message)
    {
        message = default;
        if (datagram.Length > MaxLength || !IsStun(datagram)) return false;

        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if ((length & 3) != 0 || HeaderLength + length != datagram.Length) return false;

        var integrity = 0;
        var fingerprint = 0;
        var offset = HeaderLength;
        while (offset < datagram.Length)
        {
            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(datagram[offset..]);
            int size = BinaryPrimitives.ReadUInt16BigEndian(datagram[(offset + 2)..]);
            var next = offset + 4 + (size + 3 & ~3);
            if (next > datagram.Length) return false;

            if (type == StunAttributeType.Fingerprint)
            {
                if (size != 4 || next != datagram.Length) return false;
                fingerprint = offset;
            }
            else if (type == StunAttributeType.MessageIntegrity && integrity == 0)
            {
                if (size != IntegrityLength) return false;
                integrity = offset;
            }

            offset = next;
        }

        var end = integrity != 0 ? integrity : fingerprint != 0 ? fingerprint : datagram.Length;
        message = new StunMessageView(datagram, end, integrity, fingerprint);
        return true;
    }

    /// <summary>The attributes before MESSAGE-INTEGRITY and FINGERPRINT, in order: <c>foreach</c> over the message.</summary>
    public StunAttributeEnumerator GetEnumerator() => new(_bytes[HeaderLength.._attributesEnd]);

    /// <summary>The value of the first attribute of a type.</summary>
    public bool TryGetAttribute(StunAttributeType type, out ReadOnlySpan<byte> value)
    {
        foreach (var attribute in this)
        {
            if (attribute.Type == type)
            {
                value = attribute.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>USERNAME; refused where it is longer than 508 bytes (RFC 8489 §14.3).</summary>
    public bool TryGetUsername(out ReadOnlySpan<byte> username) =>
        TryGetAttribute(StunAttributeType.Username, out username) && username.Length <= 508;

    /// <summary>XOR-MAPPED-ADDRESS; false where it is missing or malformed.</summary>
    public bool TryGetXorMappedAddress(out NetworkAddress address)
    {
        address = default;
        return TryGetAttribute(StunAttributeType.XorMappedAddress, out var value)
            && StunXorAddress.TryRead(value, TransactionId, out address);
    }

    /// <summary>PRIORITY; false where it is missing or malformed.</summary>
    public bool TryGetPriority(out uint priority) => TryGetU32(StunAttributeType.Priority, out priority);

    /// <summary>NOMINATION; false where it is missing or malformed.</summary>
    public bool TryGetNomination(out uint nomination) => TryGetU32(StunAttributeType.Nomination, out nomination);

    /// <summary>ICE-CONTROLLING with its tie-breaker.</summary>
    public bool TryGetIceControlling(out ulong tieBreaker) => TryGetU64(StunAttributeType.IceControlling, out tieBreaker);

    /// <summary>ICE-CONTROLLED with its tie-breaker.</summary>
    public bool TryGetIceControlled(out ulong tieBreaker) => TryGetU64(StunAttributeType.IceControlled, out tieBreaker);

    /// <summary>ERROR-CODE: a number from 300 to 699 and a reason in UTF-8, unchecked.</summary>
    public bool TryGetErrorCode(out int code, out ReadOnlySpan<byte> reason)
    {
        code = 0;
        reason = default;
        if (!TryGetAttribute(StunAttributeType.ErrorCode, out var value) || value.Length < 4) return false;

        var hundreds = value[2] & 7;
        if (hundreds is < 3 or > 6 || value[3] > 99) return false;

        code = hundreds * 100 + value[3];
        reason = value[4..];
        return true;
    }

    /// <summary>
    /// Copies the types of attributes that must be understood and are not (RFC 8489 §6.3.1), as many as there is room for.
    /// </summary>
    /// <returns>How many were copied; zero where everything is understood.</returns>
    public int CopyUnknownRequired(Span<ushort> destination)
    {
        var count = 0;
        foreach (var attribute in this)
        {
            if (count == destination.Length) break;
            if (attribute.IsComprehensionRequired && !attribute.IsKnown) destination[count++] = (ushort)attribute.Type;
        }

        return count;
    }

    /// <summary>
    /// True where MESSAGE-INTEGRITY is there and right for the key (RFC 8489 §14.5); compared in constant time. With short-term
    /// credentials the key is the password's bytes.
    /// </summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 8445 has HMAC-SHA1 and nothing else.")]
    public bool CheckIntegrity(ReadOnlySpan<byte> key)
    {
        if (_integrityOffset == 0) return false;

        // The header's length counts up to the integrity's own end, whatever follows: a copy is patched so.
        Span<byte> covered = stackalloc byte[MaxLength];
        covered = covered[.._integrityOffset];
        _bytes[.._integrityOffset].CopyTo(covered);
        BinaryPrimitives.WriteUInt16BigEndian(covered[2..], (ushort)(_integrityOffset + 4 + IntegrityLength - HeaderLength));

        Span<byte> expected = stackalloc byte[IntegrityLength];
        HMACSHA1.HashData(key, covered, expected);
        return CryptographicOperations.FixedTimeEquals(expected, _bytes.Slice(_integrityOffset + 4, IntegrityLength));
    }

    /// <summary>True where FINGERPRINT is there and right (RFC 8489 §14.7).</summary>
    public bool CheckFingerprint() =>
        _fingerprintOffset != 0
        && BinaryPrimitives.ReadUInt32BigEndian(_bytes[(_fingerprintOffset + 4)..]) == StunFingerprint.Compute(_bytes[.._fingerprintOffset]);

    private bool TryGetU32(StunAttributeType type, out uint number)
    {
        number = 0;
        return TryGetAttribute(type, out var value) && value.Length == 4 && BinaryPrimitives.TryReadUInt32BigEndian(value, out number);
    }

    private bool TryGetU64(StunAttributeType type, out ulong number)
    {
        number = 0;
        return TryGetAttribute(type, out var value) && value.Length == 8 && BinaryPrimitives.TryReadUInt64BigEndian(value, out number);
    }
}
