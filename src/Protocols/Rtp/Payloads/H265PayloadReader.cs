using Sluice.Protocols.Media.Codecs.H265;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>
/// Walks the NAL units and fragments of an H.265 RTP payload (RFC 7798 §4.4): single units, aggregation packets and fragmentation units.
/// sprop-max-don-diff is taken as 0, as in WebRTC: there are no decoding order numbers. Content information packets read as empty.
/// </summary>
public ref struct H265PayloadReader
{
    private const int FuHeaderLength = 3;
    private ReadOnlySpan<byte> _rest;
    private readonly H265NalHeader _header;

    /// <summary>Starts at the front of a payload. RTP padding is already cut off.</summary>
    public H265PayloadReader(ReadOnlySpan<byte> payload)
    {
        _rest = payload;
        if (!H265NalHeader.TryRead(payload, out _header) || _header.Type > H265NalType.ContentInformation)
        {
            Fail();
        }
        else if (_header.Type == H265NalType.ContentInformation)
        {
            _rest = default;
        }
        else if (_header.Type == H265NalType.Aggregation)
        {
            _rest = payload[H265NalHeader.Length..];
            Malformed = _rest.IsEmpty;
        }
    }

    /// <summary>True once the payload broke the format; what was read before stands.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Reads the next unit or fragment; false at the end and at damage.</summary>
    public bool TryRead(out NalFragment fragment)
    {
        fragment = default;
        if (_rest.IsEmpty) return false;
        switch (_header.Type)
        {
            case H265NalType.Fragmentation:
                return TryReadFragment(out fragment);
            case H265NalType.Aggregation:
                return NalFragment.TryTakeAggregated(ref _rest, 0, H265NalHeader.Length, out fragment) || Fail();
            default:
                fragment = new NalFragment(_rest, H265NalHeader.Length);
                _rest = default;
                return true;
        }
    }

    private bool TryReadFragment(out NalFragment fragment)
    {
        fragment = default;
        var payload = _rest;
        _rest = default;
        if (payload.Length <= FuHeaderLength) return Fail();
        var starts = (payload[2] & 0x80) != 0;
        var ends = (payload[2] & 0x40) != 0;
        if (starts && ends) return Fail();
        var header = (ushort)(_header.Value & 0x81ff | (payload[2] & 0x3f) << 9);
        fragment = new NalFragment(header, payload[FuHeaderLength..], starts, ends);
        return true;
    }

    private bool Fail()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}
