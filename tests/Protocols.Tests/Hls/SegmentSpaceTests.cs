using System.Buffers;
using Sluice.Protocols.Hls.Segments;

namespace Sluice.Protocols.Tests.Hls;

public sealed class SegmentSpaceTests
{
    [Fact]
    public void Pieces_stay_as_they_were_while_it_grows()
    {
        var random = new Random(1);
        var space = new SegmentSpace(0);
        var written = new List<byte>();
        var pieces = new List<(ReadOnlyMemory<byte> Piece, byte[] Bytes)>();
        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[random.Next(3000)];
            random.NextBytes(bytes);
            var start = space.Length;
            space.Write(bytes);
            written.AddRange(bytes);
            pieces.Add((space.Since(start), bytes));
        }

        Assert.True(space.HasMoved);
        Assert.Equal(written, space.Since(0).ToArray());
        Assert.All(pieces, p => Assert.Equal(p.Bytes, p.Piece.ToArray()));
    }

    [Fact]
    public void What_was_expected_fits_without_being_moved()
    {
        var space = new SegmentSpace(100_000);
        for (var i = 0; i < 100; i++) space.Write(new byte[1000]);
        space.Trim();
        Assert.False(space.HasMoved);
        Assert.Equal(100_000, space.Length);
    }

    [Fact]
    public void Much_room_that_was_not_needed_is_given_back()
    {
        var space = new SegmentSpace(1_000_000);
        space.Write("bytes"u8);
        space.Trim();
        Assert.True(space.HasMoved);
        Assert.Equal("bytes"u8, space.Since(0).Span);
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(space.Since(0), out var array));
        Assert.Equal(5, array.Array!.Length);
    }
}
