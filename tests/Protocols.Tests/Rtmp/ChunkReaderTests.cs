using Sluice.Protocols.Rtmp.Chunks;

namespace Sluice.Protocols.Tests.Rtmp;

public sealed class ChunkReaderTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_legal_chunking_and_any_cutting_give_the_same_messages(bool repeatsExtended)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var script = new ChunkScript(random, repeatsExtended).Write(RandomQueues(random));
            script.SetChunkSize(1); // so that no byte at the end is left in doubt
            var expected = script.Completed.ConvertAll(Describe);

            Assert.Equal(expected, ReadAll(script.Bytes, () => int.MaxValue));
            Assert.Equal(expected, ReadAll(script.Bytes, () => 1));
            Assert.Equal(expected, ReadAll(script.Bytes, () => random.Next(1, 40)));
        }
    }

    [Fact]
    public void What_the_writer_writes_the_reader_reads()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var output = new OutputQueue(1 << 22);
            var writer = new ChunkWriter(output);
            var expected = new List<string>();
            var clock = random.Next(3) == 0 ? 0xfffff000L : random.Next(30_000_000);
            for (var i = 0; i < 60; i++)
            {
                if (random.Next(10) == 0)
                {
                    var size = random.Next(1, 70_000);
                    writer.TryWrite(ChunkWriter.ControlStream, RtmpMessageType.SetChunkSize, 0, 0, [0, (byte)(size >> 16), (byte)(size >> 8), (byte)size]);
                    writer.ChunkSize = size;
                }

                if (i > 0) clock += random.Next(5) == 0 ? random.Next(-2000, 20_000_000) : 20;
                var payload = RandomBytes(random, random.Next(4) == 0 ? 300 : random.Next(2000));
                var video = random.Next(2) == 0;
                Assert.True(writer.TryWrite(video ? 6 : 4, video ? RtmpMessageType.Video : RtmpMessageType.Audio, 1, clock, payload));
                expected.Add(Describe(new ScriptedMessage(0, video ? RtmpMessageType.Video : RtmpMessageType.Audio, 1, clock, payload)));
            }

            var bytes = new byte[output.Count];
            output.TryTake(bytes, out _);
            Assert.Equal(expected, ReadAll(bytes, () => random.Next(1, 200)));
        }
    }

    [Fact]
    public void Output_that_does_not_fit_is_refused_whole()
    {
        var output = new OutputQueue(100);
        var writer = new ChunkWriter(output);
        Assert.True(writer.TryWrite(4, RtmpMessageType.Audio, 1, 0, new byte[80]));
        Assert.False(writer.TryWrite(4, RtmpMessageType.Audio, 1, 0, new byte[80]));
        Assert.Equal(92, output.Count);
        var bytes = new byte[100];
        Assert.True(output.TryTake(bytes, out _));
        Assert.True(writer.TryWrite(4, RtmpMessageType.Audio, 1, 0, new byte[80]));
    }

    [Fact]
    public void Timestamps_go_on_past_32_bits()
    {
        byte[] bytes = [.. Form0(4, 0xfffffff0, 8, [1]), .. Delta(4, 32, 8, [2]), .. Form0(6, 5, 9, [3]), .. Form0(4, 40, 8, [4])];
        Assert.Equal([0xfffffff0, 0x100000010, 0x100000005, 0x100000028], Read(bytes).ConvertAll(m => m.Timestamp));
    }

    [Fact]
    public void Timestamps_may_jump_back_and_below_zero()
    {
        byte[] bytes = [.. Form0(4, 50_000, 8, [1]), .. Form0(4, 100, 8, [2]), .. Form0(4, 0xffffffd8, 8, [3]), .. Form0(4, 20, 8, [4])];
        Assert.Equal([50_000, 100, -40, 20], Read(bytes).ConvertAll(m => m.Timestamp));
    }

    [Fact]
    public void A_delta_with_the_highest_bit_is_a_step_back()
    {
        byte[] bytes = [.. Form0(4, 1000, 8, [1]), 0x44, 0xff, 0xff, 0xff, 0, 0, 1, 8, 0xff, 0xff, 0xff, 0xf6, 2];
        Assert.Equal([1000, 990], Read(bytes).ConvertAll(m => m.Timestamp));
    }

    [Theory]
    [InlineData(23, 46)]
    [InlineData(0, 0)]
    [InlineData(3_600_000, 3_600_000)]
    public void Form_3_after_form_0_repeats_the_timestamp_as_delta_unless_no_stream_steps_so_far(int first, int second)
    {
        byte[] bytes = [.. Form0(4, (uint)first, 8, [1]), 0xc4, 2];
        Assert.Equal([first, second], Read(bytes).ConvertAll(m => m.Timestamp));
    }

    [Fact]
    public void A_chunk_stream_may_begin_with_form_1_as_librtmp_does()
    {
        var read = Read([0x42, 0, 0, 7, 0, 0, 1, 4, 9]);
        Assert.Equal((7L, RtmpMessageType.UserControl), (Assert.Single(read).Timestamp, read[0].Type));
    }

    [Theory]
    [InlineData(0x84)]
    [InlineData(0xc4)]
    public void A_chunk_stream_may_not_begin_with_less(int first) =>
        Assert.Equal(ChunkError.MissingHeader, ErrorOf([(byte)first, 0, 0, 0, 0, 0, 0, 0]));

    [Fact]
    public void An_unfinished_message_is_given_up_for_a_new_header_on_its_chunk_stream()
    {
        var reader = new ChunkReader(ChunkLimits.Default);
        ReadOnlySpan<byte> bytes = [.. Form0(6, 10, 9, new byte[200])[..140], .. Form0(6, 20, 9, [7])];
        Assert.Equal(ChunkReading.Message, reader.Read(ref bytes, out var message));
        Assert.Equal((20, 1, 1), (message.Timestamp, message.Payload.Length, reader.Interrupted));
    }

    [Fact]
    public void Abort_gives_up_the_message_of_its_chunk_stream_only()
    {
        byte[] video = Form0(6, 10, 9, new byte[200]);
        byte[] audio = Form0(4, 10, 8, [.. Enumerable.Repeat((byte)5, 150)]);
        byte[] bytes = [.. video[..140], .. audio[..140], .. Form0(2, 0, 2, [0, 0, 0, 6]), .. audio[140..], .. Form0(6, 30, 9, [1])];
        var read = Read(bytes);
        Assert.Equal([RtmpMessageType.Audio, RtmpMessageType.Video], read.ConvertAll(m => m.Type));
        Assert.Equal([150, 1], read.ConvertAll(m => m.Payload.Length));
    }

    [Fact]
    public void Empty_messages_are_messages() => Assert.Empty(Assert.Single(Read(Form0(4, 1, 8, []))).Payload);

    [Theory]
    [InlineData(0u, ChunkError.BadChunkSize)]
    [InlineData(0x80000000u, ChunkError.BadChunkSize)]
    [InlineData(0xffffffffu, ChunkError.BadChunkSize)]
    [InlineData(0x7fffffffu, ChunkError.None)]
    [InlineData(1u, ChunkError.None)]
    public void Chunk_sizes_have_31_bits_and_are_not_zero(uint size, ChunkError error) =>
        Assert.Equal(error, ErrorOf(Form0(2, 0, 1, [(byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size])));

    [Fact]
    public void Control_messages_cut_short_break_the_stream()
    {
        Assert.Equal(ChunkError.BadControlMessage, ErrorOf(Form0(2, 0, 1, [0, 0, 1])));
        Assert.Equal(ChunkError.BadControlMessage, ErrorOf(Form0(2, 0, 2, [])));
    }

    [Fact]
    public void Messages_longer_than_allowed_break_the_stream_at_their_header() =>
        Assert.Equal(ChunkError.MessageTooLong, ErrorOf([0x04, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0]));

    [Fact]
    public void Too_many_chunk_streams_break_the_stream()
    {
        var bytes = new List<byte>();
        for (var id = 2; id <= 33; id++) bytes.AddRange(Form0(id, 0, 8, [1]));
        Assert.Equal(ChunkError.None, ErrorOf([.. bytes]));
        bytes.AddRange(Form0(40, 0, 8, [1]));
        Assert.Equal(ChunkError.TooManyChunkStreams, ErrorOf([.. bytes]));
    }

    [Fact]
    public void Announced_lengths_take_no_memory()
    {
        var reader = new ChunkReader(ChunkLimits.Default);
        for (var id = 3; id < 33; id++)
        {
            ReadOnlySpan<byte> bytes = [(byte)id, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 1, 0, 0, 0, .. new byte[128]];
            Assert.Equal(ChunkReading.NeedsMore, reader.Read(ref bytes, out _));
        }

        Assert.InRange(reader.Capacity, 1, 64 << 10);
    }

    [Fact]
    public void Partial_messages_are_bounded_together()
    {
        var reader = new ChunkReader(new ChunkLimits(32, 10_000, 20_000));
        ReadOnlySpan<byte> size = Form0(2, 0, 1, [0, 0, 0x10, 0]);
        reader.Read(ref size, out _);
        var error = ChunkError.None;
        for (var id = 3; id < 12 && error == ChunkError.None; id++)
        {
            ReadOnlySpan<byte> bytes = [(byte)id, 0, 0, 0, 0, 0x27, 0x10, 9, 1, 0, 0, 0, .. new byte[4096]];
            reader.Read(ref bytes, out _);
            error = reader.Error;
            Assert.True(reader.Capacity <= 20_000);
        }

        Assert.Equal(ChunkError.TooMuchBuffered, error);
    }

    [Fact]
    public void Buffers_of_finished_messages_make_room_for_others()
    {
        var reader = new ChunkReader(new ChunkLimits(32, 10_000, 12_000));
        for (var id = 3; id < 30; id++)
        {
            ReadOnlySpan<byte> bytes = Form0(id, 0, 9, new byte[9000]);
            Assert.Equal(ChunkReading.Message, reader.Read(ref bytes, out var message));
            Assert.Equal(9000, message.Payload.Length);
            Assert.True(reader.Capacity <= 12_000);
        }
    }

    [Fact]
    public void A_broken_stream_stays_broken()
    {
        var reader = new ChunkReader(ChunkLimits.Default);
        ReadOnlySpan<byte> bad = [0xc4];
        Assert.Equal(ChunkReading.Broken, reader.Read(ref bad, out _));
        ReadOnlySpan<byte> good = Form0(4, 1, 8, [1]);
        Assert.Equal(ChunkReading.Broken, reader.Read(ref good, out _));
    }

    internal static byte[] Form0(int id, uint time, int type, byte[] payload, uint streamId = 1, int chunkSize = 128)
    {
        var isExtended = time >= 0xffffff;
        var field = isExtended ? 0xffffff : time;
        byte[] extended = isExtended ? [(byte)(time >> 24), (byte)(time >> 16), (byte)(time >> 8), (byte)time] : [];
        var bytes = new List<byte>
        {
            (byte)id, (byte)(field >> 16), (byte)(field >> 8), (byte)field,
            (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, (byte)type,
        };
        bytes.AddRange(BitConverter.GetBytes(streamId));
        bytes.AddRange(extended);
        bytes.AddRange(payload.Take(chunkSize));
        for (var at = chunkSize; at < payload.Length; at += chunkSize)
        {
            bytes.Add((byte)(0xc0 | id));
            bytes.AddRange(extended);
            bytes.AddRange(payload.Skip(at).Take(chunkSize));
        }

        return [.. bytes];
    }

    private static byte[] Delta(int id, int delta, int type, byte[] payload) =>
        [(byte)(0x40 | id), (byte)(delta >> 16), (byte)(delta >> 8), (byte)delta, 0, 0, (byte)payload.Length, (byte)type, .. payload];

    private static Queue<ScriptedMessage>[] RandomQueues(Random random)
    {
        int[] ids = [3, 4, 63, 64, 100, 319, 320, 65_599];
        random.Shuffle(ids);
        var start = random.Next(3) switch { 0 => 0L, 1 => random.Next(0x1000000), _ => 0xfff00000L };
        var queues = new Queue<ScriptedMessage>[random.Next(1, 5)];
        for (var q = 0; q < queues.Length; q++)
        {
            queues[q] = new Queue<ScriptedMessage>();
            var type = random.Next(2) == 0 ? RtmpMessageType.Audio : RtmpMessageType.Video;
            var time = start;
            var length = random.Next(1, 2000);
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                if (random.Next(3) == 0) length = random.Next(12) == 0 ? 0 : random.Next(1, 6000);
                queues[q].Enqueue(new ScriptedMessage(ids[q], type, 1, time, RandomBytes(random, length)));
                time += random.Next(4) == 0 ? random.Next(20_000_000) : 23;
            }
        }

        return queues;
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Describe(ScriptedMessage message) =>
        $"{message.Type} {message.StreamId} {message.Timestamp} {message.Payload.Length} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(message.Payload))}";

    private static List<string> ReadAll(ReadOnlySpan<byte> bytes, Func<int> nextPiece)
    {
        var reader = new ChunkReader(ChunkLimits.Default);
        var read = new List<string>();
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(nextPiece(), bytes.Length)];
            bytes = bytes[piece.Length..];
            while (reader.Read(ref piece, out var message) == ChunkReading.Message)
            {
                read.Add(Describe(new ScriptedMessage(0, message.Type, message.StreamId, message.Timestamp, message.Payload.ToArray())));
            }

            Assert.Equal(ChunkError.None, reader.Error);
        }

        return read;
    }

    private static List<ScriptedMessage> Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ChunkReader(ChunkLimits.Default);
        var read = new List<ScriptedMessage>();
        while (reader.Read(ref bytes, out var message) == ChunkReading.Message)
        {
            read.Add(new ScriptedMessage(0, message.Type, message.StreamId, message.Timestamp, message.Payload.ToArray()));
        }

        Assert.Equal(ChunkError.None, reader.Error);
        return read;
    }

    private static ChunkError ErrorOf(ReadOnlySpan<byte> bytes)
    {
        var reader = new ChunkReader(ChunkLimits.Default);
        while (reader.Read(ref bytes, out _) == ChunkReading.Message)
        {
        }

        return reader.Error;
    }
}
