using System.Buffers.Binary;
using Sluice.Protocols.Rtmp.Chunks;

namespace Sluice.Protocols.Tests.Rtmp;

/// <summary>One message as a test means it.</summary>
internal sealed record ScriptedMessage(int ChunkStream, RtmpMessageType Type, uint StreamId, long Timestamp, byte[] Payload);

/// <summary>
/// Writes messages in every legal way: any header form that says enough, any width of chunk stream id, chunk streams interleaved chunk by
/// chunk, the chunk size changed between any two chunks, extended timestamps repeated or not.
/// </summary>
internal sealed class ChunkScript(Random random, bool repeatsExtended = true)
{
    private readonly Dictionary<int, Stream> _streams = [];
    private readonly List<byte> _bytes = [];

    public int ChunkSize { get; private set; } = 128;

    /// <summary>Messages in the order in which they become whole.</summary>
    public List<ScriptedMessage> Completed { get; } = [];

    public byte[] Bytes => [.. _bytes];

    /// <summary>Writes queues of messages, one queue for each chunk stream, interleaved at random.</summary>
    public ChunkScript Write(params Queue<ScriptedMessage>[] queues)
    {
        var open = new ScriptedMessage?[queues.Length];
        var written = new int[queues.Length];
        while (true)
        {
            var ready = Enumerable.Range(0, queues.Length).Where(i => open[i] is not null || queues[i].Count > 0).ToArray();
            if (ready.Length == 0) return this;
            if (random.Next(8) == 0) SetChunkSize(random.Next(4) == 0 ? random.Next(1, 8) : random.Next(1, 5000));
            var i = ready[random.Next(ready.Length)];
            if (open[i] is null)
            {
                open[i] = queues[i].Dequeue();
                written[i] = 0;
                WriteHeader(open[i]!);
            }
            else
            {
                WriteContinuation(open[i]!);
            }

            var count = Math.Min(ChunkSize, open[i]!.Payload.Length - written[i]);
            _bytes.AddRange(open[i]!.Payload.AsSpan(written[i], count));
            written[i] += count;
            if (written[i] < open[i]!.Payload.Length) continue;
            Completed.Add(open[i]!);
            open[i] = null;
        }
    }

    public void SetChunkSize(int size)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, size);
        _bytes.AddRange([0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]);
        for (var at = 0; at < payload.Length; at += ChunkSize)
        {
            if (at > 0) _bytes.Add(0xc2);
            _bytes.AddRange(payload.Slice(at, Math.Min(ChunkSize, payload.Length - at)));
        }

        ChunkSize = size;
    }

    private void WriteHeader(ScriptedMessage message)
    {
        if (!_streams.TryGetValue(message.ChunkStream, out var last)) last = new Stream();
        var delta = message.Timestamp - last.Timestamp;
        var isDelta = last.Exists && last.StreamId == message.StreamId && delta is >= 0 and < 0x7fffffff;
        var sameKind = isDelta && last.Length == message.Payload.Length && last.Type == message.Type;
        var forms = new List<int> { 0 };
        if (isDelta) forms.Add(1);
        if (sameKind) forms.Add(2);
        if (sameKind && last.NextDelta == delta) forms.Add(3);
        var form = forms[random.Next(forms.Count)];
        var field = form == 0 ? (uint)message.Timestamp : (uint)delta;
        WriteBasic(form, message.ChunkStream);
        if (form < 3)
        {
            last.IsExtended = field >= 0xffffff;
            last.Extended = field;
            WriteU24(last.IsExtended ? 0xffffff : field);
        }

        if (form < 2)
        {
            WriteU24((uint)message.Payload.Length);
            _bytes.Add((byte)message.Type);
        }

        if (form == 0) _bytes.AddRange(BitConverter.GetBytes(message.StreamId));
        if (last.IsExtended && (form < 3 || repeatsExtended)) WriteU32(last.Extended);
        last.Exists = true;
        last.StreamId = message.StreamId;
        last.Length = message.Payload.Length;
        last.Type = message.Type;
        last.NextDelta = form == 0 ? message.Timestamp <= 10_000 ? message.Timestamp : -1 : delta;
        last.Timestamp = message.Timestamp;
        _streams[message.ChunkStream] = last;
    }

    private void WriteContinuation(ScriptedMessage message)
    {
        WriteBasic(3, message.ChunkStream);
        var stream = _streams[message.ChunkStream];
        if (stream.IsExtended && repeatsExtended) WriteU32(stream.Extended);
    }

    private void WriteBasic(int form, int id)
    {
        if (id < 64)
        {
            _bytes.Add((byte)(form << 6 | id));
        }
        else if (id < 320 && random.Next(2) == 0)
        {
            _bytes.Add((byte)(form << 6));
            _bytes.Add((byte)(id - 64));
        }
        else
        {
            _bytes.Add((byte)(form << 6 | 1));
            _bytes.Add((byte)(id - 64));
            _bytes.Add((byte)(id - 64 >> 8));
        }
    }

    private void WriteU24(uint value) => _bytes.AddRange([(byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    private void WriteU32(uint value) => _bytes.AddRange([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    private sealed class Stream
    {
        public bool Exists;
        public uint StreamId;
        public RtmpMessageType Type;
        public int Length;
        public long Timestamp;
        public long NextDelta;
        public bool IsExtended;
        public uint Extended;
    }
}
