using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tests.Tracks;

public sealed class FrameLogTests
{
    private static readonly FrameFormat Format = new(Codec.H264, 90_000, 0, new Resolution(640, 360), [1, 2, 3]);
    private static readonly FrameFormat Other = new(Codec.H264, 90_000, 0, new Resolution(1280, 720), [1, 2, 4]);
    private readonly Slab _slab = new(TrackResources.PageSize, 64);
    private readonly Track _track;
    private Instant _now = Instant.Zero;

    public FrameLogTests() => _track = new Track(new TrackId(MediaKind.Video, 0, ""), _slab, PacketLogLimits.Video) { Native = TrackFace.Frames };

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(65_000)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    [InlineData(3_000_000)]
    public void A_frame_comes_out_as_it_went_in(int size)
    {
        using var cursor = new FrameCursor(_track);
        var bytes = Bytes(size, 7);
        Assert.True(Append(10, bytes, FrameFlags.Keyframe, composition: -3));
        Assert.True(cursor.TryTake(out var frame));
        Assert.True(frame.Payload.SequenceEqual(bytes));
        Assert.Equal(10, frame.DecodeTime);
        Assert.Equal(7, frame.PresentationTime);
        Assert.Equal(FrameFlags.Keyframe, frame.Flags);
        Assert.Equal(Format, frame.Format);
        Assert.False(cursor.TryTake(out _));
    }

    [Fact]
    public void A_cursor_begins_at_the_newest_key_picture_and_misses_nothing_after_it()
    {
        for (var i = 0; i < 25; i++) Append(i, Bytes(50, i), i % 10 == 0 ? FrameFlags.Keyframe : FrameFlags.None);
        using var cursor = new FrameCursor(_track);
        for (var i = 20; i < 25; i++)
        {
            Assert.True(cursor.TryTake(out var frame));
            Assert.Equal(i, frame.DecodeTime);
            Assert.Equal(FrameFlags.None, frame.Flags & FrameFlags.Discontinuity);
        }

        Assert.Equal(0, cursor.Missed);
    }

    [Fact]
    public void A_cursor_waits_where_no_key_picture_has_come()
    {
        using var cursor = new FrameCursor(_track);
        Append(1, Bytes(10, 1), FrameFlags.None);
        Assert.False(cursor.TryTake(out _));
        Append(2, Bytes(10, 2), FrameFlags.Keyframe);
        Assert.True(cursor.TryTake(out var frame));
        Assert.Equal(2, frame.DecodeTime);
    }

    [Fact]
    public void A_reader_that_was_overtaken_goes_on_at_the_newest_key_picture_and_says_so()
    {
        using var cursor = new FrameCursor(_track);
        Append(0, Bytes(100, 0), FrameFlags.Keyframe);
        Assert.True(cursor.TryTake(out _));

        // Eight megabytes through four megabytes of memory.
        for (var i = 1; i <= 80; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            Append(i, Bytes(100_000, i), i % 16 == 0 ? FrameFlags.Keyframe : FrameFlags.None);
        }

        Assert.True(cursor.TryTake(out var frame));
        Assert.Equal(80, frame.DecodeTime);
        Assert.Equal(FrameFlags.Keyframe | FrameFlags.Discontinuity, frame.Flags);
        Assert.Equal(79, cursor.Missed);
        Assert.True(frame.Payload.SequenceEqual(Bytes(100_000, 80)));
    }

    [Fact]
    public void Times_that_do_not_grow_empty_frames_and_giants_are_refused()
    {
        Assert.True(Append(5, Bytes(3, 1), FrameFlags.Keyframe));
        Assert.False(Append(5, Bytes(3, 1), FrameFlags.None));
        Assert.False(Append(4, Bytes(3, 1), FrameFlags.None));
        Assert.False(Append(6, [], FrameFlags.None));
        Assert.False(Append(7, new byte[FrameLog.MaxFrame + 1], FrameFlags.None));
        Assert.Equal(1, _track.Frames.Count);
    }

    [Fact]
    public void Each_frame_has_the_format_it_came_with()
    {
        using var cursor = new FrameCursor(_track);
        Append(1, Bytes(3, 1), FrameFlags.Keyframe);
        _track.Frames.Append(new Frame { Format = Other, DecodeTime = 2, Flags = FrameFlags.Keyframe, Payload = Bytes(3, 2) }, _now);
        cursor.SkipTo(0);
        Assert.True(cursor.TryTake(out var first));
        Assert.Equal(Format, first.Format);
        Assert.True(cursor.TryTake(out var second));
        Assert.Equal(Other, second.Format);
        Assert.Equal(Other, _track.Frames.Format);
    }

    [Fact]
    public void Sound_begins_at_the_time_asked_for()
    {
        var format = new FrameFormat(Codec.Aac, 48_000, 2, default, [0x11, 0x90]);
        var track = new Track(new TrackId(MediaKind.Audio, 0, ""), _slab, PacketLogLimits.Audio) { Native = TrackFace.Frames };
        for (var i = 0; i < 50; i++)
        {
            track.Frames.Append(new Frame { Format = format, DecodeTime = i * 1024, Flags = FrameFlags.Keyframe, Payload = Bytes(20, i) }, _now);
        }

        using var newest = new FrameCursor(track);
        Assert.True(newest.TryTake(out var last));
        Assert.Equal(49 * 1024, last.DecodeTime);
        using var cursor = new FrameCursor(track);
        cursor.SkipTo(20 * 1024 - 5);
        Assert.True(cursor.TryTake(out var frame));
        Assert.Equal(20 * 1024, frame.DecodeTime);
    }

    [Fact]
    public void After_release_nothing_is_read_and_the_memory_is_back()
    {
        using var cursor = new FrameCursor(_track);
        for (var i = 0; i < 10; i++) Append(i, Bytes(50_000, i), i == 0 ? FrameFlags.Keyframe : FrameFlags.None);
        Assert.True(_slab.Leased > 0);
        _track.Release();
        Assert.False(cursor.TryTake(out _));
        Assert.False(Append(11, Bytes(5, 1), FrameFlags.Keyframe));
        Assert.Equal(0, _slab.Leased);
    }

    [Fact]
    public async Task Readers_on_other_threads_see_whole_frames_or_none()
    {
        const int frames = 6000;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            using var cursor = new FrameCursor(_track);
            long last = -1;
            while (last < frames - 1)
            {
                if (!cursor.TryTake(out var frame)) continue;
                Assert.True(frame.DecodeTime > last);
                last = frame.DecodeTime;
                Assert.Equal(SizeOf(last), frame.Payload.Length);
                Assert.False(frame.Payload.ContainsAnyExcept((byte)last));
            }
        })).ToArray();
        for (var i = 0; i < frames; i++)
        {
            _now += TimeSpan.FromMilliseconds(10);
            var bytes = new byte[SizeOf(i)];
            bytes.AsSpan().Fill((byte)i);
            Assert.True(Append(i, bytes, i % 5 == 4 ? FrameFlags.Keyframe : FrameFlags.None));
        }

        await Task.WhenAll(readers);
    }

    private static int SizeOf(long number) => 1 + (int)(number * 7919 % 140_000);

    private bool Append(long decodeTime, byte[] bytes, FrameFlags flags, int composition = 0) => _track.Frames.Append(
        new Frame { Format = Format, DecodeTime = decodeTime, CompositionOffset = composition, Flags = flags, Payload = bytes }, _now);

    private static byte[] Bytes(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
