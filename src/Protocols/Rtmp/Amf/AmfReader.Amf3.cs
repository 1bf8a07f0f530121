namespace Sluice.Protocols.Rtmp.Amf;

/// <summary>The AMF3 half: variable-length numbers, string and class tables.</summary>
public ref partial struct AmfReader
{
    /// <summary>Reads one value that is AMF3 from its first byte on, as after the switch marker of AMF0.</summary>
    public bool TryReadAmf3(out AmfValue value)
    {
        value = AmfValue.Undefined;
        if (Error != AmfError.None || _reader.Remaining == 0) return false;
        _amf3 = new Amf3Tables();
        return TryReadAmf3(0, out value);
    }

    private bool TryReadAmf3(int depth, out AmfValue value)
    {
        value = AmfValue.Undefined;
        if (!_reader.TryReadU8(out var marker)) return Fail(AmfError.Truncated);
        if (!TryCount(depth)) return false;
        switch (marker)
        {
            case 0x00:
                return true;
            case 0x01:
                value = AmfValue.Null;
                return true;
            case 0x02:
                value = AmfValue.False;
                return true;
            case 0x03:
                value = AmfValue.True;
                return true;
            case 0x04:
                return TryReadU29(out var integer) && Is(AmfValue.Of(integer << 3 >> 3), out value);
            case 0x05:
                if (!_reader.TryReadU64(out var number)) return Fail(AmfError.Truncated);
                value = AmfValue.Of(BitConverter.UInt64BitsToDouble(number));
                return true;
            case 0x06:
                return TryReadAmf3Text(out var text) && Is(AmfValue.Of(text), out value);
            case 0x07 or 0x0b:
                if (!TryReadHead(out var xmlLength, ref value)) return Error == AmfError.None;
                return TryReadText(xmlLength, out var xml) && Is(AmfValue.Of(xml), out value);
            case 0x08:
                if (!TryReadHead(out _, ref value)) return Error == AmfError.None;
                if (!_reader.TryReadU64(out var time)) return Fail(AmfError.Truncated);
                value = AmfValue.Date(BitConverter.UInt64BitsToDouble(time));
                return true;
            case 0x09:
                return TryReadAmf3Array(depth, out value);
            case 0x0a:
                return TryReadAmf3Object(depth, out value);
            case 0x0c:
                if (!TryReadHead(out var byteCount, ref value)) return Error == AmfError.None;
                return _reader.TrySkip(byteCount) ? Is(AmfValue.Bytes(byteCount), out value) : Fail(AmfError.Truncated);
            case 0x0d or 0x0e:
                return TrySkipVector(4, ref value);
            case 0x0f:
                return TrySkipVector(8, ref value);
            case 0x10:
                return TryReadObjectVector(depth, ref value);
            case 0x11:
                return TryReadDictionary(depth, ref value);
            default:
                return Fail(AmfError.UnknownMarker);
        }
    }

    // Seven bits a byte, eight in the fourth (AMF3 §1.3.1).
    private bool TryReadU29(out int value)
    {
        value = 0;
        for (var i = 0; i < 4; i++)
        {
            if (!_reader.TryReadU8(out var part)) return Fail(AmfError.Truncated);
            if (i == 3)
            {
                value = value << 8 | part;
                return true;
            }

            value = value << 7 | part & 0x7f;
            if ((part & 0x80) == 0) return true;
        }

        return true;
    }

    // False at damage, and where the value is a reference: then that is the value.
    private bool TryReadHead(out int length, ref AmfValue value)
    {
        if (!TryReadU29(out length)) return false;
        if ((length & 1) == 0)
        {
            value = AmfValue.Reference(length >> 1);
            return false;
        }

        length >>= 1;
        return true;
    }

    private bool TryReadAmf3Text(out string text)
    {
        text = "";
        if (!TryReadU29(out var head)) return false;
        var tables = _amf3!;
        if ((head & 1) == 0)
        {
            if (head >> 1 >= tables.Strings.Count) return Fail(AmfError.BadReference);
            text = tables.Strings[head >> 1];
            return true;
        }

        if (!TryReadText(head >> 1, out text)) return false;
        if (text.Length > 0) tables.Strings.Add(text);
        return true;
    }

    private bool TryReadAmf3Array(int depth, out AmfValue value)
    {
        value = AmfValue.Undefined;
        if (!TryReadHead(out var count, ref value)) return Error == AmfError.None;
        if (!TryReadDynamic(depth, null, out var named)) return false;
        if (!TryReadAmf3Items(depth, count, out var items)) return false;
        value = named.Length == 0 ? AmfValue.List(items) : AmfValue.Mixed(named, items);
        return true;
    }

    private bool TryReadAmf3Items(int depth, int count, out AmfValue[] items)
    {
        items = [];
        if (count > _reader.Remaining) return Fail(AmfError.Truncated);
        if (count > _limits.MaxValues - _values) return Fail(AmfError.TooManyValues);
        items = new AmfValue[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryReadAmf3(depth + 1, out items[i])) return false;
        }

        return true;
    }

    private bool TryReadAmf3Object(int depth, out AmfValue value)
    {
        value = AmfValue.Undefined;
        if (!TryReadHead(out var head, ref value)) return Error == AmfError.None;
        if (!TryReadTraits(head, out var traits)) return false;
        if (traits.IsExternalizable)
        {
            // Two wrappers of Flex are known to hold exactly one value.
            return traits.ClassName is "flex.messaging.io.ArrayCollection" or "flex.messaging.io.ObjectProxy"
                ? TryReadAmf3(depth + 1, out value)
                : Fail(AmfError.Externalizable);
        }

        var properties = new List<AmfProperty>();
        foreach (var name in traits.Names)
        {
            if (!TryReadAmf3(depth + 1, out var member)) return false;
            properties.Add(new AmfProperty(name, member));
        }

        var all = Array.Empty<AmfProperty>();
        if (!traits.IsDynamic) all = [.. properties];
        else if (!TryReadDynamic(depth, properties, out all)) return false;
        value = AmfValue.TypedStructure(traits.ClassName, all);
        return true;
    }

    private bool TryReadTraits(int head, out Amf3Traits traits)
    {
        traits = Amf3Traits.Anonymous;
        var tables = _amf3!;
        if ((head & 1) == 0)
        {
            if (head >> 1 >= tables.Classes.Count) return Fail(AmfError.BadReference);
            traits = tables.Classes[head >> 1];
            return true;
        }

        var isExternalizable = (head & 2) != 0;
        var isDynamic = (head & 4) != 0;
        var count = isExternalizable ? 0 : head >> 3;
        if (!TryReadAmf3Text(out var className)) return false;
        if (count > _reader.Remaining) return Fail(AmfError.Truncated);
        if (count > _limits.MaxValues - _values) return Fail(AmfError.TooManyValues);
        _values += count;
        var names = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryReadAmf3Text(out names[i])) return false;
        }

        traits = new Amf3Traits(className, isDynamic, isExternalizable, names);
        tables.Classes.Add(traits);
        return true;
    }

    private bool TryReadDynamic(int depth, List<AmfProperty>? before, out AmfProperty[] properties)
    {
        properties = [];
        var list = before ?? [];
        while (true)
        {
            if (!TryReadAmf3Text(out var name)) return false;
            if (name.Length == 0) break;
            if (!TryReadAmf3(depth + 1, out var value)) return false;
            list.Add(new AmfProperty(name, value));
        }

        properties = [.. list];
        return true;
    }

    private bool TrySkipVector(int size, ref AmfValue value)
    {
        if (!TryReadHead(out var count, ref value)) return Error == AmfError.None;
        if (count > _reader.Remaining / size || !_reader.TrySkip(1 + count * size)) return Fail(AmfError.Truncated);
        value = AmfValue.Bytes(count * size);
        return true;
    }

    private bool TryReadObjectVector(int depth, ref AmfValue value)
    {
        if (!TryReadHead(out var count, ref value)) return Error == AmfError.None;
        if (!_reader.TrySkip(1)) return Fail(AmfError.Truncated);
        return TryReadAmf3Text(out _) && TryReadAmf3Items(depth, count, out var items) && Is(AmfValue.List(items), out value);
    }

    private bool TryReadDictionary(int depth, ref AmfValue value)
    {
        if (!TryReadHead(out var count, ref value)) return Error == AmfError.None;
        if (!_reader.TrySkip(1)) return Fail(AmfError.Truncated);
        if (count > _reader.Remaining / 2) return Fail(AmfError.Truncated);
        return TryReadAmf3Items(depth, count * 2, out var items) && Is(AmfValue.List(items), out value); // key, value, key, value
    }

    private sealed class Amf3Tables
    {
        public List<string> Strings { get; } = [];

        public List<Amf3Traits> Classes { get; } = [];
    }

    private sealed record Amf3Traits(string ClassName, bool IsDynamic, bool IsExternalizable, string[] Names)
    {
        public static Amf3Traits Anonymous { get; } = new("", true, false, []);
    }
}
