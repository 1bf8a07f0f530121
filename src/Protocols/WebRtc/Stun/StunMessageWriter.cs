using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Stun;

/// <summary>
/// Writes one STUN message into a span (RFC 8489): header at once, then attributes, then <see cref="AddIntegrity"/>, then
/// <see cref="AddFingerprint"/>. The message is whole after every call. A destination that is too small is the caller's bug and throws.
/// </summary>
public ref struct StunMessageWriter
{
    private readonly Span<byte> _destination;
    private readonly StunTransactionId _transaction;

    /// <summary>Begins a message.</summary>
    public StunMessageWriter(Span<byte> destination, StunClass @class, StunMethod method, in StunTransactionId transaction)
    {
        _destination = destination;
        _transaction = transaction;
        var bits = (int)method;
        var type = bits & 0x000f | (bits & 0x0070) << 1 | (bits & 0x0f80) << 2 | ((int)@class & 1) << 4 | ((int)@class & 2) << 7;
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], StunMessageView.MagicCookie);
        transaction.Write(destination[8..]);
        Length = StunMessageView.HeaderLength;
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>The message so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _destination[..Length];

    /// <summary>What fills an attribute up to four bytes: zero (RFC 8489 §14); old senders and the RFC 5769 vectors use others.</summary>
    internal byte Padding { get; set; }

    /// <summary>Adds any attribute.</summary>
    public void Add(StunAttributeType type, scoped ReadOnlySpan<byte> value) => value.CopyTo(Reserve(type, value.Length));

    /// <summary>Adds USERNAME.</summary>
    public void AddUsername(scoped ReadOnlySpan<byte> username) => Add(StunAttributeType.Username, username);

    /// <summary>Adds XOR-MAPPED-ADDRESS.</summary>
    public void AddXorMappedAddress(in NetworkAddress address)
    {
        var length = address.IsIPv4 ? StunXorAddress.IPv4Length : StunXorAddress.IPv6Length;
        StunXorAddress.Write(address, _transaction, Reserve(StunAttributeType.XorMappedAddress, length));
    }

    /// <summary>Adds PRIORITY.</summary>
    public void AddPriority(uint priority) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(StunAttributeType.Priority, 4), priority);

    /// <summary>Adds NOMINATION.</summary>
    public void AddNomination(uint nomination) =>
        BinaryPrimitives.WriteUInt32BigEndian(Reserve(StunAttributeType.Nomination, 4), nomination);

    /// <summary>Adds USE-CANDIDATE.</summary>
    public void AddUseCandidate() => Reserve(StunAttributeType.UseCandidate, 0);

    /// <summary>Adds ICE-CONTROLLING.</summary>
    public void AddIceControlling(ulong tieBreaker) =>
        BinaryPrimitives.WriteUInt64BigEndian(Reserve(StunAttributeType.IceControlling, 8), tieBreaker);

    /// <summary>Adds ICE-CONTROLLED.</summary>
    public void AddIceControlled(ulong tieBreaker) =>
        BinaryPrimitives.WriteUInt64BigEndian(Reserve(StunAttributeType.IceControlled, 8), tieBreaker);

    /// <summary>Adds ERROR-CODE: a code from 300 to 699 and a short reason in UTF-8.</summary>
    public void AddErrorCode(int code, scoped ReadOnlySpan<byte> reason)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 300);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 699);
        var value = Reserve(StunAttributeType.ErrorCode, 4 + reason.Length);
        value[0] = 0;
        value[1] = 0;
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        reason.CopyTo(value[4..]);
    }

    /// <summary>Adds UNKNOWN-ATTRIBUTES.</summary>
    public void AddUnknownAttributes(scoped ReadOnlySpan<ushort> types)
    {
        var value = Reserve(StunAttributeType.UnknownAttributes, types.Length * 2);
        for (var i = 0; i < types.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[(i * 2)..], types[i]);
        }
    }

    /// <summary>Adds MESSAGE-INTEGRITY over everything so far (RFC 8489 §14.5); the key is the password's bytes.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 8445 has HMAC-SHA1 and nothing else.")]
    public void AddIntegrity(scoped ReadOnlySpan<byte> key)
    {
        var covered = Length;
        var value = Reserve(StunAttributeType.MessageIntegrity, StunMessageView.IntegrityLength);
        HMACSHA1.HashData(key, _destination[..covered], value);
    }

    /// <summary>Adds FINGERPRINT over everything so far (RFC 8489 §14.7): the last attribute.</summary>
    public void AddFingerprint()
    {
        var covered = Length;
        var value = Reserve(StunAttributeType.Fingerprint, 4);
        BinaryPrimitives.WriteUInt32BigEndian(value, StunFingerprint.Compute(_destination[..covered]));
    }

    // The header's length is kept right at every step: integrity and fingerprint cover it with themselves counted in.
    private Span<byte> Reserve(StunAttributeType type, int length)
    {
        var padded = length + 3 & ~3;
        var attribute = _destination.Slice(Length, 4 + padded);
        BinaryPrimitives.WriteUInt16BigEndian(attribute, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)length);
        attribute[(4 + length)..].Fill(Padding);
        Length += attribute.Length;
        BinaryPrimitives.WriteUInt16BigEndian(_destination[2..], (ushort)(Length - StunMessageView.HeaderLength));
        return attribute.Slice(4, length);
    }
}
