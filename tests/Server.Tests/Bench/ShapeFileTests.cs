using Sluice.Bench.Traffic;

namespace Sluice.Server.Tests.Bench;

public sealed class ShapeFileTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_written_is_read_again(int seed)
    {
        var shape = RandomShape(new Random(seed));

        Assert.True(ShapeFile.TryRead(ShapeFile.Write(shape), "again", out var read));

        Assert.Equal("again", read.Name);
        Assert.Equal(shape.RoundMicroseconds, read.RoundMicroseconds);
        Assert.Equal(shape.Packets.Length, read.Packets.Length);
        for (var i = 0; i < shape.Packets.Length; i++)
        {
            Assert.Equal(shape.Packets[i] with { Prefix = default }, read.Packets[i] with { Prefix = default });
            Assert.True(shape.Packets[i].Prefix.Span.SequenceEqual(read.Packets[i].Prefix.Span));
        }
    }

    [Fact]
    public void The_shape_in_the_program_is_the_clip()
    {
        var shape = TrafficShape.BuiltIn();

        Assert.InRange(shape.PacketsPerSecond, 345, 349);
        Assert.InRange(shape.BitsPerSecond, 2.3e6, 2.5e6);
        Assert.True(shape.HasVideo);
        Assert.True(shape.HasAudio);
        // A receiver knows an H.264 picture by its fragments' headers, so every packet has at least a whole one.
        foreach (var packet in shape.Packets) Assert.True(packet.Prefix.Length >= 2);
    }

    [Fact]
    public void Another_tag_is_refused()
    {
        var file = ShapeFile.Write(RandomShape(new Random(4)));
        file[0] ^= 1;

        Assert.False(ShapeFile.TryRead(file, "x", out _));
    }

    [Fact]
    public void A_file_that_ends_early_is_refused()
    {
        var file = ShapeFile.Write(RandomShape(new Random(5)));

        // The last byte may be padding of the compression alone.
        for (var length = 0; length < file.Length - 2; length += 1 + length / 20) Assert.False(ShapeFile.TryRead(file.AsSpan(0, length), "x", out _), $"{length} bytes");
    }

    [Fact]
    public void A_damaged_file_is_refused_or_still_within_bounds()
    {
        var file = ShapeFile.Write(RandomShape(new Random(6)));
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var damaged = file.ToArray();
            damaged[random.Next(8, damaged.Length)] ^= (byte)(1 << random.Next(8));
            if (!ShapeFile.TryRead(damaged, "x", out var shape)) continue;
            foreach (var packet in shape.Packets)
            {
                Assert.InRange(packet.Length, 1, TrafficShape.MaxPayload);
                Assert.InRange(packet.Microseconds, 0, shape.RoundMicroseconds - 1);
                Assert.True(packet.Prefix.Length <= packet.Length);
            }
        }
    }

    private static TrafficShape RandomShape(Random random)
    {
        var packets = new ShapePacket[200];
        var time = 0;
        uint timestamp = 0;
        for (var i = 0; i < packets.Length; i++)
        {
            time += random.Next(0, 500) * 10;
            timestamp += (uint)random.Next(-1000, 5000);
            var length = random.Next(1, TrafficShape.MaxPayload + 1);
            var prefix = new byte[Math.Min(length, random.Next(0, 15))];
            random.NextBytes(prefix);
            packets[i] = new ShapePacket(time, random.Next(3) == 0, random.Next(2) == 0, timestamp, length, prefix);
        }

        return new TrafficShape("random", packets, time + 10);
    }
}
