using Sluice.Protocols.Sockets.Tcp;

namespace Sluice.Protocols.Tests.Sockets;

public sealed class FramingTests
{
    [Fact]
    public void Any_datagrams_cut_anywhere_are_read_back_as_they_were_queued()
    {
        var random = new Random(7);
        for (var run = 0; run < 200; run++)
        {
            var reader = new FrameReader(16384);
            var queue = new FrameQueue(40_000);
            var expected = new Queue<byte[]>();
            for (var step = 0; step < 200; step++)
            {
                var datagram = new byte[random.Next(10) == 0 ? random.Next(1, 16384) : random.Next(1, 300)];
                random.NextBytes(datagram);
                if (queue.TryAdd(datagram)) expected.Enqueue(datagram);
                var part = queue.Pending[..random.Next(queue.Pending.Length + 1)];
                while (!part.IsEmpty)
                {
                    var space = reader.FreeSpace();
                    var count = Math.Min(part.Length, space.Length);
                    part[..count].CopyTo(space);
                    reader.Advance(count);
                    queue.Consume(count);
                    part = part[count..];
                    while (reader.TryTake(out var frame))
                    {
                        if (random.Next(5) == 0)
                        {
                            reader.Rewind();
                            Assert.True(reader.TryTake(out frame));
                        }

                        Assert.Equal(expected.Dequeue(), frame.ToArray());
                    }
                }
            }

            Assert.False(reader.Broken);
        }
    }

    [Fact]
    public void Queue_never_exceeds_its_limit_and_refuses_whole_datagrams()
    {
        var queue = new FrameQueue(5000);
        Assert.True(queue.TryAdd(new byte[3000]));
        Assert.False(queue.TryAdd(new byte[1997]));
        Assert.Equal(3002, queue.Pending.Length);
        Assert.True(queue.TryAdd(new byte[1996]));
        Assert.Equal(5000, queue.Pending.Length);
        Assert.False(queue.TryAdd([]));
        queue.Consume(2);
        Assert.True(queue.TryAdd([]));
        Assert.False(queue.TryAdd(new byte[70_000]));
    }

    [Fact]
    public void Longest_frame_is_taken_and_one_byte_more_breaks_the_stream()
    {
        var reader = new FrameReader(2000);
        Feed(reader, Peer.Framed(new byte[2000], [], new byte[2001]));
        Assert.True(reader.TryTake(out var frame));
        Assert.Equal(2000, frame.Length);
        Assert.False(reader.Broken);
        Assert.False(reader.TryTake(out _));
        Assert.True(reader.Broken);
    }

    [Fact]
    public void Incomplete_frame_waits_and_empty_frames_are_passed_over()
    {
        var reader = new FrameReader(2000);
        foreach (var part in (byte[][])[[0], [0, 0], [0, 0], [3, 1], [2]])
        {
            Feed(reader, part);
            Assert.False(reader.TryTake(out _));
        }

        Feed(reader, [9]);
        Assert.True(reader.TryTake(out var frame));
        Assert.Equal([1, 2, 9], frame.ToArray());
        Assert.False(reader.TryTake(out _));
        Assert.False(reader.Broken);
    }

    private static void Feed(FrameReader reader, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var space = reader.FreeSpace();
            var count = Math.Min(space.Length, bytes.Length);
            bytes[..count].CopyTo(space);
            reader.Advance(count);
            bytes = bytes[count..];
        }
    }
}
