using System.Buffers.Binary;
using Sluice.Protocols.Wire;

namespace Sluice.Workers.Transcoding;

/// <summary>
/// Reads what a child writes to its output pipe: NUT with one stream. The format says each packet's length before the packet and its time exactly, and its writer holds
/// nothing back; no other container that carries every codec here does all three.
/// </summary>
/// <remarks>
/// Bounded: the largest packet, 16 time bases, 128 elided headers. Check sums are passed over, since a pipe does not damage bytes; what does not parse ends the reading.
/// </remarks>
internal sealed class NutReader
{
    /// <summary>The largest packet taken.</summary>
    public const int MaxPacket = 8 * 1024 * 1024;

    private const int MaxHeader = 64 * 1024;
    private const int MaxTimeBases = 16;
    private const int LongPacket = 4096;
    private const int StartCodeLength = 8;
    private const byte StartOfHeader = (byte)'N';
    private const ulong MainHeader = 0x4E4D_7A56_1F5F_04AD;
    private const ulong StreamHeader = 0x4E53_1140_5BF2_F9DB;
    private const ulong SyncPoint = 0x4E4B_E4AD_EECA_4569;
    private const ulong Index = 0x4E58_DD67_2F23_E64E;
    private const ulong Tags = 0x4E49_AB68_B596_BA78;

    private readonly NutFrameCodes _codes = new();
    private TimeBase[] _timeBases = [];
    private byte[] _buffer = new byte[16 * 1024];
    private int _start = NutFrameCodes.MaxElided;
    private int _end = NutFrameCodes.MaxElided;
    private bool _hasBegun;
    private bool _isBroken;
    private bool _hasStream;
    private int _timeBase;
    private int _ptsShift;
    private long _lastPts;

    private static ReadOnlySpan<byte> FileId => "nut/multimedia container\0"u8;

    /// <summary>Seconds in one tick of packets' times; known with the first packet.</summary>
    public TimeBase TimeBase => _timeBases[_timeBase];

    /// <summary>What the encoder says of its stream (OpusHead, AudioSpecificConfig, parameter sets behind start codes).</summary>
    public byte[] Configuration { get; private set; } = [];

    /// <summary>Takes bytes as they come; copied.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_start == _end) _start = _end = NutFrameCodes.MaxElided;
        if (_buffer.Length - _end < bytes.Length) MakeRoom(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Reads the next packet.</summary>
    public NutReading TryRead(out NutPacket packet)
    {
        packet = default;
        while (!_isBroken)
        {
            var rest = _buffer.AsSpan(_start, _end - _start);
            if (rest.IsEmpty) return NutReading.NeedsMore;
            if (!_hasBegun)
            {
                var known = Math.Min(rest.Length, FileId.Length);
                if (!rest[..known].SequenceEqual(FileId[..known])) break;
                if (known < FileId.Length) return NutReading.NeedsMore;
                _start += FileId.Length;
                _hasBegun = true;
                continue;
            }

            var reading = rest[0] == StartOfHeader ? ReadHeader(rest) : ReadFrame(rest, out packet);
            if (reading is null) continue;
            if (reading == NutReading.Invalid) break;
            return reading.Value;
        }

        _isBroken = true;
        return NutReading.Invalid;
    }

    // Null: a header was read, look at what follows.
    private NutReading? ReadHeader(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < StartCodeLength) return NutReading.NeedsMore;
        var code = BinaryPrimitives.ReadUInt64BigEndian(rest);
        if (code is not (MainHeader or StreamHeader or SyncPoint or Index or Tags)) return NutReading.Invalid;
        var fields = new NutFields(rest[StartCodeLength..]);
        var length = fields.ReadUnsigned();
        if (fields.IsShort) return fields.IsInvalid ? NutReading.Invalid : NutReading.NeedsMore;
        if (length is < 4 or > MaxHeader) return NutReading.Invalid;
        var bodyAt = StartCodeLength + fields.Position + (length > LongPacket ? 4 : 0);
        if (rest.Length - bodyAt < length) return NutReading.NeedsMore;

        var body = new NutFields(rest.Slice(bodyAt, (int)length - 4));
        var isRead = code switch
        {
            MainHeader => ReadMainHeader(ref body),
            StreamHeader => ReadStreamHeader(ref body),
            SyncPoint => ReadSyncPoint(ref body),
            _ => true,
        };
        _start += bodyAt + (int)length;
        return isRead && !body.IsShort ? null : NutReading.Invalid;
    }

    private bool ReadMainHeader(ref NutFields fields)
    {
        var version = fields.ReadUnsigned();
        if (version is < 3 or > 4) return false;
        if (version > 3) fields.ReadUnsigned();
        if (fields.ReadUnsigned() != 1) return false;
        fields.ReadUnsigned(); // the largest distance of sync points
        var count = fields.ReadUnsigned();
        if (count is < 1 or > MaxTimeBases) return false;
        var timeBases = new TimeBase[count];
        for (var i = 0; i < timeBases.Length; i++)
        {
            var numerator = fields.ReadUnsigned();
            var denominator = fields.ReadUnsigned();
            if (numerator is < 1 or > int.MaxValue || denominator is < 1 or > int.MaxValue) return false;
            timeBases[i] = new TimeBase((int)numerator, (int)denominator);
        }

        // Repeated in the stream, always the same; a change would be another stream.
        _timeBases = timeBases;
        _timeBase = Math.Min(_timeBase, timeBases.Length - 1);
        return _codes.TryRead(ref fields);
    }

    private bool ReadStreamHeader(ref NutFields fields)
    {
        if (_timeBases.Length == 0 || fields.ReadUnsigned() != 0) return false;
        fields.ReadUnsigned(); // class
        fields.ReadBytes(); // four-character code
        var timeBase = fields.ReadUnsigned();
        var shift = fields.ReadUnsigned();
        fields.ReadUnsigned(); // the largest distance of times
        fields.ReadUnsigned(); // decoding delay
        fields.ReadUnsigned(); // flags
        var configuration = fields.ReadBytes();
        if (fields.IsShort || timeBase < 0 || timeBase >= _timeBases.Length || shift is < 0 or > 16) return false;
        _timeBase = (int)timeBase;
        _ptsShift = (int)shift;
        if (!configuration.SequenceEqual(Configuration)) Configuration = configuration.ToArray();
        _hasStream = true;
        return true;
    }

    private bool ReadSyncPoint(ref NutFields fields)
    {
        var time = fields.ReadUnsigned();
        fields.ReadUnsigned(); // back to the one before
        if (!_hasStream || fields.IsShort) return false;
        var from = _timeBases[time % _timeBases.Length];
        var to = TimeBase;
        var scaled = (Int128)(time / _timeBases.Length) * from.Numerator * to.Denominator / ((Int128)from.Denominator * to.Numerator);
        if (scaled > long.MaxValue / 2) return false;
        _lastPts = (long)scaled;
        return true;
    }

    private NutReading? ReadFrame(ReadOnlySpan<byte> rest, out NutPacket packet)
    {
        packet = default;
        if (!_hasStream) return NutReading.Invalid;
        var fields = new NutFields(rest);
        if (!_codes.TryReadHead(ref fields, out var head)) return NutReading.Invalid;
        if (fields.IsInvalid || head.Size > MaxPacket) return NutReading.Invalid;
        if (fields.IsShort) return rest.Length > MaxHeader ? NutReading.Invalid : NutReading.NeedsMore;
        var elided = head.Size > LongPacket ? default : _codes.Elided(head.HeaderIndex);
        var stored = head.Size - elided.Length;
        if (stored < 0) return NutReading.Invalid;
        var bodyAt = fields.Position;
        if (rest.Length - bodyAt < stored) return NutReading.NeedsMore;

        _lastPts = head.CodedPts is { } coded ? ToPts(coded) : _lastPts + head.PtsDelta;
        var payloadAt = _start + bodyAt;
        if (elided.Length > 0)
        {
            // The head of this frame and what was before it are read: what every frame begins with is put in their place.
            if (payloadAt < elided.Length) return NutReading.Invalid;
            payloadAt -= elided.Length;
            elided.CopyTo(_buffer.AsSpan(payloadAt));
        }

        _start += bodyAt + (int)stored;
        if (head.IsEnd || head.Size == 0) return null;
        packet = new NutPacket { Pts = _lastPts, IsKeyframe = head.IsKeyframe, Payload = _buffer.AsSpan(payloadAt, (int)head.Size) };
        return NutReading.Packet;
    }

    private long ToPts(long coded)
    {
        var range = 1L << _ptsShift;
        if (coded >= range) return coded - range;
        var delta = _lastPts - range / 2;
        return ((coded - delta) & (range - 1)) + delta;
    }

    private void MakeRoom(int count)
    {
        var held = _end - _start;

        // Room before the rest, for what frames leave out.
        var needed = held + count + NutFrameCodes.MaxElided;
        if (_buffer.Length < needed) Array.Resize(ref _buffer, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed));
        _buffer.AsSpan(_start, held).CopyTo(_buffer.AsSpan(NutFrameCodes.MaxElided));
        _start = NutFrameCodes.MaxElided;
        _end = _start + held;
    }
}
