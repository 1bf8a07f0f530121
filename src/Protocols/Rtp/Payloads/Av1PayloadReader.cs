using Sluice.Protocols.Media.Codecs.Av1;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>The one byte before every AV1 RTP payload (AOM RTP specification §4.4).</summary>
/// <param name="Value">The byte.</param>
public readonly record struct Av1AggregationHeader(byte Value)
{
    /// <summary>Z: the first element continues a unit of the packet before.</summary>
    public bool ContinuesUnit => (Value & 0x80) != 0;

    /// <summary>Y: the last element goes on in the next packet.</summary>
    public bool UnitGoesOn => (Value & 0x40) != 0;

    /// <summary>W: how many elements, the last without a length; 0 where every element has a length.</summary>
    public int ElementCount => Value >> 4 & 3;

    /// <summary>N: the first packet of a coded video sequence.</summary>
    public bool StartsSequence => (Value & 0x08) != 0;
}

/// <summary>A unit, or a piece of one, inside an AV1 RTP payload.</summary>
/// <param name="bytes">A slice of the payload; the unit's header comes first where it starts here.</param>
/// <param name="starts">The unit begins here.</param>
/// <param name="ends">The unit ends here.</param>
public readonly ref struct Av1Element(ReadOnlySpan<byte> bytes, bool starts, bool ends)
{
    /// <summary>A slice of the payload; the unit's header comes first where it starts here, and usually no size follows it.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>The unit begins here.</summary>
    public bool Starts => starts;

    /// <summary>The unit ends here.</summary>
    public bool Ends => ends;
}

/// <summary>Walks the elements of an AV1 RTP payload (AOM RTP specification §4.2 to §4.5).</summary>
public ref struct Av1PayloadReader
{
    private ReadOnlySpan<byte> _rest;
    private int _index;

    /// <summary>Starts at the front of a payload. RTP padding is already cut off.</summary>
    public Av1PayloadReader(ReadOnlySpan<byte> payload)
    {
        Malformed = payload.Length < 2; // a header and no element is not allowed
        if (Malformed) return;
        Header = new Av1AggregationHeader(payload[0]);
        _rest = payload[1..];
    }

    /// <summary>The aggregation header.</summary>
    public Av1AggregationHeader Header { get; }

    /// <summary>True once the payload broke the format; what was read before stands.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Reads the next element; false at the end and at damage. Empty elements are skipped.</summary>
    public bool TryRead(out Av1Element element)
    {
        element = default;
        while (!_rest.IsEmpty)
        {
            var first = _index++ == 0;
            int size;
            if (Header.ElementCount != 0 && _index == Header.ElementCount)
            {
                size = _rest.Length;
            }
            else
            {
                if (!Leb128.TryRead(_rest, out var length, out var prefix) || length > (uint)(_rest.Length - prefix)) return Fail();
                _rest = _rest[prefix..];
                size = (int)length;
            }

            var bytes = _rest[..size];
            _rest = _rest[size..];
            if (bytes.IsEmpty) continue;
            element = new Av1Element(bytes, !(first && Header.ContinuesUnit), !(_rest.IsEmpty && Header.UnitGoesOn));
            return true;
        }

        if (_index < Header.ElementCount) Malformed = true;
        return false;
    }

    private bool Fail()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}
