using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Packetizers;

/// <summary>
/// AOM RTP specification §4: a temporal unit as elements without size fields, cut wherever a payload is full. Temporal delimiters and tile
/// lists are left out (§5); a keyframe without a sequence header gets that of its format.
/// </summary>
internal sealed class Av1Packetizer(int maxPayload) : Packetizer(Codec.Av1, maxPayload)
{
    // A temporal unit has a handful; each tile group may be one.
    private const int MaxUnits = 1024;
    private const int MaxCounted = 3;
    private const byte Continues = 0x80, GoesOn = 0x40, StartsSequence = 0x08;
    private const byte SizeFlag = 0x02;

    private Unit[] _units = new Unit[8];
    private int _count;
    private int _next;
    private int _at; // within the next unit: header, then payload
    private int _target;
    private bool _startsSequence;

    // A unit as RTP carries it: the header with the size flag cleared, then the payload.
    private readonly record struct Unit(int HeaderOffset, int HeaderLength, int PayloadOffset, int PayloadLength, bool IsOfFormat)
    {
        public int Length => HeaderLength + PayloadLength;
    }

    private protected override bool Plan(in Frame frame)
    {
        _count = 0;
        _next = 0;
        _at = 0;
        _startsSequence = frame.IsKeyframe && Av1TemporalUnit.Scan(frame.Payload).HasSequenceHeader;
        if (frame.IsKeyframe && !_startsSequence)
        {
            _startsSequence = Av1Configuration.TryParse(frame.Format.Configuration, out var record)
                && AddUnits(frame.Format.Configuration, record.Units, true) && _count > 0;
        }

        var own = _count;
        if (!AddUnits(frame.Payload, frame.Payload, false) || _count == own) _count = 0;
        PlanTarget();
        return _count > 0;
    }

    private bool AddUnits(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> units, bool isOfFormat)
    {
        var reader = new Av1ObuReader(units);
        while (reader.TryRead(out var obu))
        {
            if (obu.Header.Type is Av1ObuType.TemporalDelimiter or Av1ObuType.TileList) continue;
            if (_count == MaxUnits) return false;
            if (_count == _units.Length) Array.Resize(ref _units, _count * 2);
            whole.Overlaps(obu.Unit, out var offset);
            var payload = offset + obu.Unit.Length - obu.Payload.Length;
            _units[_count++] = new Unit(offset, obu.Header.Length, payload, obu.Payload.Length, isOfFormat);
        }

        return !reader.Malformed;
    }

    // As many payloads as the whole needs at least, each with an equal share of it.
    private void PlanTarget()
    {
        long total = 0;
        for (var i = 0; i < _count; i++)
        {
            total += _units[i].Length + (i + 1 < _count ? LengthOf(_units[i].Length) : 0);
        }

        var room = MaxPayload - 1;
        var payloads = Math.Max(1, (total + room - 1) / room);
        _target = 1 + (int)((total + payloads - 1) / payloads);
    }

    private protected override int Write(in Frame frame, Span<byte> destination, out bool isLast)
    {
        isLast = false;
        if (_next == _count) return 0;
        var continues = _at > 0;
        var elements = CountElements(out var whole);
        var isCounted = elements <= MaxCounted;
        var header = (continues ? Continues : 0) | (isCounted ? elements << 4 : 0) | (IsFirst && _startsSequence ? StartsSequence : 0);
        var at = 1;
        for (var i = 0; i < elements; i++)
        {
            var unit = _units[_next];
            var isSized = !isCounted || i + 1 < elements;
            var rest = unit.Length - _at;
            var piece = rest;
            if (i >= whole)
            {
                piece = Math.Min(rest, _target - at);
                if (isSized) piece = Math.Min(rest, _target - at - LengthOf(_target - at));
            }

            if (isSized) at += Leb128.Write(destination[at..], (uint)piece);
            Copy(frame, unit, _at, destination.Slice(at, piece));
            at += piece;
            _at += piece;
            if (_at < unit.Length)
            {
                header |= GoesOn;
                break;
            }

            _at = 0;
            _next++;
        }

        destination[0] = (byte)header;
        isLast = _next == _count;
        return at;
    }

    /// <summary>How many elements the next payload gets, and how many of them end in it for sure.</summary>
    private int CountElements(out int whole)
    {
        var used = 1;
        whole = 0;
        var left = _at;
        for (var i = _next; i < _count; i++)
        {
            var rest = _units[i].Length - left;
            left = 0;
            var prefix = LengthOf(rest);
            var isLastOfAll = i + 1 == _count;

            // The last one of a payload needs no length where there are at most three.
            if (isLastOfAll && whole < MaxCounted && used + rest <= _target) return ++whole;
            if (used + prefix + rest > _target) break;
            used += prefix + rest;
            whole++;
        }

        if (_next + whole == _count) return whole;

        // A piece of the next one fills up, unless there is hardly room for any.
        return whole == 0 || _target - used > 8 ? whole + 1 : whole;
    }

    private static void Copy(in Frame frame, Unit unit, int from, Span<byte> destination)
    {
        var source = unit.IsOfFormat ? frame.Format.Configuration : frame.Payload;
        while (from < unit.HeaderLength && !destination.IsEmpty)
        {
            var value = source[unit.HeaderOffset + from];
            destination[0] = from == 0 ? (byte)(value & ~SizeFlag) : value;
            destination = destination[1..];
            from++;
        }

        source.Slice(unit.PayloadOffset + from - unit.HeaderLength, destination.Length).CopyTo(destination);
    }

    private static int LengthOf(int value)
    {
        var length = 1;
        for (; value >= 0x80; value >>= 7) length++;
        return length;
    }
}
