using System.Buffers.Binary;
using System.Text;

namespace Sluice.Protocols.Rtmp.Amf;

/// <summary>Writes AMF0 into a caller's buffer. What does not fit sets <see cref="Overflowed"/>, and nothing more is written.</summary>
public ref struct AmfWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;
    private int _length;

    /// <summary>Something did not fit; what was written is not to be used.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Written => _destination[.._length];

    /// <summary>Writes a number.</summary>
    public void Number(double value)
    {
        if (!TryTake(9, out var room)) return;
        room[0] = 0x00;
        BinaryPrimitives.WriteDoubleBigEndian(room[1..], value);
    }

    /// <summary>Writes a boolean.</summary>
    public void Boolean(bool value)
    {
        if (!TryTake(2, out var room)) return;
        room[0] = 0x01;
        room[1] = value ? (byte)1 : (byte)0;
    }

    /// <summary>Writes a string, as a long string where it must be.</summary>
    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        if (length <= ushort.MaxValue)
        {
            Byte(0x02);
            Name(value);
            return;
        }

        if (!TryTake(5 + length, out var room)) return;
        room[0] = 0x0c;
        BinaryPrimitives.WriteInt32BigEndian(room[1..], length);
        Encoding.UTF8.GetBytes(value, room[5..]);
    }

    /// <summary>Writes null.</summary>
    public void Null() => Byte(0x05);

    /// <summary>Writes undefined.</summary>
    public void Undefined() => Byte(0x06);

    /// <summary>Begins an object; names and values follow in turn, then <see cref="End"/>.</summary>
    public void BeginObject() => Byte(0x03);

    /// <summary>Begins an array with names; names and values follow in turn, then <see cref="End"/>.</summary>
    /// <param name="count">How many are to follow.</param>
    public void BeginNamedArray(int count)
    {
        if (!TryTake(5, out var room)) return;
        room[0] = 0x08;
        BinaryPrimitives.WriteInt32BigEndian(room[1..], count);
    }

    /// <summary>Begins an array without names; exactly so many values follow.</summary>
    public void BeginList(int count)
    {
        if (!TryTake(5, out var room)) return;
        room[0] = 0x0a;
        BinaryPrimitives.WriteInt32BigEndian(room[1..], count);
    }

    /// <summary>Writes the name of a property; names above 65535 bytes overflow.</summary>
    public void Name(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        if (length > ushort.MaxValue)
        {
            Overflowed = true;
            return;
        }

        if (!TryTake(2 + length, out var room)) return;
        BinaryPrimitives.WriteUInt16BigEndian(room, (ushort)length);
        Encoding.UTF8.GetBytes(value, room[2..]);
    }

    /// <summary>Writes a property that is a text.</summary>
    public void Property(string name, string value)
    {
        Name(name);
        Text(value);
    }

    /// <summary>Writes a property that is a number.</summary>
    public void Property(string name, double value)
    {
        Name(name);
        Number(value);
    }

    /// <summary>Ends an object or array with names.</summary>
    public void End()
    {
        if (TryTake(3, out var room)) ((ReadOnlySpan<byte>)[0, 0, 9]).CopyTo(room);
    }

    /// <summary>Writes a value with all it holds. Byte arrays become undefined: their content was not kept.</summary>
    public void Value(AmfValue value)
    {
        switch (value.Kind)
        {
            case AmfKind.Null:
                Null();
                break;
            case AmfKind.Boolean:
                Boolean(value.IsTrue);
                break;
            case AmfKind.Number:
                Number(value.Number);
                break;
            case AmfKind.Text:
                Text(value.Text);
                break;
            case AmfKind.Structure when value.Text.Length > 0:
                Byte(0x10);
                Name(value.Text);
                Properties(value);
                break;
            case AmfKind.Structure:
                BeginObject();
                Properties(value);
                break;
            case AmfKind.NamedArray:
                BeginNamedArray(value.Properties.Count + value.Items.Count);
                Properties(value);
                break;
            case AmfKind.List:
                BeginList(value.Items.Count);
                for (var i = 0; i < value.Items.Count; i++)
                {
                    Value(value.Items[i]);
                }

                break;
            case AmfKind.Date:
                Byte(0x0b);
                if (!TryTake(10, out var date)) return;
                BinaryPrimitives.WriteDoubleBigEndian(date, value.Number);
                date[8] = date[9] = 0;
                break;
            case AmfKind.Reference:
                if (!TryTake(3, out var reference)) return;
                reference[0] = 0x07;
                BinaryPrimitives.WriteUInt16BigEndian(reference[1..], (ushort)value.Number);
                break;
            default:
                Undefined();
                break;
        }
    }

    // The unnamed part of an AMF3 array is named by its indexes, as AMF0 does.
    private void Properties(AmfValue value)
    {
        for (var i = 0; i < value.Properties.Count; i++)
        {
            Name(value.Properties[i].Name);
            Value(value.Properties[i].Value);
        }

        for (var i = 0; i < value.Items.Count; i++)
        {
            Name(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Value(value.Items[i]);
        }

        End();
    }

    private void Byte(byte value)
    {
        if (TryTake(1, out var room)) room[0] = value;
    }

    private bool TryTake(int count, out Span<byte> room)
    {
        Overflowed |= count > _destination.Length - _length;
        room = Overflowed ? default : _destination.Slice(_length, count);
        _length += room.Length;
        return !Overflowed;
    }
}
