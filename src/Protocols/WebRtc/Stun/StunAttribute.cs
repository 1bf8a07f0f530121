using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Protocols.WebRtc.Stun;

/// <summary>One attribute of a message, as a slice of it (RFC 8489 §14).</summary>
[SuppressMessage("Naming", "CA1711", Justification = "Attribute is the word of RFC 8489.")]
public readonly ref struct StunAttribute
{
    internal StunAttribute(StunAttributeType type, ReadOnlySpan<byte> value)
    {
        Type = type;
        Value = value;
    }

    /// <summary>What it is; may be a type the enum does not name.</summary>
    public StunAttributeType Type { get; }

    /// <summary>Its bytes without padding; owned by whoever owns the message.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>True where a receiver must understand it or refuse the request (RFC 8489 §14).</summary>
    public bool IsComprehensionRequired => (ushort)Type < 0x8000;

    /// <summary>True where this room understands it.</summary>
    public bool IsKnown => Type is StunAttributeType.MappedAddress or StunAttributeType.Username or StunAttributeType.MessageIntegrity
        or StunAttributeType.ErrorCode or StunAttributeType.UnknownAttributes or StunAttributeType.Realm or StunAttributeType.Nonce
        or StunAttributeType.MessageIntegritySha256 or StunAttributeType.XorMappedAddress or StunAttributeType.Priority
        or StunAttributeType.UseCandidate or StunAttributeType.Software or StunAttributeType.Fingerprint
        or StunAttributeType.IceControlled or StunAttributeType.IceControlling or StunAttributeType.Nomination
        or StunAttributeType.GoogNetworkInfo;
}

/// <summary>Walks the attributes of a parsed message in their order; allocates nothing.</summary>
public ref struct StunAttributeEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal StunAttributeEnumerator(ReadOnlySpan<byte> attributes)
    {
        _rest = attributes;
        Current = default;
    }

    /// <summary>The attribute the last step came to.</summary>
    public StunAttribute Current { get; private set; }

    /// <summary>Steps on; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;

        int length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        Current = new StunAttribute((StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(_rest), _rest.Slice(4, length));
        _rest = _rest[(4 + (length + 3 & ~3))..];
        return true;
    }
}
