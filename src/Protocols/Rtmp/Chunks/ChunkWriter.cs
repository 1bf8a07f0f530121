using System.Buffers.Binary;

namespace Sluice.Protocols.Rtmp.Chunks;

/// <summary>Cuts messages into chunks with the shortest headers (RTMP 1.0 §5.3.1); extended timestamps are repeated in headers of form 3.</summary>
internal sealed class ChunkWriter(OutputQueue output)
{
    /// <summary>Chunk stream of protocol control messages.</summary>
    public const int ControlStream = 2;

    /// <summary>Chunk stream of commands.</summary>
    public const int CommandStream = 3;

    /// <summary>Chunk stream of audio.</summary>
    public const int AudioStream = 4;

    /// <summary>Chunk stream of data.</summary>
    public const int DataStream = 5;

    /// <summary>Chunk stream of video.</summary>
    public const int VideoStream = 6;

    private const int Streams = 8;

    private readonly Sent[] _sent = new Sent[Streams];

    /// <summary>What this side cuts its messages into; the peer must have been told.</summary>
    public int ChunkSize { get; set; } = ChunkReader.InitialChunkSize;

    /// <summary>Writes a message; false, and nothing written, where the output has no room for all of it.</summary>
    /// <param name="chunkStream">2 to 7.</param>
    /// <param name="type">What it is.</param>
    /// <param name="streamId">The message stream.</param>
    /// <param name="timestamp">Milliseconds; the low 32 bits are sent.</param>
    /// <param name="payload">The message.</param>
    public bool TryWrite(int chunkStream, RtmpMessageType type, uint streamId, long timestamp, ReadOnlySpan<byte> payload)
    {
        ref var last = ref _sent[chunkStream];
        var time = (uint)timestamp;
        var delta = time - last.Time;
        var form = !last.Exists || last.StreamId != streamId || delta > int.MaxValue ? 0
            : last.Length != payload.Length || last.Type != type ? 1
            : last.Delta != delta ? 2 : 3;
        var field = form == 0 ? time : delta;
        var extended = form == 3 ? last.IsExtended : field >= ChunkHeader.ExtendedMark;
        var chunks = Math.Max(1, (payload.Length + ChunkSize - 1) / ChunkSize);
        var header = form switch { 0 => 12, 1 => 8, 2 => 4, _ => 1 };
        var total = header + chunks - 1 + (extended ? 4 * chunks : 0) + payload.Length;
        if (!output.TryReserve(total, out var room)) return false;

        var written = 0;
        room[written++] = (byte)(form << 6 | chunkStream);
        if (form < 3) written += WriteU24(room[written..], extended ? ChunkHeader.ExtendedMark : field);
        if (form < 2)
        {
            written += WriteU24(room[written..], (uint)payload.Length);
            room[written++] = (byte)type;
        }

        if (form == 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(room[written..], streamId);
            written += 4;
        }

        // A form 3 header after a form 0 one would repeat an absolute time: written as form 2 instead, by the delta never matching.
        last = new Sent(true, type, streamId, payload.Length, time, form == 0 ? null : delta, extended, extended ? form == 3 ? last.Extended : field : 0);
        for (var first = true; first || !payload.IsEmpty; first = false)
        {
            if (!first) room[written++] = (byte)(0xc0 | chunkStream);
            if (extended)
            {
                BinaryPrimitives.WriteUInt32BigEndian(room[written..], last.Extended);
                written += 4;
            }

            var count = Math.Min(ChunkSize, payload.Length);
            payload[..count].CopyTo(room[written..]);
            payload = payload[count..];
            written += count;
        }

        return true;
    }

    private static int WriteU24(Span<byte> destination, uint value)
    {
        destination[0] = (byte)(value >> 16);
        destination[1] = (byte)(value >> 8);
        destination[2] = (byte)value;
        return 3;
    }

    private readonly record struct Sent(
        bool Exists, RtmpMessageType Type, uint StreamId, int Length, uint Time, uint? Delta, bool IsExtended, uint Extended);
}
