using System.Buffers.Binary;
using System.Numerics;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Chunks;

/// <summary>
/// Puts messages together from chunks (RTMP 1.0 §5.3). Any cutting of the input gives the same messages. Set Chunk Size and Abort are obeyed
/// here and not given out. Not thread-safe; allocates only while buffers grow to the size of the peer's messages.
/// </summary>
/// <remarks>
/// Buffers grow with the bytes that came, never with the length that was announced. A message that lies whole in the input and in one chunk
/// is given out without a copy.
/// </remarks>
/// <param name="limits">What the peer may make us hold.</param>
public sealed class ChunkReader(ChunkLimits limits)
{
    /// <summary>What both sides begin with.</summary>
    public const int InitialChunkSize = 128;

    private const int MaxChunkSize = 0xffffff;
    private const int SmallestBuffer = 1024;
    private const int SmallestShared = 64 << 10;
    private const int LastShortId = 63; // with a basic header of one byte

    // A header of form 3 after one of form 0 repeats the timestamp as delta (§5.3.1.2.4), and FFmpeg relies on it. Clients that mean "the same
    // time again" do it at any timestamp, so a step this long is taken for that.
    private const int LongestFirstDelta = 10_000;

    [ThreadStatic]
    private static byte[]? t_shared;

    private readonly ChunkStream[] _streams = new ChunkStream[limits.MaxChunkStreams];
    private readonly int[] _ids = new int[limits.MaxChunkStreams]; // of the streams, so that the wrong ones are not looked at
    private readonly byte[] _stage = new byte[ChunkHeader.MaxLength + 4];
    private int _streamCount;
    private int _staged;
    private int _chunkSize = InitialChunkSize;
    private int _capacity;
    private ChunkStream? _current;
    private int _currentId;
    private int _chunkLeft;
    private long _mediaClock;
    private bool _hasMediaClock;

    /// <summary>Why nothing more is read.</summary>
    public ChunkError Error { get; private set; }

    /// <summary>The peer's chunk size.</summary>
    public int ChunkSize => _chunkSize;

    /// <summary>Partial messages given up because the peer aborted them or began another on their chunk stream.</summary>
    public long Interrupted { get; private set; }

    /// <summary>Bytes of all buffers.</summary>
    internal int Capacity => _capacity;

    /// <summary>Takes input up to the end of the next whole message.</summary>
    /// <param name="input">The bytes; what was taken is cut off its front.</param>
    /// <param name="message">The message; a view of the input or of buffers, valid on this thread until the next call of any reader.</param>
    public ChunkReading Read(ref ReadOnlySpan<byte> input, out RtmpMessage message)
    {
        message = default;
        while (Error == ChunkError.None)
        {
            if (_current is null)
            {
                if (!TryBeginChunk(ref input)) return Error == ChunkError.None ? ChunkReading.NeedsMore : ChunkReading.Broken;
            }

            var stream = _current!;
            if (_staged == 0 && stream.Filled == 0 && _chunkLeft == stream.Length && input.Length >= _chunkLeft)
            {
                var whole = input[.._chunkLeft];
                input = input[_chunkLeft..];
                _current = null;
                stream.IsPartial = false;
                if (Complete(stream, whole, out message)) return ChunkReading.Message;
                continue;
            }

            if (_staged == 0 && stream.Filled == 0 && TryTakeWhole(stream, ref input, out var joined))
            {
                _current = null;
                stream.IsPartial = false;
                if (Complete(stream, joined, out message)) return ChunkReading.Message;
                continue;
            }

            if (!TryFill(stream, ref input)) return Error == ChunkError.None ? ChunkReading.NeedsMore : ChunkReading.Broken;
            _current = null;
            if (stream.Filled < stream.Length) continue;

            var filled = stream.Filled;
            stream.Filled = 0;
            stream.IsPartial = false;
            if (Complete(stream, stream.Buffer.AsSpan(0, filled), out message)) return ChunkReading.Message;
        }

        return ChunkReading.Broken;
    }

    /// <summary>Adds what reading touches to a set.</summary>
    internal void Gather(ref WorkingSet set)
    {
        set.Add(this);
        set.Add(_ids);
        set.Add(_streams);
        foreach (var stream in _streams.AsSpan(0, _streamCount))
        {
            if (stream.Type is RtmpMessageType.Audio or RtmpMessageType.Video) set.Add(stream);
        }
    }

    private bool TryBeginChunk(ref ReadOnlySpan<byte> input)
    {
        ChunkHeader header;
        int length;
        if (_staged == 0)
        {
            if (TryReadHeader(input, out header, out length))
            {
                input = input[length..];
                return TryBeginChunk(header);
            }

            input.CopyTo(_stage); // shorter than a header, or a header could have been read
            _staged = input.Length;
            input = default;
            return false;
        }

        while (!TryReadHeader(_stage.AsSpan(0, _staged), out header, out length))
        {
            if (input.IsEmpty) return false;
            _stage[_staged++] = input[0];
            input = input[1..];
        }

        DropStaged(length);
        return TryBeginChunk(header);
    }

    // The extended timestamp of a form 3 header is there for most encoders and not for some: it is one where it says what the field said
    // before, or the message's time. It is told byte by byte, so that a short last chunk never waits for bytes that do not come.
    private bool TryReadHeader(ReadOnlySpan<byte> bytes, out ChunkHeader header, out int length)
    {
        length = 0;
        if (!ChunkHeader.TryRead(bytes, out header)) return false;
        length = header.Length;
        if (header.Form != 3 || Find(header.ChunkStreamId) is not { IsExtended: true } stream) return true;

        Span<byte> field = stackalloc byte[4];
        Span<byte> time = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(field, stream.Extended);
        BinaryPrimitives.WriteUInt32BigEndian(time, (uint)stream.Timestamp);
        var rest = bytes[length..];
        var compared = rest[..Math.Min(rest.Length, 4)];
        if (!field.StartsWith(compared) && !time.StartsWith(compared)) return true;
        if (compared.Length < 4) return false;
        length += 4;
        return true;
    }

    private bool TryBeginChunk(in ChunkHeader header)
    {
        var stream = Find(header.ChunkStreamId);
        if (stream is null)
        {
            // Some clients begin a chunk stream with form 1, on the control stream.
            if (header.Form > 1) return Fail(ChunkError.MissingHeader);
            if (_streamCount == _streams.Length) return Fail(ChunkError.TooManyChunkStreams);
            _ids[_streamCount] = header.ChunkStreamId;
            stream = _streams[_streamCount++] = new ChunkStream();
        }

        if (header.Form < 3 || !stream.IsPartial)
        {
            if (!TryBeginMessage(stream, header)) return false;
        }

        _current = stream;
        _currentId = header.ChunkStreamId;
        _chunkLeft = Math.Min(_chunkSize, stream.Length - stream.Filled);
        return true;
    }

    private bool TryBeginMessage(ChunkStream stream, in ChunkHeader header)
    {
        if (stream.IsPartial) Interrupted++;
        stream.IsPartial = true;
        stream.Filled = 0;
        if (header.Form < 2)
        {
            stream.Length = header.MessageLength;
            stream.Type = header.Type;
            if (stream.Length > limits.MaxMessageBytes) return Fail(ChunkError.MessageTooLong);
        }

        if (header.Form < 3)
        {
            stream.IsExtended = header.IsExtended;
            stream.Extended = header.Time;
        }

        if (header.Form == 0)
        {
            stream.MessageStreamId = header.MessageStreamId;
            stream.Timestamp = Unwrap(header.Time);
            stream.Delta = header.Time <= LongestFirstDelta ? (int)header.Time : 0;
            return true;
        }

        if (header.Form < 3) stream.Delta = (int)header.Time; // above 2^31: a step back, as 32-bit arithmetic makes it
        stream.Timestamp += stream.Delta;
        return true;
    }

    private long Unwrap(uint time) => _hasMediaClock ? _mediaClock + (int)(time - (uint)_mediaClock) : time;

    private bool TryFill(ChunkStream stream, ref ReadOnlySpan<byte> input)
    {
        if (_staged > 0)
        {
            var count = Math.Min(_staged, _chunkLeft);
            if (!TryAppend(stream, _stage.AsSpan(0, count))) return false;
            DropStaged(count);
        }

        var taken = Math.Min(input.Length, _chunkLeft);
        if (!TryAppend(stream, input[..taken])) return false;
        input = input[taken..];
        return _chunkLeft == 0;
    }

    // A message whose chunks all lie in the input, with nothing between them, is put together in memory that the readers of a thread share: it is in the cache still,
    // as each reader's own would not be.
    private bool TryTakeWhole(ChunkStream stream, ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> joined)
    {
        joined = default;
        var length = stream.Length;
        if (_currentId > LastShortId || stream.IsExtended || input.Length < length + (length - 1) / _chunkSize) return false;
        var continued = (byte)(0xc0 | _currentId);
        for (var at = _chunkSize; at < length + (length - 1) / _chunkSize; at += 1 + _chunkSize)
        {
            if (input[at] != continued) return false;
        }

        if (t_shared is null || t_shared.Length < length)
        {
            t_shared = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, SmallestShared)));
        }

        for (var filled = 0; filled < length; filled += _chunkSize)
        {
            if (filled > 0) input = input[1..];
            var count = Math.Min(_chunkSize, length - filled);
            input[..count].CopyTo(t_shared.AsSpan(filled));
            input = input[count..];
        }

        joined = t_shared.AsSpan(0, length);
        return true;
    }

    private bool TryAppend(ChunkStream stream, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return true;
        var needed = stream.Filled + bytes.Length;
        if (needed > stream.Buffer.Length && !TryGrow(stream, needed)) return Fail(ChunkError.TooMuchBuffered);
        bytes.CopyTo(stream.Buffer.AsSpan(stream.Filled));
        stream.Filled = needed;
        _chunkLeft -= bytes.Length;
        return true;
    }

    private bool TryGrow(ChunkStream stream, int needed)
    {
        var size = Math.Max(needed, Math.Min(Math.Max(stream.Buffer.Length * 2, SmallestBuffer), limits.MaxMessageBytes));
        if (_capacity - stream.Buffer.Length + size > limits.MaxBufferedBytes)
        {
            ReleaseIdle(stream);
            size = needed;
            if (_capacity - stream.Buffer.Length + size > limits.MaxBufferedBytes) return false;
        }

        var grown = GC.AllocateUninitializedArray<byte>(size);
        stream.Buffer.AsSpan(0, stream.Filled).CopyTo(grown);
        _capacity += grown.Length - stream.Buffer.Length;
        stream.Buffer = grown;
        return true;
    }

    private void ReleaseIdle(ChunkStream except)
    {
        foreach (var stream in _streams.AsSpan(0, _streamCount))
        {
            if (stream == except || stream.Filled > 0) continue;
            _capacity -= stream.Buffer.Length;
            stream.Buffer = [];
        }
    }

    // False for what this layer keeps to itself and for damage.
    private bool Complete(ChunkStream stream, ReadOnlySpan<byte> payload, out RtmpMessage message)
    {
        message = default;
        switch (stream.Type)
        {
            case RtmpMessageType.SetChunkSize:
                if (!BinaryPrimitives.TryReadUInt32BigEndian(payload, out var size)) return Fail(ChunkError.BadControlMessage);
                if (size is 0 or > int.MaxValue) return Fail(ChunkError.BadChunkSize);
                _chunkSize = (int)Math.Min(size, MaxChunkSize);
                return false;

            case RtmpMessageType.Abort:
                if (!BinaryPrimitives.TryReadUInt32BigEndian(payload, out var id)) return Fail(ChunkError.BadControlMessage);
                Abort(id);
                return false;

            case RtmpMessageType.Audio or RtmpMessageType.Video or RtmpMessageType.Aggregate:
                _mediaClock = stream.Timestamp;
                _hasMediaClock = true;
                break;
        }

        message = new RtmpMessage(stream.Type, stream.MessageStreamId, stream.Timestamp, payload);
        return true;
    }

    private void Abort(uint id)
    {
        if (id > int.MaxValue || Find((int)id) is not { IsPartial: true } stream) return;
        stream.IsPartial = false;
        stream.Filled = 0;
        Interrupted++;
    }

    private ChunkStream? Find(int id)
    {
        var index = _ids.AsSpan(0, _streamCount).IndexOf(id);
        return index < 0 ? null : _streams[index];
    }

    private void DropStaged(int count)
    {
        _stage.AsSpan(count, _staged - count).CopyTo(_stage);
        _staged -= count;
    }

    private bool Fail(ChunkError error)
    {
        Error = error;
        return false;
    }
}
