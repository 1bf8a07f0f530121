using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Tests.Media.Containers;

namespace Sluice.Protocols.Tests.Hls;

public sealed class SegmenterTests
{
    [Fact]
    public void Segments_end_at_the_key_picture_and_parts_add_up_to_them()
    {
        var programme = new Programme();
        programme.Play(0, 9);

        var segments = programme.Video.Window.Segments;
        Assert.Equal([0, 1, 2, 3, 4], segments.Select(s => (int)s.Sequence));
        Assert.All(segments.Take(4), s => Assert.Equal(2_000_000, s.Duration));
        Assert.All(segments.Take(4), s => Assert.Equal(10, s.PartCount));
        Assert.All(segments.Take(4), s => Assert.Equal(s.Duration, s.Parts.Sum(p => p.Duration)));
        Assert.All(segments, s => Assert.True(s.IsIndependent));
        Assert.All(segments.SelectMany(s => s.Parts), p => Assert.Equal(p.Index == 0, p.IsIndependent));
    }

    [Fact]
    public void Sound_is_cut_where_the_picture_was()
    {
        var programme = new Programme();
        programme.Play(0, 21);

        var pictures = programme.Video.Window.Segments;
        var sounds = programme.Audio.Window.Segments;
        Assert.InRange(pictures.Count, 10, 11);
        Assert.Equal(pictures.Count, sounds.Count);
        for (var i = 0; i < pictures.Count; i++)
        {
            Assert.InRange((sounds[i].CapturedAt - pictures[i].CapturedAt).TotalMilliseconds, -22, 22);
        }
    }

    [Fact]
    public void The_bytes_of_the_parts_are_the_segment_and_hold_every_frame_once()
    {
        var programme = new Programme();
        programme.Play(0, 4.1);

        var init = programme.Video.Segmenter.Init!;
        Assert.True(CmafMovie.TryParse(init.Bytes.Span, out var movie));
        var times = new List<long>();
        foreach (var segment in programme.Video.Window.Segments.Where(s => s.IsComplete))
        {
            var whole = segment.Whole!.Value.ToArray();
            Assert.Equal(segment.Length, whole.Length);
            Assert.Equal(whole, segment.Parts.SelectMany(p => p.Chunks).SelectMany(c => c.ToArray()));
            times.AddRange(TimesIn(whole, movie));
        }

        Assert.Equal(Enumerable.Range(0, 120).Select(i => i * 3000L), times);
    }

    [Theory]
    [InlineData(6_000, 6_000)]
    [InlineData(0, 0)]
    [InlineData(-3_000, 0)]
    [InlineData(90_001, 0)] // no encoder waits that long
    public void Segments_begin_when_their_first_picture_is_shown(int delay, int moved)
    {
        var programme = new Programme();
        int[] order = [0, 6_000, 0, -6_000]; // I P B b, as four pictures are decoded
        for (var i = 0; i < 130; i++) programme.Picture(i / 30.0, i % 60 == 0, composition: delay + order[i % 4]);

        var init = programme.Video.Segmenter.Init!;
        Assert.Equal(moved, init.Reordering);
        Assert.True(CmafMovie.TryParse(init.Bytes.Span, out var movie));
        Assert.Equal(moved != 0, init.Bytes.Span.IndexOf("cmf2"u8) >= 0);
        var shown = programme.Video.Window.Segments.Where(s => s.IsComplete).SelectMany(s => FramesIn(s.Whole!.Value.ToArray(), movie)).Select(f => f.Shown);
        Assert.Equal(Enumerable.Range(0, 120).Select(i => i * 3000L + delay + order[i % 4]), shown);
        Assert.Equal(2, programme.Video.Window.Segments.Count(s => s.IsComplete));
        Assert.All(programme.Video.Window.Segments.Where(s => s.IsComplete), s => Assert.Equal(2_000_000, s.Duration));
        Assert.Equal(MediaTime.ToMicroseconds(360_000 + delay, 90_000), programme.Video.Segmenter.SegmentShownAt);
        Assert.Equal(MediaTime.ToMicroseconds(360_000 + moved, 90_000), programme.Video.Segmenter.SegmentStart);
    }

    [Theory]
    [InlineData(30, 0)]
    [InlineData(30, 3)]
    [InlineData(30, 12)]
    [InlineData(15, 0)]
    [InlineData(60, 1)]
    [InlineData(5, 0)]
    public void A_key_picture_that_is_asked_for_ends_the_segment(int fps, int delay)
    {
        var programme = new Programme();
        var due = 0;
        for (var i = 0; i < 30 * fps; i++)
        {
            programme.Picture((double)i / fps, i == due);
            if (due <= i && programme.Video.Segmenter.WantsKeyframe) due = i + 1 + delay;
        }

        var complete = programme.Video.Window.Segments.Where(s => s.IsComplete).ToList();
        Assert.InRange(complete.Count, 12, 16);
        Assert.All(complete, s => Assert.InRange(s.Duration, 1_800_000, 2_300_000));
        Assert.All(complete, s => Assert.True(s.IsIndependent));
    }

    [Fact]
    public void Another_stream_is_moved_by_its_own_reordering()
    {
        var programme = new Programme();
        for (var i = 0; i < 60; i++) programme.Picture(i / 30.0, i == 0, composition: 6_000);
        var first = programme.Video.Segmenter.Init!;
        programme.Finish();
        programme.Begin();
        for (var i = 90; i < 200; i++) programme.Picture(i / 30.0, i % 60 == 30, composition: 3_000);

        var second = programme.Video.Segmenter.Init!;
        Assert.Equal((6_000, 3_000), (first.Reordering, second.Reordering));
        Assert.NotEqual(first.Number, second.Number);
        Assert.Equal(MediaTime.ToMicroseconds(5 * 90_000 + 3_000, 90_000), programme.Video.Segmenter.SegmentStart);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(25)]
    [InlineData(29.97)]
    [InlineData(30)]
    [InlineData(50)]
    [InlineData(60)]
    [InlineData(15)]
    [InlineData(120)]
    public void Parts_last_between_85_percent_of_the_target_and_it(double fps)
    {
        var programme = new Programme();
        programme.Play(0, 10, fps);
        programme.Read(programme.Video);

        foreach (var window in (ReadOnlySpan<SegmentWindow>)[programme.Video.Window, programme.Audio.Window])
        {
            var segments = window.Segments.Where(s => s.IsComplete).ToList();
            Assert.InRange(segments.Count, 4, 5);
            Assert.All(segments.SelectMany(s => s.Parts.SkipLast(1)), p => Assert.InRange(p.Duration, 0.85 * programme.Video.Window.PartTarget, programme.Video.Window.PartTarget));
        }
    }

    [Fact]
    public void Slow_pictures_get_a_part_target_they_can_keep()
    {
        var programme = new Programme();
        programme.Play(0, 12, fps: 2, gop: 2);

        programme.Read(programme.Video);
        Assert.InRange(programme.Video.Window.PartTarget, 500_000, 700_000);
    }

    [Fact]
    public void A_group_of_ten_seconds_makes_segments_within_the_promise_and_says_which_can_be_begun_at()
    {
        var programme = new Programme();
        programme.Play(0, 3, gop: 10);
        programme.Read(programme.Video);
        var promised = programme.Video.Window.TargetDuration;
        Assert.InRange(promised, 3, 5);

        var late = new Programme();
        late.Play(0, 2.5, gop: 10);
        late.Read(late.Video);
        late.Play(2.5, 32.5, gop: 10);
        var playlist = late.Read(late.Video);
        Assert.Equal(late.Video.Window.TargetDuration, playlist.TargetDuration);
        Assert.False(playlist.SaysIndependent);
        Assert.Contains(late.Video.Window.Segments, s => !s.IsIndependent);
        Assert.All(late.Video.Window.Segments.Where(s => s.IsComplete), s => Assert.Equal(s.Parts[0].IsIndependent, s.IsIndependent));
    }

    [Fact]
    public void A_long_group_that_was_seen_before_anything_was_promised_is_one_segment()
    {
        var programme = new Programme();
        programme.Play(0, 17, gop: 4);

        var playlist = programme.Read(programme.Video);
        Assert.Equal(4, playlist.TargetDuration);
        Assert.True(playlist.SaysIndependent);
        Assert.All(playlist.Complete, s => Assert.Equal(4m, s.Duration));
    }

    [Fact]
    public void Other_parameters_make_another_map_and_a_discontinuity_in_every_rendition()
    {
        var other = new FrameFormat(Codec.H264, 90_000, 0, new Resolution(1280, 720), Formats.H264.Configuration);
        var programme = new Programme();
        programme.Play(0, 6);
        for (var i = 0; i < 90; i++)
        {
            programme.Sound(6 + i / 30.0 + 0.001);
            programme.Picture(6 + i / 30.0, i == 0, other);
        }

        var video = programme.Read(programme.Video);
        var audio = programme.Read(programme.Audio);
        Assert.Equal(["x1.i0.mp4", "x1.i1.mp4"], video.Segments.Select(s => s.Map).Distinct());
        Assert.Single(audio.Segments.Select(s => s.Map).Distinct());
        Assert.Equal(1, video.Segments[^1].Discontinuities);
        Assert.Equal(1, audio.Segments[^1].Discontinuities);
        Assert.Equal(video.Segments.First(s => s.Discontinuities == 1).At, audio.Segments.First(s => s.Discontinuities == 1).At, TimeSpan.FromMilliseconds(40));
    }

    [Fact]
    public void Other_parameters_without_a_key_picture_are_not_begun_with()
    {
        var other = new FrameFormat(Codec.H264, 90_000, 0, new Resolution(1280, 720), Formats.H264.Configuration);
        var programme = new Programme();
        programme.Play(0, 3, hasSound: false);
        Assert.Equal(SegmentChange.None, programme.Picture(3, false, other));
        Assert.NotEqual(SegmentChange.None, programme.Picture(3.1, true, other));
    }

    [Fact]
    public void A_publisher_who_comes_back_goes_on_with_the_numbers()
    {
        var programme = new Programme();
        programme.Begin();
        programme.Play(0, 5);
        programme.Finish();
        var before = programme.Video.Window.NextSequence;
        programme.Begin();
        programme.Play(9, 14);

        var video = programme.Read(programme.Video);
        Assert.Equal(Enumerable.Range(0, video.Segments.Count), video.Segments.Select((_, i) => i));
        Assert.Equal(0, video.Sequence);
        Assert.True(programme.Video.Window.NextSequence > before);
        Assert.Equal(video.Segments[^1].Discontinuities, video.Segments[0].Discontinuities + 1);
        Assert.Equal(video.Segments[^1].Discontinuities, programme.Read(programme.Audio).Segments[^1].Discontinuities);
        Assert.True(video.Segments.Zip(video.Segments.Skip(1)).All(p => p.First.At < p.Second.At));
    }

    [Fact]
    public void A_hole_in_the_pictures_is_a_discontinuity_and_is_not_counted_as_played()
    {
        var programme = new Programme();
        programme.Play(0, 4);
        programme.Play(9, 13);

        var video = programme.Read(programme.Video);
        Assert.Equal(1, video.Segments[^1].Discontinuities);
        Assert.Equal(8.0, (double)video.Segments.Sum(s => s.Duration), 0.3);
    }

    [Fact]
    public void Frames_that_go_back_in_time_are_dropped()
    {
        var programme = new Programme();
        programme.Play(0, 1, hasSound: false);
        Assert.Equal(SegmentChange.None, programme.Picture(0.5, true));
        Assert.Equal(SegmentChange.None, programme.Picture(29 / 30.0, true));
    }

    [Fact]
    public void Nothing_begins_before_a_key_picture()
    {
        var programme = new Programme();
        for (var i = 0; i < 20; i++) Assert.Equal(SegmentChange.None, programme.Picture(i / 30.0, false));
        Assert.Equal(SegmentChange.Begun, programme.Picture(1, true));
    }

    [Fact]
    public void Sound_alone_is_cut_at_the_aim()
    {
        var programme = new Programme();
        programme.Audio.Segmenter.Leads = true;
        programme.Play(0, 11, hasPicture: false);

        var audio = programme.Read(programme.Audio);
        Assert.Equal(2, audio.TargetDuration);
        Assert.All(audio.Complete, s => Assert.InRange(s.Duration, 1.8m, 2.1m));
    }

    [Fact]
    public void A_codec_that_has_no_place_in_MP4_gives_nothing()
    {
        var window = new SegmentWindow(SegmentTiming.Default);
        var segmenter = new Segmenter(window, SegmentTiming.Default) { Leads = true };
        var frame = new Frame { Format = new FrameFormat(Codec.H264, 90_000, 0, new Resolution(2, 2), default), Flags = FrameFlags.Keyframe, Payload = "x"u8 };

        Assert.Equal(SegmentChange.None, segmenter.Push(in frame, default));
        Assert.True(segmenter.IsRefused);
        Assert.Empty(window.Segments);
    }

    [Fact]
    public void The_growing_part_can_be_read_before_it_is_complete()
    {
        var programme = new Programme();
        var sizes = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            programme.Picture(i / 30.0, i == 0);
            sizes.Add(programme.Video.Window.Open!.Find(0)!.Length);
        }

        var part = programme.Video.Window.Open!.Find(0)!;
        Assert.False(part.IsComplete);
        Assert.True(sizes[4] > 0);
        programme.Picture(6 / 30.0, false);
        Assert.True(part.IsComplete);
        Assert.Equal(200_000, part.Duration);
        Assert.True(part.Length > sizes[5]);
    }

    private static List<long> TimesIn(byte[] bytes, CmafMovie movie) => [.. FramesIn(bytes, movie).Select(f => f.Decoded)];

    private static List<(long Decoded, long Shown)> FramesIn(byte[] bytes, CmafMovie movie)
    {
        var times = new List<(long, long)>();
        var known = new long[1];
        for (var at = 0; at < bytes.Length;)
        {
            var size = (int)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            if (bytes.AsSpan(at + 4, 4).SequenceEqual("moof"u8))
            {
                size += (int)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + size));
                var reader = new CmafFrameReader(bytes.AsSpan(at, size), movie, 0, known);
                while (reader.TryRead(out _, out var frame, out _)) times.Add((frame.DecodeTime, frame.PresentationTime));
            }

            at += size;
        }

        return times;
    }
}
