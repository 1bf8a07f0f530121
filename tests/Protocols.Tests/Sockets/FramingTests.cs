using Sluice.Protocols.Sockets.Tcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

public sealed class FramingTests
{
    [Fact]
    public void Any_datagrams_cut_anywhere_are_read_back_as_they_were_queued()
    {
        var random = new Random(7);
        for (var run = 0; run < 200; run++)
        {
            var reader = new DatagramFrameReader();
            var queue = new FrameQueue(40_000);
            var expected = new Queue<byte[]>();
            for (var step = 0; step < 200; step++)
            {
                var datagram = new byte[random.Next(10) == 0 ? random.Next(1, 2049) : random.Next(1, 300)];
                random.NextBytes(datagram);
                if (queue.TryAdd(datagram)) expected.Enqueue(datagram);
                var part = queue.Pending[..random.Next(queue.Pending.Length + 1)];
                while (!part.IsEmpty)
                {
                    var space = reader.Free.Span;
                    var count = Math.Min(part.Length, space.Length);
                    part[..count].CopyTo(space);
                    reader.Advance(count);
                    queue.Consume(count);
                    part = part[count..];
                    while (reader.TryRead(out var frame))
                    {
                        if (random.Next(5) == 0)
                        {
                            reader.Unread();
                            Assert.True(reader.TryRead(out frame));
                        }

                        Assert.Equal(expected.Dequeue(), frame.ToArray());
                    }
                }
            }

            Assert.False(reader.IsBroken);
        }
    }

    [Fact]
    public void Queue_never_exceeds_its_limit_and_refuses_whole_datagrams()
    {
        var queue = new FrameQueue(5000);
        Assert.True(queue.TryAdd(new byte[2048]));
        Assert.True(queue.TryAdd(new byte[948]));
        Assert.False(queue.TryAdd(new byte[1999]));
        Assert.Equal(3000, queue.Pending.Length);
        Assert.True(queue.TryAdd(new byte[1998]));
        Assert.Equal(5000, queue.Pending.Length);
        Assert.False(queue.TryAdd([]));
        queue.Consume(2);
        Assert.True(queue.TryAdd([]));
        Assert.False(queue.TryAdd(new byte[2049]));
    }
}
