using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Wire;

public sealed class DatagramFramingTests
{
    [Fact]
    public void A_stream_gives_the_same_datagrams_at_every_split()
    {
        var datagrams = new[] { "a"u8.ToArray(), new byte[300], "bc"u8.ToArray(), [1, 2, 3] };
        var stream = Frame(datagrams);
        for (var first = 0; first <= stream.Length; first++)
        {
            for (var second = first; second <= stream.Length; second += 7)
            {
                var read = Read([stream[..first], stream[first..second], stream[second..]], out var reader);
                Assert.Equal(datagrams, read);
                Assert.Equal(0, reader.Buffered);
            }
        }
    }

    [Fact]
    public void A_stream_comes_byte_by_byte()
    {
        var datagrams = new[] { new byte[DatagramFraming.MaxDatagramLength], "x"u8.ToArray() };

        Assert.Equal(datagrams, Read(Frame(datagrams).Chunk(1), out _));
    }

    [Fact]
    public void Random_streams_survive_random_pieces_in_the_smallest_buffer()
    {
        var random = new SeededRandom(11);
        for (var round = 0; round < 50; round++)
        {
            var datagrams = new byte[40][];
            for (var i = 0; i < datagrams.Length; i++)
            {
                datagrams[i] = new byte[1 + random.Next(DatagramFraming.MaxDatagramLength)];
                random.Fill(datagrams[i]);
            }

            Assert.Equal(datagrams, Read(Pieces(Frame(datagrams), random), out _, capacity: 1));
        }
    }

    [Fact]
    public void Frames_of_no_bytes_are_skipped()
    {
        Assert.Equal([[9]], Read([[0, 0, 0, 0, 0, 1, 9, 0, 0]], out var reader));
        Assert.False(reader.IsBroken);
    }

    [Theory]
    [InlineData(DatagramFraming.MaxDatagramLength + 1)]
    [InlineData(0xffff)]
    public void A_frame_too_long_breaks_the_stream_for_good(int length)
    {
        var read = Read([[0, 1, 7], [(byte)(length >> 8), (byte)length], [0, 1, 8]], out var reader);

        Assert.Equal([[7]], read);
        Assert.True(reader.IsBroken);
    }

    [Fact]
    public void Half_a_prefix_is_no_frame()
    {
        Assert.Empty(Read([[0xff]], out var reader));
        Assert.False(reader.IsBroken);
        Assert.Equal(1, reader.Buffered);
    }

    [Fact]
    public void There_is_always_room_once_everything_was_taken()
    {
        var reader = new DatagramFrameReader(1);
        var stream = Frame([new byte[DatagramFraming.MaxDatagramLength]]);
        stream.AsSpan(0, stream.Length - 1).CopyTo(reader.Free.Span);
        reader.Advance(stream.Length - 1);

        Assert.False(reader.TryRead(out _));
        Assert.False(reader.Free.IsEmpty);
    }

    [Fact]
    public void More_than_was_free_cannot_have_been_received()
    {
        var reader = new DatagramFrameReader();

        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Advance(reader.Free.Length + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Advance(-1));
    }

    [Fact]
    public void A_datagram_too_long_or_a_destination_too_small_is_not_written()
    {
        Assert.False(DatagramFraming.TryWrite(new byte[DatagramFraming.MaxDatagramLength + 1], new byte[8192], out var written));
        Assert.Equal(0, written);
        Assert.False(DatagramFraming.TryWrite(new byte[10], new byte[11], out _));
        Assert.True(DatagramFraming.TryWrite(new byte[10], new byte[12], out written));
        Assert.Equal(12, written);
        Assert.Throws<ArgumentOutOfRangeException>(() => DatagramFraming.WritePrefix(DatagramFraming.MaxDatagramLength + 1, new byte[2]));
    }

    private static byte[] Frame(byte[][] datagrams)
    {
        var stream = new List<byte>();
        var frame = new byte[DatagramFraming.PrefixLength + DatagramFraming.MaxDatagramLength];
        foreach (var datagram in datagrams)
        {
            Assert.True(DatagramFraming.TryWrite(datagram, frame, out var written));
            stream.AddRange(frame.AsSpan(0, written));
        }

        return [.. stream];
    }

    private static IEnumerable<byte[]> Pieces(byte[] stream, SeededRandom random)
    {
        for (var offset = 0; offset < stream.Length;)
        {
            var count = Math.Min(1 + random.Next(5000), stream.Length - offset);
            yield return stream[offset..(offset + count)];
            offset += count;
        }
    }

    private static List<byte[]> Read(IEnumerable<byte[]> pieces, out DatagramFrameReader reader, int capacity = DatagramFrameReader.DefaultCapacity)
    {
        reader = new DatagramFrameReader(capacity);
        var datagrams = new List<byte[]>();
        foreach (var piece in pieces)
        {
            var rest = piece.AsSpan();
            do
            {
                var free = reader.Free.Span;
                var count = Math.Min(free.Length, rest.Length);
                rest[..count].CopyTo(free);
                reader.Advance(count);
                rest = rest[count..];
                while (reader.TryRead(out var datagram))
                {
                    datagrams.Add(datagram.ToArray());
                }
            }
            while (!rest.IsEmpty && !reader.IsBroken);
        }

        return datagrams;
    }
}
