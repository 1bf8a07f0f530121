using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>
/// AOM RTP specification §4: elements become units with a size. Temporal delimiters and tile lists are left out. A keyframe is a temporal
/// unit whose first frame is one and that brings its sequence header.
/// </summary>
internal sealed class Av1Depacketizer() : Depacketizer(Codec.Av1)
{
    // Between the start of a unit under way and its first byte, so that the size fits in before the payload once it is known.
    private const int Gap = 4;
    private const byte SizeFlag = 0x02, ExtensionFlag = 0x04;

    private byte[] _sequenceHeader = [];
    private Av1SequenceHeader _sequence;
    private int _unitStart = -1;
    private bool _hasSequence;
    private bool _hasFrame;
    private bool _isKeyframe;

    private protected override void Reset()
    {
        _unitStart = -1;
        _hasSequence = false;
        _hasFrame = false;
        _isKeyframe = false;
    }

    private protected override bool TryAppend(ref FrameBuffer buffer, ReadOnlySpan<byte> payload)
    {
        var reader = new Av1PayloadReader(payload);
        while (reader.TryRead(out var element))
        {
            if (element.Starts != _unitStart < 0) return false;
            if (element.Starts)
            {
                _unitStart = buffer.Length;
                if (!buffer.TryReserve(Gap, out _)) return false;
            }

            if (!buffer.TryAppend(element.Bytes)) return false;
            if (element.Ends && !TryEndUnit(ref buffer)) return false;
        }

        return !reader.Malformed;
    }

    private protected override bool TryFinish(ref FrameBuffer buffer, bool isAfterGap, out FrameFlags flags)
    {
        flags = _isKeyframe ? FrameFlags.Keyframe : FrameFlags.None;
        if (_unitStart >= 0) return false;
        if (!_hasFrame) buffer.Truncate(0);
        return true;
    }

    private bool TryEndUnit(ref FrameBuffer buffer)
    {
        var start = _unitStart;
        _unitStart = -1;
        var unit = buffer.Current[start..];
        if (!Av1Obu.TryParse(unit[Gap..], out var obu)) return false;
        var header = obu.Header;
        if (header.Type is Av1ObuType.TemporalDelimiter or Av1ObuType.TileList)
        {
            buffer.Truncate(start);
            return true;
        }

        if (!TryLookAt(header, obu.Payload)) return false;
        Span<byte> head = stackalloc byte[2 + Leb128.MaxLength];
        unit.Slice(Gap, header.Length).CopyTo(head);
        head[0] = (byte)(head[0] & ~SizeFlag | SizeFlag);
        var headLength = header.Length + Leb128.Write(head[header.Length..], (uint)obu.Payload.Length);
        var payloadLength = obu.Payload.Length;
        obu.Payload.CopyTo(unit[headLength..]);
        head[..headLength].CopyTo(unit);
        buffer.Truncate(start + headLength + payloadLength);
        return true;
    }

    private bool TryLookAt(in Av1ObuHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Type)
        {
            case Av1ObuType.SequenceHeader:
                _hasSequence = true;
                return payload.SequenceEqual(_sequenceHeader) || TryTakeSequence(payload);
            case Av1ObuType.Frame or Av1ObuType.FrameHeader:
                _isKeyframe |= !_hasFrame && _hasSequence && Av1TemporalUnit.StartsKeyframe(header.Type, payload, _sequence.IsReducedStill);
                _hasFrame = true;
                return true;
            case Av1ObuType.TileGroup or Av1ObuType.RedundantFrameHeader:
                return _hasFrame; // what it belongs to was lost
            default:
                return true;
        }
    }

    private bool TryTakeSequence(ReadOnlySpan<byte> payload)
    {
        Span<byte> record = stackalloc byte[FrameFormat.MaxConfiguration];
        var length = Av1Configuration.Write(record, payload);
        if (length == 0 || !Av1SequenceHeader.TryParse(payload, out _sequence)) return false;
        _sequenceHeader = payload.ToArray();
        Format = new FrameFormat(Codec.Av1, CodecFacts.ClockRateOf(Codec.Av1), 0, _sequence.Resolution, record[..length]);
        return true;
    }
}
