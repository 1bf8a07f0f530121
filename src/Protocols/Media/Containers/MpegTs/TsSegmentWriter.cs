using System.Buffers;
using System.Buffers.Binary;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.MpegTs;

/// <summary>
/// Writes one segment of a transport stream that can be decoded by itself (ISO/IEC 13818-1; RFC 8216 §3.2): tables, then pictures of H.264 or H.265, AAC and ID3
/// tags in the order of their decoding times. One thread; payloads are copied when added.
/// </summary>
/// <remarks>
/// Segments are written without knowledge of one another and still make one stream: a segment has sixteen packets, or a multiple, of each elementary stream, so that
/// the counters of four bits end where they began. What is missing to that is made by spreading units over more packets.
/// </remarks>
/// <param name="video">Codec of the pictures, H.264 or H.265; unknown for sound alone.</param>
/// <param name="hasAudio">The tables announce AAC, whether or not this segment has some.</param>
public sealed class TsSegmentWriter(Codec video, bool hasAudio)
{
    /// <summary>The most bytes of payload that are taken; what is more is refused.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    // How long before it is decoded a picture arrives, in ticks: the buffers of ISO/IEC 13818-1 §2.4.2 hold a second.
    private const long Lead = TsPacket.ClockRate / 2;

    // §2.7.2 allows 100 ms between two clocks.
    private const long ClockInterval = TsPacket.ClockRate * 8 / 100;

    private const int SoundsTogether = 4;
    private const long SoundSpan = TsPacket.ClockRate * 7 / 100;
    private const int ClockField = 8;
    private const int ShortHeader = 14;
    private const int LongHeader = 19;

    private readonly ArrayBufferWriter<byte> _payload = new(64 * 1024);
    private readonly List<Unit> _units = [];
    private int _soundsInLast;

    // A PES packet in the buffer, header included. Times in ticks of 90 kHz.
    private record struct Unit(int Pid, long Decode, int Offset, int Length, bool IsKey, int Packets, int Extra);

    /// <summary>True where frames of a format can be carried: H.264 and H.265 with lengths of four bytes, AAC that ADTS has numbers for.</summary>
    public static bool CanCarry(FrameFormat format) => TsElementary.CanCarry(format);

    /// <summary>Adds a picture; false where it is damaged, or the segment is full.</summary>
    public bool TryAddPicture(in Frame frame)
    {
        if (frame.Format.Codec != video || IsFull(frame.Payload.Length)) return false;
        var offset = BeginUnit(LongHeader);
        if (!TsElementary.TryAddPicture(_payload, in frame)) return false;
        var decode = TicksOf(frame.DecodeTime, frame.Format.ClockRate);
        EndUnit(TsPacket.VideoPid, 0xe0, offset, LongHeader, decode, TicksOf(frame.PresentationTime, frame.Format.ClockRate), frame.IsKeyframe);
        return true;
    }

    /// <summary>Adds a packet of AAC, behind all before it; false where it cannot be carried.</summary>
    public bool TryAddSound(in Frame frame)
    {
        if (!hasAudio || frame.Format.Codec != Codec.Aac || IsFull(frame.Payload.Length)) return false;
        var at = TicksOf(frame.PresentationTime, frame.Format.ClockRate);
        if (_soundsInLast is > 0 and < SoundsTogether && at - _units[^1].Decode < SoundSpan)
        {
            if (!TsElementary.TryAddSound(_payload, in frame)) return false;
            _soundsInLast++;
            _units[^1] = _units[^1] with { Length = _payload.WrittenCount - _units[^1].Offset };
            return true;
        }

        var offset = BeginUnit(ShortHeader);
        if (!TsElementary.TryAddSound(_payload, in frame)) return false;
        EndUnit(TsPacket.AudioPid, 0xc0, offset, ShortHeader, at, at, isKey: true);
        _soundsInLast = 1;
        return true;
    }

    /// <summary>Adds an ID3 tag; false where it is empty or longer than a packet of this kind may be.</summary>
    /// <param name="microseconds">When it is of meaning, on the time line of the frames.</param>
    /// <param name="tag">The whole tag.</param>
    public bool TryAddTag(long microseconds, ReadOnlySpan<byte> tag)
    {
        if (tag.IsEmpty || tag.Length > ushort.MaxValue - ShortHeader || IsFull(tag.Length)) return false;
        var offset = BeginUnit(ShortHeader);
        _payload.Write(tag);
        var at = TicksOf(microseconds, 1_000_000);
        EndUnit(TsPacket.MetadataPid, 0xbd, offset, ShortHeader, at, at, isKey: false);
        return true;
    }

    /// <summary>Writes the segment. The writer is of no use afterwards.</summary>
    /// <param name="number">Its number among the segments of the stream: the tables' counters follow it.</param>
    public byte[] Finish(long number)
    {
        _units.Sort(static (a, b) => a.Decode != b.Decode ? a.Decode.CompareTo(b.Decode) : a.Offset.CompareTo(b.Offset));
        var clockPid = video == Codec.Unknown ? TsPacket.AudioPid : TsPacket.VideoPid;
        Plan(TsPacket.VideoPid, clockPid);
        Plan(TsPacket.AudioPid, clockPid);
        Plan(TsPacket.MetadataPid, clockPid);

        var output = new ArrayBufferWriter<byte>(_payload.WrittenCount * 11 / 10 + 64 * TsPacket.Length);
        TsTables.WriteAssociation(Next(output), (int)(number & 15));
        TsTables.WriteMap(Next(output), (int)(number & 15), video, hasAudio);
        Span<int> counters = stackalloc int[3];
        var clockAt = long.MinValue;
        foreach (var unit in _units)
        {
            ref var counter = ref counters[unit.Pid - TsPacket.VideoPid];
            if (unit.Pid == clockPid)
            {
                while (clockAt != long.MinValue && unit.Decode - clockAt > ClockInterval) WriteClock(output, clockPid, clockAt += ClockInterval, counters[clockPid - TsPacket.VideoPid]);
                clockAt = unit.Decode;
            }
            else if (clockAt != long.MinValue && unit.Decode - clockAt > ClockInterval)
            {
                WriteClock(output, clockPid, clockAt = unit.Decode, counters[clockPid - TsPacket.VideoPid]);
            }

            WriteUnit(output, in unit, unit.Pid == clockPid, ref counter);
        }

        return output.WrittenSpan.ToArray();
    }

    private static long TicksOf(long time, int clockRate) => (long)((Int128)time * TsPacket.ClockRate / clockRate);

    private static Span<byte> Next(ArrayBufferWriter<byte> output)
    {
        var packet = output.GetSpan(TsPacket.Length)[..TsPacket.Length];
        output.Advance(TsPacket.Length);
        return packet;
    }

    private bool IsFull(int length) => length > MaxBytes - _payload.WrittenCount;

    // Room for a header. Where no unit comes of it, it belongs to none and is never written.
    private int BeginUnit(int header)
    {
        _soundsInLast = 0;
        var offset = _payload.WrittenCount;
        _payload.GetSpan(header)[..header].Clear();
        _payload.Advance(header);
        return offset;
    }

    // PES header (§2.4.3.6); the length is filled in at the end.
    private void EndUnit(int pid, byte stream, int offset, int header, long decode, long presentation, bool isKey)
    {
        var bytes = Bytes(offset, header);
        bytes[2] = 1;
        bytes[3] = stream;
        bytes[6] = 0x84; // data begins with a unit
        bytes[7] = (byte)(header == LongHeader ? 0xc0 : 0x80);
        bytes[8] = (byte)(header - 9);
        WriteTime(bytes[9..], header == LongHeader ? 3 : 2, presentation + Lead);
        if (header == LongHeader) WriteTime(bytes[14..], 1, decode + Lead);
        _units.Add(new Unit(pid, decode, offset, _payload.WrittenCount - offset, isKey, 0, 0));
    }

    private Span<byte> Bytes(int offset, int length) =>
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(_payload.WrittenMemory).Span.Slice(offset, length);

    private static void WriteTime(Span<byte> to, int mark, long time)
    {
        to[0] = (byte)(mark << 4 | (int)(time >> 29) & 0x0e | 1);
        to[1] = (byte)(time >> 22);
        to[2] = (byte)(time >> 14 | 1);
        to[3] = (byte)(time >> 7);
        to[4] = (byte)(time << 1 | 1);
    }

    // How many packets each unit of a stream takes, so that together they are a multiple of sixteen.
    private void Plan(int pid, int clockPid)
    {
        var field = pid == clockPid ? ClockField : 0;
        var total = 0;
        foreach (ref var unit in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_units))
        {
            if (unit.Pid != pid) continue;
            unit.Packets = Math.Max(1, (unit.Length + field + TsPacket.Room - 1) / TsPacket.Room);
            total += unit.Packets;
        }

        var missing = -total & 15;
        foreach (ref var unit in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_units))
        {
            // Every packet has a byte at least, and the first one the whole header.
            if (missing == 0) return;
            if (unit.Pid != pid) continue;
            unit.Extra = Math.Clamp(unit.Length - LongHeader - unit.Packets, 0, missing);
            missing -= unit.Extra;
        }
    }

    private static void WriteClock(ArrayBufferWriter<byte> output, int pid, long clock, int counter)
    {
        // Without payload the counter stands still.
        var packet = Next(output);
        TsPacket.WriteHeader(packet, pid, begins: false, hasField: true, hasPayload: false, counter - 1);
        TsPacket.WriteField(packet[4..], clock, isRandomAccess: false);
    }

    private void WriteUnit(ArrayBufferWriter<byte> output, in Unit unit, bool hasClock, ref int counter)
    {
        var rest = Bytes(unit.Offset, unit.Length);
        var length = rest.Length - 6;

        // Pictures alone may leave their length open.
        if (length <= ushort.MaxValue) BinaryPrimitives.WriteUInt16BigEndian(rest[4..], (ushort)length);
        for (var left = unit.Packets + unit.Extra; left > 0; left--)
        {
            var isFirst = left == unit.Packets + unit.Extra;
            var field = isFirst && hasClock ? ClockField : 0;
            var taken = Math.Min(TsPacket.Room - field, rest.Length - (left - 1));
            field = TsPacket.Room - taken;
            var packet = Next(output);
            TsPacket.WriteHeader(packet, unit.Pid, isFirst, field > 0, hasPayload: true, counter++);
            if (field > 0) TsPacket.WriteField(packet.Slice(4, field), isFirst && hasClock ? unit.Decode : -1, isFirst && unit.IsKey);
            rest[..taken].CopyTo(packet[(4 + field)..]);
            rest = rest[taken..];
        }
    }
}
