using Sluice.Control.Tracks;
using Sluice.Protocols.Wire;
using static Sluice.Control.Tests.Tracks.LogPackets;

namespace Sluice.Control.Tests.Tracks;

public sealed class PacketLogTests
{
    private const int PageSize = 4096;
    private static readonly PacketLogLimits Limits = new(64, 4, TimeSpan.FromSeconds(2));

    private readonly Slab _slab = new(PageSize, 16);
    private readonly PacketLog _log;

    public PacketLogTests() => _log = new PacketLog(_slab, Limits);

    [Fact]
    public void A_log_takes_no_memory_before_its_first_packet()
    {
        Assert.Equal(0, _log.HeldBytes);
        Assert.Equal(0, _slab.Leased);
        Assert.Equal(0, _log.Head);
        Assert.Equal(-1, _log.NewestKeyframe);
        Assert.False(_log.TryRead(0, out _));
        Assert.False(_log.TryRead(-1, out _));
        Assert.False(_log.TryFind(0, out _));
    }

    [Fact]
    public void A_log_that_nobody_asks_for_sequence_numbers_is_read_by_index_alone()
    {
        var log = new PacketLog(_slab, Limits, findsSequences: false);
        Assert.True(Append(log, 7, 100, at: Instant.FromMilliseconds(1)));
        Assert.True(log.TryRead(0, out var view));
        Assert.Equal(7, view.Header.Sequence);
        Assert.False(log.TryFind(7, out _));
        Assert.False(log.Contains(7));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1200, 0)]
    [InlineData(7, 13)]
    [InlineData(1200, 96)]
    public void What_is_appended_can_be_read_by_index_and_by_sequence(int length, int extensions)
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.True(Append(_log, 70_000 + i, length, extensions: extensions, at: Instant.FromMilliseconds(i)));
        }

        Assert.Equal(3, _log.Head);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(_log.TryRead(i, out var view));
            Assert.Equal(i, view.Header.Index);
            Assert.Equal(70_000 + i, view.Header.Sequence);
            Assert.Equal(Instant.FromMilliseconds(i), view.Header.ArrivedAt);
            Assert.Equal(length, view.Payload.Length);
            Assert.Equal(extensions, view.Extensions.Length);
            Assert.True(IsWhole(view));
            Assert.True(view.IsStillValid);
            Assert.True(_log.TryFind(70_000 + i, out var found));
            Assert.Equal(i, found.Header.Index);
            Assert.True(_log.Contains(70_000 + i));
        }

        Assert.False(_log.TryRead(3, out _));
        Assert.False(_log.Contains(70_003));
        Assert.False(_log.Contains(69_999));
    }

    [Fact]
    public void Packets_in_the_wrong_order_are_found_by_their_own_number()
    {
        long[] order = [100, 102, 103, 101, 105, 104];
        foreach (var sequence in order) Append(_log, sequence);
        for (var i = 0; i < order.Length; i++)
        {
            Assert.True(_log.TryFind(order[i], out var view));
            Assert.Equal(i, view.Header.Index);
        }
    }

    [Fact]
    public void A_number_a_whole_ring_away_is_not_mistaken_for_another()
    {
        Append(_log, 10);
        Assert.False(_log.Contains(10 + Limits.MaxPackets));
        Append(_log, 10 + Limits.MaxPackets);
        Assert.True(_log.Contains(10 + Limits.MaxPackets));
        Assert.False(_log.Contains(10));
        Assert.False(_log.Contains(10 + 0x10000));
    }

    [Fact]
    public void A_record_that_fits_no_page_is_refused()
    {
        Assert.True(Append(_log, 1, _log.MaxRecord));
        Assert.False(Append(_log, 2, _log.MaxRecord + 1));
        Assert.Equal(1, _log.Head);
        Assert.True(Append(_log, 3, 1));
        Assert.True(_log.TryRead(0, out var view) && IsWhole(view));
        Assert.True(_log.TryRead(1, out view) && IsWhole(view));
    }

    [Fact]
    public void A_view_is_void_once_the_writer_has_taken_its_page()
    {
        Append(_log, 0);
        Assert.True(_log.TryRead(0, out var view));
        for (var i = 1; i < 12; i++) Append(_log, i);
        Assert.True(view.IsStillValid, "three packets fit a page, and there are four pages");
        for (var i = 12; i < 16; i++) Append(_log, i);
        Assert.False(view.IsStillValid);
        Assert.False(_log.TryRead(0, out _));
        Assert.False(_log.Contains(0));
        Assert.True(_log.TryRead(15, out view) && IsWhole(view));
    }

    [Fact]
    public void At_the_page_limit_the_oldest_page_is_reused()
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(Append(_log, i));
            Assert.InRange(_slab.Leased, 1, Limits.MaxPages);
            Assert.Equal(_slab.Leased * PageSize, _log.HeldBytes);
        }

        var readable = Enumerable.Range(0, 1000).Where(i => _log.TryRead(i, out _)).ToArray();
        Assert.Equal(999, readable[^1]);
        Assert.InRange(readable.Length, 9, 12);
        Assert.Equal(readable.Length, readable[^1] - readable[0] + 1);
    }

    [Fact]
    public void Small_packets_leave_by_number_before_their_page_does()
    {
        for (var i = 0; i < 500; i++) Append(_log, i, 20);
        Assert.False(_log.TryRead(500 - Limits.MaxPackets, out _)); // its place may be the one being written
        Assert.True(_log.TryRead(501 - Limits.MaxPackets, out var view) && IsWhole(view));
    }

    [Fact]
    public void Where_the_slab_has_no_more_the_log_makes_do_with_what_it_has()
    {
        var small = new Slab(PageSize, 2);
        var log = new PacketLog(small, Limits);
        for (var i = 0; i < 100; i++) Assert.True(Append(log, i));
        Assert.Equal(2, small.Leased);
        Assert.True(log.TryRead(99, out var view) && IsWhole(view));

        var other = new PacketLog(small, Limits);
        Assert.False(Append(other, 0));
        Assert.Equal(0, other.Head);
        log.Release();
        Assert.True(Append(other, 0));
    }

    [Fact]
    public void Pages_no_one_needs_are_reused_and_given_back()
    {
        var log = new PacketLog(_slab, new PacketLogLimits(1024, 16, TimeSpan.FromSeconds(2)));
        for (var i = 0; i < 40; i++) Append(log, i, at: Instant.FromMilliseconds(i));
        var busy = _slab.Leased;
        Assert.InRange(busy, 12, 16);

        // One packet a second from here on, a key picture with each fifth: what is older than two seconds and the key picture may go.
        for (var i = 40; i < 140; i++) Append(log, i, isKeyframe: i % 5 == 0, at: Instant.FromMilliseconds(i * 1000));
        Assert.InRange(_slab.Leased, 2, 4);
        Assert.True(log.TryRead(log.NewestKeyframe, out _));
    }

    [Fact]
    public void The_newest_key_picture_stays_while_there_is_room()
    {
        var log = new PacketLog(_slab, new PacketLogLimits(1024, 16, TimeSpan.FromMilliseconds(10)));
        Append(log, 0, isKeyframe: true);
        for (var i = 1; i < 40; i++) Append(log, i, at: Instant.FromMilliseconds(i * 1000));
        Assert.Equal(0, log.NewestKeyframe);
        Assert.True(log.TryRead(0, out var view) && IsWhole(view));
    }

    [Fact]
    public void Packets_of_one_key_picture_count_as_one_and_begin_with_the_first()
    {
        Append(_log, 0, timestamp: 100);
        Append(_log, 1, isKeyframe: true, timestamp: 200);
        Append(_log, 2, isKeyframe: true, timestamp: 200);
        Assert.Equal(1, _log.NewestKeyframe);
        Assert.Equal(1, _log.Keyframes);
        Append(_log, 3, isKeyframe: true, timestamp: 300);
        Assert.Equal(3, _log.NewestKeyframe);
        Assert.Equal(2, _log.Keyframes);

        // A part of an older key picture that comes late does not take the place of the newer one.
        Append(_log, 4, isKeyframe: true, timestamp: 200);
        Assert.Equal(3, _log.NewestKeyframe);
        Assert.Equal(2, _log.Keyframes);
    }

    [Fact]
    public void A_released_log_gives_everything_back_and_takes_nothing_more()
    {
        for (var i = 0; i < 10; i++) Append(_log, i);
        Assert.True(_log.TryRead(9, out var view));
        _log.Release();
        Assert.Equal(0, _slab.Leased);
        Assert.Equal(0, _log.HeldBytes);
        Assert.False(view.IsStillValid);
        Assert.False(_log.TryRead(9, out _));
        Assert.False(_log.Contains(9));
        Assert.False(Append(_log, 10));
        _log.Release();
        Assert.Equal(0, _slab.Leased);
    }

    [Fact]
    public void A_page_given_to_another_log_is_not_read_by_the_first()
    {
        var one = new Slab(PageSize, 1);
        var first = new PacketLog(one, Limits);
        var second = new PacketLog(one, Limits);
        Append(first, 0);
        Assert.True(first.TryRead(0, out var view));
        first.Release();
        Append(second, 0);
        Assert.False(view.IsStillValid);
        Assert.False(first.TryRead(0, out _));
        Assert.True(second.TryRead(0, out view) && IsWhole(view));
    }

    [Fact]
    public void Any_walk_reads_what_was_written()
    {
        var random = new Testing.SeededRandom(5);
        var log = new PacketLog(new Slab(PageSize, 64), new PacketLogLimits(256, 8, TimeSpan.FromMilliseconds(200)));
        var now = Instant.Zero;
        long sequence = 0x1_0000;
        for (var i = 0; i < 20_000; i++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(30));
            sequence += random.Next(4);
            Assert.True(Append(log, sequence++, random.Next(1200), random.Chance(0.02), at: now, extensions: random.Next(40)));
            var index = log.Head - 1 - random.Next(300);
            if (log.TryRead(index, out var view))
            {
                Assert.True(IsWhole(view) && view.IsStillValid);
                Assert.Equal(index, view.Header.Index);
            }

            if (log.TryFind(sequence - random.Next(300), out view)) Assert.True(IsWhole(view));
        }
    }
}
