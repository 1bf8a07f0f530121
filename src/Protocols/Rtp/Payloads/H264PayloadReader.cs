using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>
/// Walks the NAL units and fragments of an H.264 RTP payload (RFC 6184 §5.6 to §5.8): single units, STAP-A and FU-A, and what
/// packetization mode 2 adds, its order numbers left aside.
/// </summary>
public ref struct H264PayloadReader
{
    private const int FuHeaderLength = 2;
    private ReadOnlySpan<byte> _rest;
    private readonly H264NalType _kind;

    /// <summary>Starts at the front of a payload. RTP padding is already cut off.</summary>
    public H264PayloadReader(ReadOnlySpan<byte> payload)
    {
        _rest = payload;
        if (payload.IsEmpty || (payload[0] & 0x1f) is 0 or > (int)H264NalType.FuB)
        {
            Malformed = true;
            _rest = default;
            return;
        }

        _kind = (H264NalType)(payload[0] & 0x1f);
        if (_kind is >= H264NalType.StapA and <= H264NalType.Mtap24)
        {
            Advance(_kind == H264NalType.StapA ? 1 : 3); // the others begin with a decoding order number
        }
    }

    /// <summary>True once the payload broke the format; what was read before stands.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Reads the next unit or fragment; false at the end and at damage.</summary>
    public bool TryRead(out NalFragment fragment)
    {
        fragment = default;
        if (_rest.IsEmpty) return false;
        switch (_kind)
        {
            case H264NalType.FuA or H264NalType.FuB:
                return TryReadFragment(out fragment);
            case >= H264NalType.StapA and <= H264NalType.Mtap24:
                return TryReadAggregated(out fragment);
            default:
                fragment = new NalFragment(_rest, 1);
                _rest = default;
                return true;
        }
    }

    private bool TryReadFragment(out NalFragment fragment)
    {
        fragment = default;
        var payload = _rest;
        _rest = default;
        if (payload.Length < FuHeaderLength) return Fail();
        var starts = (payload[1] & 0x80) != 0;
        var ends = (payload[1] & 0x40) != 0;
        var body = FuHeaderLength + (_kind == H264NalType.FuB ? 2 : 0);
        if ((starts && ends) || payload.Length <= body) return Fail();
        fragment = new NalFragment((byte)(payload[0] & 0xe0 | payload[1] & 0x1f), payload[body..], starts, ends);
        return true;
    }

    private bool TryReadAggregated(out NalFragment fragment)
    {
        var orderNumbers = _kind switch
        {
            H264NalType.Mtap16 => 3,
            H264NalType.Mtap24 => 4,
            _ => 0,
        };
        return NalFragment.TryTakeAggregated(ref _rest, orderNumbers, 1, out fragment) || Fail();
    }

    private void Advance(int count)
    {
        Malformed = _rest.Length <= count;
        _rest = Malformed ? default : _rest[count..];
    }

    private bool Fail()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}
