using System.Text;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Amf;

/// <summary>
/// Reads AMF0 values one after another, with AMF3 where a value switches to it (AMF0 specification §2, AMF3 specification §3). Depth and
/// number of values are bounded; announced counts are believed only as far as bytes follow.
/// </summary>
public ref partial struct AmfReader
{
    private const byte Number = 0x00;
    private const byte Boolean = 0x01;
    private const byte String = 0x02;
    private const byte ObjectStart = 0x03;
    private const byte NullMark = 0x05;
    private const byte UndefinedMark = 0x06;
    private const byte ReferenceMark = 0x07;
    private const byte EcmaArray = 0x08;
    private const byte ObjectEnd = 0x09;
    private const byte StrictArray = 0x0a;
    private const byte DateMark = 0x0b;
    private const byte LongString = 0x0c;
    private const byte Unsupported = 0x0d;
    private const byte XmlDocument = 0x0f;
    private const byte TypedObject = 0x10;
    private const byte AvmPlus = 0x11;

    private readonly AmfLimits _limits;
    private ByteReader _reader;
    private int _values;
    private Amf3Tables? _amf3;

    /// <summary>Reads the values of a message.</summary>
    public AmfReader(ReadOnlySpan<byte> bytes, AmfLimits limits)
    {
        _reader = new ByteReader(bytes);
        _limits = limits;
        _values = 0;
        _amf3 = null;
        Error = AmfError.None;
    }

    /// <summary>Why the last read failed; none where the input simply ended between two values.</summary>
    public AmfError Error { get; private set; }

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _reader.Remaining;

    /// <summary>Reads the next value; false at the end and at damage.</summary>
    public bool TryRead(out AmfValue value)
    {
        value = AmfValue.Undefined;
        return Error == AmfError.None && _reader.Remaining > 0 && TryReadAmf0(0, out value);
    }

    /// <summary>Reads the next value as a text; false, with the value taken, where it is none.</summary>
    public bool TryReadText(out string text)
    {
        var isText = TryRead(out var value) && value.Kind == AmfKind.Text;
        text = value.Text;
        return isText;
    }

    private bool TryReadAmf0(int depth, out AmfValue value)
    {
        value = AmfValue.Undefined;
        if (!_reader.TryReadU8(out var marker)) return Fail(AmfError.Truncated);
        if (!TryCount(depth)) return false;
        switch (marker)
        {
            case Number:
                if (!_reader.TryReadU64(out var number)) return Fail(AmfError.Truncated);
                value = AmfValue.Of(BitConverter.UInt64BitsToDouble(number));
                return true;
            case Boolean:
                if (!_reader.TryReadU8(out var boolean)) return Fail(AmfError.Truncated);
                value = AmfValue.Of(boolean != 0);
                return true;
            case String:
                return TryReadText16(out var text) && Is(AmfValue.Of(text), out value);
            case LongString or XmlDocument:
                return TryReadText32(out var longText) && Is(AmfValue.Of(longText), out value);
            case ObjectStart:
                return TryReadProperties(depth, out var properties) && Is(AmfValue.Structure(properties), out value);
            case TypedObject:
                return TryReadText16(out var className)
                    && TryReadProperties(depth, out var typed)
                    && Is(AmfValue.TypedStructure(className, typed), out value);
            case EcmaArray: // the count is a hint; the end marker decides
                if (!_reader.TrySkip(4)) return Fail(AmfError.Truncated);
                return TryReadProperties(depth, out var named) && Is(AmfValue.NamedArray(named), out value);
            case StrictArray:
                return TryReadItems(depth, out value);
            case NullMark:
                value = AmfValue.Null;
                return true;
            case UndefinedMark or Unsupported:
                return true;
            case ReferenceMark:
                if (!_reader.TryReadU16(out var index)) return Fail(AmfError.Truncated);
                value = AmfValue.Reference(index);
                return true;
            case DateMark:
                if (!_reader.TryReadU64(out var time) || !_reader.TrySkip(2)) return Fail(AmfError.Truncated);
                value = AmfValue.Date(BitConverter.UInt64BitsToDouble(time));
                return true;
            case AvmPlus:
                _amf3 = new Amf3Tables();
                return TryReadAmf3(depth, out value);
            default:
                return Fail(AmfError.UnknownMarker);
        }
    }

    private bool TryReadProperties(int depth, out AmfProperty[] properties)
    {
        properties = [];
        var list = new List<AmfProperty>();
        while (true)
        {
            // Some encoders leave the end marker of the last array out.
            if (_reader.Remaining == 0 && depth == 0) break;
            if (!TryReadText16(out var name)) return false;
            if (name.Length == 0 && _reader.Rest is [ObjectEnd, ..])
            {
                _reader.TrySkip(1);
                break;
            }

            if (!TryReadAmf0(depth + 1, out var value)) return false;
            list.Add(new AmfProperty(name, value));
        }

        properties = [.. list];
        return true;
    }

    private bool TryReadItems(int depth, out AmfValue value)
    {
        value = AmfValue.Undefined;
        if (!_reader.TryReadU32(out var count)) return Fail(AmfError.Truncated);
        if (count > (uint)_reader.Remaining) return Fail(AmfError.Truncated);
        if (count > (uint)(_limits.MaxValues - _values)) return Fail(AmfError.TooManyValues);
        var items = new AmfValue[count];
        for (var i = 0; i < items.Length; i++)
        {
            if (!TryReadAmf0(depth + 1, out items[i])) return false;
        }

        value = AmfValue.List(items);
        return true;
    }

    private bool TryReadText16(out string text)
    {
        text = "";
        return _reader.TryReadU16(out var length) ? TryReadText(length, out text) : Fail(AmfError.Truncated);
    }

    private bool TryReadText32(out string text)
    {
        text = "";
        if (!_reader.TryReadU32(out var length) || length > (uint)_reader.Remaining) return Fail(AmfError.Truncated);
        return TryReadText((int)length, out text);
    }

    private bool TryReadText(int length, out string text)
    {
        text = "";
        if (!_reader.TryReadBytes(length, out var bytes)) return Fail(AmfError.Truncated);
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private bool TryCount(int depth)
    {
        if (depth > _limits.MaxDepth) return Fail(AmfError.TooDeep);
        return ++_values <= _limits.MaxValues || Fail(AmfError.TooManyValues);
    }

    private static bool Is(AmfValue made, out AmfValue value)
    {
        value = made;
        return true;
    }

    private bool Fail(AmfError error)
    {
        if (Error == AmfError.None) Error = error;
        return false;
    }
}
