using Sluice.Control.Tracks;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>What becomes of timestamps, good and bad.</summary>
public sealed class RtmpTimeTests
{
    private readonly RtmpLab _lab = new();

    [Fact]
    public void Decoding_times_are_those_of_the_timestamps()
    {
        var publisher = _lab.GoLive(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[0]);
        publisher.Picture(33, offset: 66);
        publisher.Picture(67, nanoseconds: 500_000);
        publisher.Picture(100);
        Assert.Equal([(0L, 0), (2970, 5940), (6075, 0), (9000, 0)], LabFrames.Take(cursor).Select(f => (f.DecodeTime, f.Offset)));
    }

    [Fact]
    public void Timestamps_that_jump_back_go_on_for_sound_and_picture_alike()
    {
        var publisher = _lab.GoLive(out var stream);
        using var video = new FrameCursor(stream.Tracks[0]);
        using var audio = new FrameCursor(stream.Tracks[1]);
        LabFrames.Take(video);
        for (var i = 1; i <= 100; i++)
        {
            _lab.Now += TimeSpan.FromMilliseconds(40);
            publisher.Picture(600_000 + i * 40, isKey: i % 25 == 0);
            publisher.Sound(600_000 + i * 40);
        }

        for (var i = 0; i < 100; i++)
        {
            _lab.Now += TimeSpan.FromMilliseconds(40);
            publisher.Picture(1000 + i * 40, isKey: i % 25 == 0);
            publisher.Sound(1000 + i * 40);
        }

        var pictures = LabFrames.Take(video);
        var sounds = LabFrames.Take(audio);
        Assert.Equal(200, pictures.Count);
        Assert.Equal(pictures.Select(f => f.DecodeTime).Order().Distinct(), pictures.Select(f => f.DecodeTime));
        Assert.Contains(pictures, f => f.Flags.HasFlag(FrameFlags.Discontinuity));
        var seconds = (pictures[^1].DecodeTime - pictures[0].DecodeTime) / 90_000.0;
        Assert.InRange(seconds, 7.9, 9.1);
        Assert.InRange(sounds[^1].DecodeTime / 48_000.0 - pictures[^1].DecodeTime / 90_000.0, -0.11, 0.11);
    }

    [Fact]
    public void A_pause_of_the_publisher_is_a_gap_in_its_time_too()
    {
        var publisher = _lab.GoLive(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[0]);
        _lab.Now += TimeSpan.FromSeconds(20);
        publisher.Picture(20_000);
        Assert.Equal(20 * 90_000, LabFrames.Take(cursor)[^1].DecodeTime);
    }

    [Fact]
    public void Timestamps_that_leap_forward_by_hours_do_not_take_the_time_with_them()
    {
        var publisher = _lab.GoLive(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[0]);
        _lab.Now += TimeSpan.FromMilliseconds(40);
        publisher.Picture(40_000_000);
        Assert.InRange(LabFrames.Take(cursor)[^1].DecodeTime, 1, 90_000);
    }

    [Fact]
    public void Timestamps_that_wrap_around_go_on()
    {
        var publisher = _lab.Publish();
        publisher.Begin();
        publisher.Picture(4_294_967_290, isKey: true);
        using var cursor = new FrameCursor(_lab.Live!.Tracks[0]);
        publisher.Picture(4_294_967_330);
        var times = LabFrames.Take(cursor);
        Assert.Equal(3600, times[1].DecodeTime - times[0].DecodeTime);
    }

    [Fact]
    public void Milliseconds_leave_no_mark_on_sound()
    {
        var publisher = _lab.GoLive(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[1]);
        for (var i = 1; i < 2000; i++) publisher.Sound((long)Math.Round(i * 1024 / 48.0));
        var times = LabFrames.Take(cursor).ConvertAll(f => f.DecodeTime);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(1024, pair.Second - pair.First));
        Assert.Equal(1999 * 1024, times[^1]);
    }

    [Fact]
    public void A_gap_in_the_sound_is_a_gap_and_a_drift_is_followed()
    {
        var publisher = _lab.GoLive(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[1]);
        publisher.Sound(21);
        _lab.Now += TimeSpan.FromMilliseconds(500);
        publisher.Sound(521);
        var times = LabFrames.Take(cursor);
        Assert.Equal(521 * 48, times[^1].DecodeTime);
        Assert.True(times[^1].Flags.HasFlag(FrameFlags.Discontinuity));

        // A clock that is a thousandth too fast: after a minute the times are still within a few hundredths of a second.
        for (var i = 1; i < 2800; i++) publisher.Sound((long)Math.Round(521 + i * 1024 / 48.0 * 1.001));
        var last = LabFrames.Take(cursor)[^1].DecodeTime;
        Assert.InRange(last / 48.0 - (521 + 2799 * 1024 / 48.0 * 1.001), -30, 30);
    }

    [Fact]
    public void The_jitter_of_the_network_does_not_show_in_the_timeline()
    {
        var publisher = _lab.GoLive(out var stream);
        var random = new Random(5);
        var begun = _lab.Now;
        Timeline? settled = null;
        for (var i = 1; i <= 500; i++)
        {
            _lab.Now = begun + TimeSpan.FromMilliseconds(i * 40 + (i % 10 == 0 ? 0 : random.Next(0, 120)));
            publisher.Picture(i * 40, isKey: i % 50 == 0);
            publisher.Sound(i * 40);
            if (i == 100) settled = stream.Tracks[0].Timeline;
        }

        var zero = stream.Tracks[0].Timeline!.ToNtp(0);
        Assert.InRange((zero - settled!.ToNtp(0)).TotalMilliseconds, -6, 6);
        Assert.InRange((zero - stream.Tracks[1].Timeline!.ToNtp(0)).TotalMilliseconds, -6, 6);
    }
}
