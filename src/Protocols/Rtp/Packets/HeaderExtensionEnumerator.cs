namespace Sluice.Protocols.Rtp.Packets;

/// <summary>One element of a header extension block.</summary>
/// <param name="id">The id the session description gave the extension.</param>
/// <param name="data">The element's bytes, a slice of the packet.</param>
public readonly ref struct HeaderExtensionElement(int id, ReadOnlySpan<byte> data)
{
    /// <summary>The id the session description gave the extension: 1 to 14, or 1 to 255 in the two-byte form.</summary>
    public int Id { get; } = id;

    /// <summary>The element's bytes, a slice of the packet; may be empty in the two-byte form.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;
}

/// <summary>
/// Walks the elements of an extension block, one-byte form (RFC 8285 §4.2, profile 0xBEDE) or two-byte form (§4.3, profile 0x100x).
/// A block of another profile has no elements. An element that runs over the end of the block ends the walk.
/// <code>
/// one-byte:  | ID (4) | len-1 (4) | data ...      ID 0: one byte of padding, ID 15: ends the block
/// two-byte:  |     ID (8)     |     len (8)     | data ...      ID 0: one byte of padding
/// </code>
/// </summary>
public ref struct HeaderExtensionEnumerator
{
    /// <summary>The profile of the one-byte form.</summary>
    public const ushort OneByteProfile = 0xBEDE;

    /// <summary>The profile of the two-byte form; its lowest four bits belong to the application.</summary>
    public const ushort TwoByteProfile = 0x1000;

    private readonly bool _twoByte;
    private ReadOnlySpan<byte> _rest;
    private int _id;
    private ReadOnlySpan<byte> _data;

    internal HeaderExtensionEnumerator(ushort profile, ReadOnlySpan<byte> block)
    {
        _twoByte = (profile & 0xfff0) == TwoByteProfile;
        _rest = _twoByte || profile == OneByteProfile ? block : default;
        _id = 0;
        _data = default;
    }

    /// <summary>The element last moved to.</summary>
    public readonly HeaderExtensionElement Current => new(_id, _data);

    /// <summary>This enumerator, for <c>foreach</c>.</summary>
    public readonly HeaderExtensionEnumerator GetEnumerator() => this;

    /// <summary>Moves to the next element; false at the end of the block.</summary>
    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            if (_rest[0] == 0)
            {
                _rest = _rest[1..];
                continue;
            }

            int header, length;
            if (_twoByte)
            {
                if (_rest.Length < 2) break;
                header = 2;
                _id = _rest[0];
                length = _rest[1];
            }
            else
            {
                header = 1;
                _id = _rest[0] >> 4;
                length = (_rest[0] & 0x0f) + 1;

                // Id 0 with a length is not defined; its bytes are skipped like an unknown element's.
                if (_id == 15) break;
            }

            if (_rest.Length < header + length) break;
            _data = _rest.Slice(header, length);
            _rest = _rest[(header + length)..];
            if (_id != 0) return true;
        }

        _rest = default;
        return false;
    }
}
