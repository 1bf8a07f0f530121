namespace Sluice.Workers.Transcoding;

/// <summary>What the first byte of a frame stands for; the main header says so once for all 256.</summary>
internal sealed class NutFrameCodes
{
    /// <summary>The longest beginning that frames may leave out.</summary>
    public const int MaxElided = 256;

    private const int MaxElidedHeaders = 128;
    private const int MaxReserved = 256;

    private readonly Code[] _codes = new Code[256];
    private byte[][] _elided = [[]];

    [Flags]
    private enum Field
    {
        Keyframe = 1,
        EndOfRelevance = 2,
        CodedPts = 1 << 3,
        StreamId = 1 << 4,
        SizeHigh = 1 << 5,
        Checksum = 1 << 6,
        Reserved = 1 << 7,
        SideValues = 1 << 8,
        HeaderIndex = 1 << 10,
        MatchTime = 1 << 11,
        Coded = 1 << 12,
        Invalid = 1 << 13,
    }

    private readonly record struct Code(Field Flags, int Stream, long SizeFactor, long SizeLow, long PtsDelta, int Reserved, int HeaderIndex);

    /// <summary>What stands before a frame's payload.</summary>
    internal readonly record struct Head(long Size, long? CodedPts, long PtsDelta, int HeaderIndex, bool IsKeyframe, bool IsEnd);

    /// <summary>What a frame with this index begins with and does not say.</summary>
    public ReadOnlySpan<byte> Elided(int index) => index < _elided.Length ? _elided[index] : default;

    /// <summary>Reads the table of the main header.</summary>
    public bool TryRead(ref NutFields fields)
    {
        long pts = 0, factor = 1;
        int stream = 0, header = 0;
        for (var i = 0; i < 256;)
        {
            var flags = fields.ReadUnsigned();
            var count = fields.ReadUnsigned();
            if (count > 0) pts = fields.ReadSigned();
            if (count > 1) factor = fields.ReadUnsigned();
            if (count > 2) stream = (int)Math.Min(fields.ReadUnsigned(), 1);
            var size = count > 3 ? fields.ReadUnsigned() : 0;
            var reserved = count > 4 ? fields.ReadUnsigned() : 0;
            var run = count > 5 ? fields.ReadUnsigned() : factor - size;
            if (count > 6) fields.ReadSigned();
            if (count > 7) header = (int)Math.Min(fields.ReadUnsigned(), MaxElidedHeaders);
            if (count > 16) return false;
            for (var extra = 8; extra < count; extra++)
            {
                fields.ReadUnsigned();
            }

            if (fields.IsShort || run < 1 || run > 256 - i || reserved > MaxReserved || factor > int.MaxValue || size > int.MaxValue) return false;
            for (var j = 0; j < run && i < 256; i++)
            {
                if (i == 'N')
                {
                    _codes[i] = new Code(Field.Invalid, 0, 0, 0, 0, 0, 0);
                    continue;
                }

                _codes[i] = new Code((Field)(int)(flags & 0xFFFF), stream, factor, size + j, pts, (int)reserved, header);
                j++;
            }
        }

        return TryReadElided(ref fields);
    }

    /// <summary>Reads a frame's head. False where its code has no meaning; <see cref="NutFields.IsShort"/> where more bytes are needed.</summary>
    public bool TryReadHead(ref NutFields fields, out Head head)
    {
        head = default;
        var code = _codes[fields.ReadByte()];
        var flags = code.Flags;
        if ((flags & Field.Invalid) != 0) return false;
        if ((flags & Field.Coded) != 0) flags ^= (Field)(int)(fields.ReadUnsigned() & 0xFFFF);
        var stream = (flags & Field.StreamId) != 0 ? fields.ReadUnsigned() : code.Stream;
        long? pts = (flags & Field.CodedPts) != 0 ? fields.ReadUnsigned() : null;
        var high = (flags & Field.SizeHigh) != 0 ? fields.ReadUnsigned() : 0;
        if ((flags & Field.MatchTime) != 0) fields.ReadSigned();
        var header = (flags & Field.HeaderIndex) != 0 ? (int)Math.Min(fields.ReadUnsigned(), MaxElidedHeaders) : code.HeaderIndex;
        var reserved = (flags & Field.Reserved) != 0 ? fields.ReadUnsigned() : code.Reserved;
        if (reserved > MaxReserved) return false;
        for (var i = 0; i < reserved; i++)
        {
            fields.ReadUnsigned();
        }

        if ((flags & Field.Checksum) != 0) fields.Skip(4);
        if (fields.IsShort) return true;

        // Side values stand within the payload; the child is told not to write any.
        if (stream != 0 || (flags & Field.SideValues) != 0 || high > NutReader.MaxPacket) return false;
        head = new Head(code.SizeFactor * high + code.SizeLow, pts, code.PtsDelta, header, (flags & Field.Keyframe) != 0, (flags & Field.EndOfRelevance) != 0);
        return true;
    }

    private bool TryReadElided(ref NutFields fields)
    {
        var count = fields.ReadUnsigned();
        if (fields.IsShort || count >= MaxElidedHeaders) return false;
        var elided = new byte[count + 1][];
        elided[0] = [];
        for (var i = 1; i < elided.Length; i++)
        {
            var bytes = fields.ReadBytes();
            if (bytes.Length is 0 or > MaxElided) return false;
            elided[i] = bytes.ToArray();
        }

        _elided = elided;
        return true;
    }
}
