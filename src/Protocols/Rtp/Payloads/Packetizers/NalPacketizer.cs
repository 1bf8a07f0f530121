using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Packetizers;

/// <summary>
/// What H.264 and H.265 have in common: small units travel together, large ones in equal fragments, and a keyframe brings its parameter
/// sets.
/// </summary>
internal abstract class NalPacketizer : Packetizer
{
    // A picture has a slice or a few dozen; what has more units than this is no picture.
    private const int MaxUnits = 4096;
    private const int LengthPrefix = 4;

    private readonly int _headerLength;
    private Unit[] _units = new Unit[16];
    private int _count;
    private int _next;
    private int _fragmentAt; // in the body of the next unit; 0 where it is not begun

    private protected NalPacketizer(Codec codec, int maxPayload, int headerLength)
        : base(codec, maxPayload) => _headerLength = headerLength;

    // Where a unit lies: in the frame's bytes or in its format's configuration record.
    private readonly record struct Unit(int Offset, int Length, bool IsOfFormat);

    /// <summary>False for units that are not sent.</summary>
    protected abstract bool IsCarried(ReadOnlySpan<byte> nal);

    protected abstract bool IsParameterSet(ReadOnlySpan<byte> nal);

    /// <summary>Adds the units of the configuration record by <see cref="AddFromFormat"/>.</summary>
    protected abstract void AddParameterSets(ReadOnlySpan<byte> configuration);

    /// <summary>Folds a unit's header into that of the aggregation packet; the first is folded into 0.</summary>
    protected abstract ushort Aggregate(ushort header, ushort unit);

    protected abstract void WriteAggregationHeader(Span<byte> destination, ushort header);

    /// <summary>Writes the two or three bytes before a fragment.</summary>
    protected abstract void WriteFragmentHeader(Span<byte> destination, ReadOnlySpan<byte> nal, bool starts, bool ends);

    protected void AddFromFormat(ReadOnlySpan<byte> configuration, ReadOnlySpan<byte> nal)
    {
        if (nal.Length > _headerLength && configuration.Overlaps(nal, out var offset)) Add(new Unit(offset, nal.Length, true));
    }

    private protected override bool Plan(in Frame frame)
    {
        _count = 0;
        _next = 0;
        _fragmentAt = 0;
        if (frame.IsKeyframe) AddParameterSets(frame.Format.Configuration);
        var sets = _count;
        var hasOwnSets = false;
        for (var at = 0; at < frame.Payload.Length;)
        {
            if (!BinaryPrimitives.TryReadUInt32BigEndian(frame.Payload[at..], out var length)) return Forget();
            at += LengthPrefix;
            if (length > (uint)(frame.Payload.Length - at)) return Forget();
            var nal = frame.Payload.Slice(at, (int)length);
            if (nal.Length >= _headerLength && IsCarried(nal))
            {
                hasOwnSets |= IsParameterSet(nal);
                if (!Add(new Unit(at, nal.Length, false))) return Forget();
            }

            at += nal.Length;
        }

        if (_count == sets) return Forget();
        if (hasOwnSets) _next = sets; // the source left its sets in the frame, and those come in time
        return true;
    }

    private protected override int Write(in Frame frame, Span<byte> destination, out bool isLast)
    {
        isLast = false;
        if (_next == _count) return 0;
        var length = _fragmentAt > 0 || _units[_next].Length > destination.Length
            ? WriteFragment(frame, destination)
            : WriteWhole(frame, destination);
        isLast = _next == _count;
        return length;
    }

    private int WriteWhole(in Frame frame, Span<byte> destination)
    {
        var end = _next;
        var length = _headerLength;
        while (end < _count && length + sizeof(ushort) + _units[end].Length <= destination.Length)
        {
            length += sizeof(ushort) + _units[end++].Length;
        }

        if (end <= _next + 1)
        {
            var only = BytesOf(frame, _units[_next++]);
            only.CopyTo(destination);
            return only.Length;
        }

        var at = _headerLength;
        ushort header = 0;
        for (; _next < end; _next++)
        {
            var nal = BytesOf(frame, _units[_next]);
            header = Aggregate(header, _headerLength == 1 ? nal[0] : BinaryPrimitives.ReadUInt16BigEndian(nal));
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)nal.Length);
            nal.CopyTo(destination[(at + sizeof(ushort))..]);
            at += sizeof(ushort) + nal.Length;
        }

        WriteAggregationHeader(destination, header);
        return at;
    }

    private int WriteFragment(in Frame frame, Span<byte> destination)
    {
        var nal = BytesOf(frame, _units[_next]);
        var body = nal[_headerLength..];
        var fragmentHeader = _headerLength + 1;
        var piece = Math.Min(EvenPiece(body.Length, destination.Length - fragmentHeader), body.Length - _fragmentAt);
        var ends = _fragmentAt + piece == body.Length;
        WriteFragmentHeader(destination, nal, _fragmentAt == 0, ends);
        body.Slice(_fragmentAt, piece).CopyTo(destination[fragmentHeader..]);
        _fragmentAt = ends ? 0 : _fragmentAt + piece;
        if (ends) _next++;
        return fragmentHeader + piece;
    }

    private static ReadOnlySpan<byte> BytesOf(in Frame frame, Unit unit) =>
        (unit.IsOfFormat ? frame.Format.Configuration : frame.Payload).Slice(unit.Offset, unit.Length);

    private bool Add(Unit unit)
    {
        if (_count == MaxUnits) return false;
        if (_count == _units.Length) Array.Resize(ref _units, _count * 2);
        _units[_count++] = unit;
        return true;
    }

    private bool Forget()
    {
        _count = 0;
        _next = 0;
        return false;
    }
}
