using System.Buffers.Binary;

namespace Sluice.Testing.Transport;

/// <summary>One unit of an elementary stream, as a transport stream carried it. Times in ticks of 90 kHz.</summary>
public sealed record TransportUnit(int Pid, byte Type, long Presentation, long Decode, bool IsRandomAccess, byte[] Payload);

/// <summary>
/// A strict reader of transport streams, written against ISO/IEC 13818-1 for tests: whatever a decoder might forgive throws. Counters go on from one segment to the next.
/// </summary>
public sealed class TransportReader
{
    private readonly Dictionary<int, int> _counters = [];
    private readonly Dictionary<int, byte> _types = [];
    private readonly Dictionary<int, Open> _open = [];
    private int _mapPid = -1;
    private int _clockPid = -1;
    private long _clock = -1;
    private bool _hasTables;

    private sealed class Open
    {
        public readonly List<byte> Bytes = [];
        public bool IsRandomAccess;
        public long Clock;
    }

    /// <summary>The types of the streams the newest map names.</summary>
    public IReadOnlyDictionary<int, byte> Types => _types;

    /// <summary>The longest time between two program clocks in one segment.</summary>
    public long LongestClockGap { get; private set; }

    /// <summary>Reads one segment, which must be whole by itself.</summary>
    public List<TransportUnit> Read(ReadOnlySpan<byte> segment)
    {
        Require(segment.Length % 188 == 0, "whole packets");
        var units = new List<TransportUnit>();
        _hasTables = false;
        _clock = -1;
        _mapPid = -1;
        for (; segment.Length > 0; segment = segment[188..]) ReadPacket(segment[..188], units);
        foreach (var pid in _open.Keys.ToArray()) Close(pid, units);
        return units;
    }

    private void ReadPacket(ReadOnlySpan<byte> packet, List<TransportUnit> units)
    {
        Require(packet[0] == 0x47 && (packet[1] & 0x80) == 0 && packet[3] >> 6 == 0, "sync, no damage, not scrambled");
        var begins = (packet[1] & 0x40) != 0;
        var pid = (packet[1] & 0x1f) << 8 | packet[2];
        var hasPayload = (packet[3] & 0x10) != 0;
        var counter = packet[3] & 15;
        var known = _counters.TryGetValue(pid, out var last);
        Require(!known || counter == (hasPayload ? last + 1 & 15 : last), $"the counter of {pid:x} goes on: {counter} after {last}");
        _counters[pid] = counter;
        var body = packet[4..];
        var isRandomAccess = false;
        if ((packet[3] & 0x20) != 0)
        {
            var length = body[0];
            Require(hasPayload ? length <= 182 : length == 183, "length of the adaptation field");
            ReadField(pid, body.Slice(1, length), ref isRandomAccess);
            body = body[(1 + length)..];
        }

        if (!hasPayload) return;
        if (pid == 0 || pid == _mapPid)
        {
            Require(begins, "a section begins in each packet of tables");
            ReadTable(pid, body);
            return;
        }

        Require(_hasTables && _types.ContainsKey(pid), $"stream {pid:x} was announced");
        if (begins)
        {
            if (_open.ContainsKey(pid)) Close(pid, units);
            Require(body.Length >= 9 && body.Length >= 9 + body[8], "the header of a unit lies in one packet");
            _open[pid] = new Open { IsRandomAccess = isRandomAccess, Clock = _clock };
        }

        Require(_open.ContainsKey(pid), "units begin with a beginning");
        _open[pid].Bytes.AddRange(body);
    }

    private void ReadField(int pid, ReadOnlySpan<byte> field, ref bool isRandomAccess)
    {
        if (field.IsEmpty) return;
        isRandomAccess = (field[0] & 0x40) != 0;
        Require((field[0] & 0xaf) == 0, "flags known here");
        var rest = field[1..];
        if ((field[0] & 0x10) != 0)
        {
            Require(pid == _clockPid, "the clock is where the map says");
            var ticks = (long)BinaryPrimitives.ReadUInt32BigEndian(rest) << 1 | (long)(rest[4] >> 7);
            Require((rest[4] & 0x7e) == 0x7e, "reserved bits");
            if (_clock >= 0)
            {
                Require(ticks >= _clock, "the clock does not go back");
                LongestClockGap = Math.Max(LongestClockGap, ticks - _clock);
            }

            _clock = ticks;
            rest = rest[6..];
        }

        Require(!rest.ContainsAnyExcept((byte)0xff), "stuffing");
    }

    private void ReadTable(int pid, ReadOnlySpan<byte> body)
    {
        Require(body[0] == 0, "the section begins at once");
        var section = body[1..];
        var length = (section[1] & 15) << 8 | section[2];
        Require((section[1] & 0xf0) == 0xb0 && length <= section.Length - 3, "length of a section");
        Require(!section[(3 + length)..].ContainsAnyExcept((byte)0xff), "nothing behind the section");
        section = section[..(3 + length)];
        Require(Crc(section) == 0, "the sum of a section is right");
        var content = section[8..^4];
        if (pid == 0)
        {
            Require(section[0] == 0 && content.Length == 4, "one program");
            _mapPid = (content[2] & 0x1f) << 8 | content[3];
            return;
        }

        Require(section[0] == 2, "a program map");
        _types.Clear();
        _clockPid = (content[0] & 0x1f) << 8 | content[1];
        content = content[(4 + ((content[2] & 15) << 8 | content[3]))..];
        while (content.Length > 0)
        {
            _types.Add((content[1] & 0x1f) << 8 | content[2], content[0]);
            content = content[(5 + ((content[3] & 15) << 8 | content[4]))..];
        }

        Require(_types.ContainsKey(_clockPid), "the clock is in a stream of the program");
        _hasTables = true;
    }

    private void Close(int pid, List<TransportUnit> units)
    {
        _open.Remove(pid, out var open);
        var bytes = open!.Bytes.ToArray();
        Require(bytes is [0, 0, 1, ..], "start code of a unit");
        var length = bytes[4] << 8 | bytes[5];
        Require(length == bytes.Length - 6 || (length == 0 && (bytes[3] & 0xf0) == 0xe0 && bytes.Length - 6 > ushort.MaxValue), "length of a unit");
        Require(bytes[6] >> 6 == 2, "marker");
        var flags = bytes[7] >> 6;
        Require(flags is 2 or 3 && bytes[8] == (flags == 3 ? 10 : 5), "times and nothing else");
        var presentation = TimeAt(bytes, 9, flags);
        var decode = flags == 3 ? TimeAt(bytes, 14, 1) : presentation;
        Require(presentation >= decode, "what is shown was decoded");
        Require(decode >= open.Clock, "what arrives can still be decoded");
        units.Add(new TransportUnit(pid, _types[pid], presentation, decode, open.IsRandomAccess, bytes[(9 + bytes[8])..]));
    }

    private static long TimeAt(byte[] bytes, int at, int mark)
    {
        Require(bytes[at] >> 4 == mark && (bytes[at] & 1) == 1 && (bytes[at + 2] & 1) == 1 && (bytes[at + 4] & 1) == 1, "markers of a time");
        return (long)(bytes[at] & 0x0e) << 29 | (long)bytes[at + 1] << 22 | (long)(bytes[at + 2] & 0xfe) << 14 | (long)bytes[at + 3] << 7 | (long)bytes[at + 4] >> 1;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                var isSet = ((crc >> 31) ^ (uint)(value >> bit & 1)) != 0;
                crc <<= 1;
                if (isSet) crc ^= 0x04c1_1db7;
            }
        }

        return crc;
    }

    private static void Require(bool holds, string what)
    {
        if (!holds) throw new InvalidDataException($"Not so: {what}.");
    }
}
