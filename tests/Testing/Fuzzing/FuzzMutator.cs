using System.Buffers.Binary;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// Makes inputs out of seeds: each is one seed with a few changes of the kinds that break parsers. Deterministic for a random source and a
/// list of seeds; the buffer is reused.
/// </summary>
public sealed class FuzzMutator
{
    /// <summary>Longer inputs are cut.</summary>
    public const int MaxLength = 65_535;

    private const int MaxChanges = 6;
    private const int MaxInsertion = 64;

    private static readonly uint[] Interesting =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 129, 255, 256, 257, 511, 512, 1023, 1024, 1460, 1500, 2047, 2048, 4095, 4096,
        0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff, 0x1_0000, 0x7f_ffff, 0xff_ffff, 0x100_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff,
    ];

    private readonly SeededRandom _random;
    private readonly IReadOnlyList<byte[]> _seeds;
    private readonly byte[] _buffer = new byte[MaxLength];
    private readonly int _maxLength;
    private int _length;

    /// <summary>Makes a mutator; without seeds it begins from random bytes.</summary>
    public FuzzMutator(SeededRandom random, IReadOnlyList<byte[]> seeds)
    {
        _random = random;
        _seeds = seeds;
        var longest = seeds.Count == 0 ? 512 : seeds.Max(seed => seed.Length);
        _maxLength = Math.Min(MaxLength, longest * 2 + 256);
    }

    /// <summary>The next input, valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        Begin();
        for (var changes = 1 + _random.Next(MaxChanges); changes > 0; changes--)
        {
            Change();
        }

        return _buffer.AsSpan(0, _length);
    }

    private void Begin()
    {
        if (_seeds.Count == 0)
        {
            _length = _random.Next(_maxLength);
            _random.Fill(_buffer.AsSpan(0, _length));
            return;
        }

        var seed = _seeds[_random.Next(_seeds.Count)];
        _length = Math.Min(seed.Length, _maxLength);
        seed.AsSpan(0, _length).CopyTo(_buffer);
    }

    private void Change()
    {
        switch (_random.Next(12))
        {
            case 0 or 1:
                if (_length > 0) _buffer[_random.Next(_length)] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                if (_length > 0) _buffer[_random.Next(_length)] = (byte)_random.Next();
                break;
            case 3 or 4:
                PutInteresting();
                break;
            case 5:
                Nudge();
                break;
            case 6:
                _length = _random.Next(_length + 1);
                break;
            case 7:
                Remove();
                break;
            case 8:
                InsertRandom();
                break;
            case 9:
                InsertFromSeed();
                break;
            case 10:
                Splice();
                break;
            case 11:
                EditLength();
                break;
        }
    }

    private void PutInteresting()
    {
        var width = 1 << _random.Next(3);
        if (_length < width) return;

        var value = Interesting[_random.Next(Interesting.Length)];
        var place = _buffer.AsSpan(_random.Next(_length - width + 1), width);
        if (width == 1) place[0] = (byte)value;
        else if (width == 2) BinaryPrimitives.WriteUInt16BigEndian(place, (ushort)value);
        else BinaryPrimitives.WriteUInt32BigEndian(place, value);
    }

    private void Nudge()
    {
        if (_length < 2) return;

        var place = _buffer.AsSpan(_random.Next(_length - 1), 2);
        var value = BinaryPrimitives.ReadUInt16BigEndian(place) + _random.Next(9) - 4;
        BinaryPrimitives.WriteUInt16BigEndian(place, (ushort)value);
    }

    // A field that equals what is left behind it is probably a length: such fields are found and made wrong; else any field is made right.
    private void EditLength()
    {
        if (_length < 3) return;

        var start = _random.Next(_length - 2);
        for (var i = start; i < Math.Min(start + 64, _length - 2); i++)
        {
            var place = _buffer.AsSpan(i, 2);
            var left = _length - i - 2;
            var value = BinaryPrimitives.ReadUInt16BigEndian(place);
            if (value == 0 || value > left) continue;

            var wrong = _random.Next(4) switch
            {
                0 => left,
                1 => left + 1,
                2 => value + 1,
                _ => value - 1,
            };
            BinaryPrimitives.WriteUInt16BigEndian(place, (ushort)wrong);
            return;
        }
    }

    private void Remove()
    {
        if (_length == 0) return;

        var at = _random.Next(_length);
        var count = 1 + _random.Next(Math.Min(MaxInsertion, _length - at));
        _buffer.AsSpan((at + count).._length).CopyTo(_buffer.AsSpan(at));
        _length -= count;
    }

    private void InsertRandom() => _random.Fill(Open(1 + _random.Next(MaxInsertion)));

    private void InsertFromSeed()
    {
        if (_seeds.Count == 0) return;

        var seed = _seeds[_random.Next(_seeds.Count)];
        if (seed.Length == 0) return;

        var at = _random.Next(seed.Length);
        var room = Open(1 + _random.Next(Math.Min(MaxInsertion, seed.Length - at)));
        seed.AsSpan(at, room.Length).CopyTo(room);
    }

    private void Splice()
    {
        if (_seeds.Count == 0) return;

        var seed = _seeds[_random.Next(_seeds.Count)];
        var keep = _random.Next(_length + 1);
        var from = _random.Next(seed.Length + 1);
        var count = Math.Min(seed.Length - from, _maxLength - keep);
        seed.AsSpan(from, count).CopyTo(_buffer.AsSpan(keep));
        _length = keep + count;
    }

    private Span<byte> Open(int count)
    {
        var at = _random.Next(_length + 1);
        count = Math.Min(count, _maxLength - _length);
        _buffer.AsSpan(at.._length).CopyTo(_buffer.AsSpan(at + count));
        _length += count;
        return _buffer.AsSpan(at, count);
    }
}
