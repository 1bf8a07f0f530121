using System.Text;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Hls.Subtitles;
using Sluice.Testing.Subtitles;

namespace Sluice.Protocols.Tests.Hls;

public sealed class SubtitleSegmenterTests
{
    private readonly Programme _programme = new();
    private readonly SegmentWindow _window = new(SegmentTiming.Default);
    private readonly SubtitleSegmenter _subtitles;
    private readonly MediaPlaylist _playlist;

    public SubtitleSegmenterTests()
    {
        _subtitles = new SubtitleSegmenter(_window);
        _playlist = new MediaPlaylist(_window, new MediaNames("x1", isText: true), SegmentTiming.Default, TimeSpan.FromSeconds(40));
        _subtitles.Follow(_programme.Video.Window, 0);
        _programme.Changed = rendition =>
        {
            if (!ReferenceEquals(rendition, _programme.Video)) return;
            while (_subtitles.Advance(Programme.Zero.ToUtc()) != SegmentChange.None)
            {
            }
        };
    }

    [Fact]
    public void Segments_and_parts_are_those_of_the_pictures()
    {
        _programme.Play(1, 9, gop: 2.5);
        _programme.Finish();
        _programme.Begin();
        _subtitles.Follow(_programme.Video.Window, _programme.Video.Window.NextSequence);
        _programme.Play(20, 25);
        var pictures = _programme.Video.Window.Segments;
        Assert.True(pictures.Count > 4);
        Assert.Equal(pictures.Select(Shape), _window.Segments.Select(Shape));
        Assert.Equal(pictures.Select(s => string.Join(' ', s.Parts.Where(p => p.IsComplete).Select(p => p.Duration))), _window.Segments.Select(s => string.Join(' ', s.Parts.Select(p => p.Duration))));
        Assert.Contains(_window.Segments, s => s.Discontinuities == 1);

        static (long, int, DateTime, long, int, bool) Shape(MediaSegment s) => (s.Sequence, s.Discontinuities, s.CapturedAt, s.Duration, s.PartCount, s.IsComplete);
    }

    [Fact]
    public void The_playlist_names_text_and_no_map()
    {
        _programme.Play(1, 9);
        var text = Encoding.UTF8.GetString(_playlist.Write(PlaylistView.Live, skips: false, []));
        Assert.DoesNotContain("EXT-X-MAP", text, StringComparison.Ordinal);
        Assert.DoesNotContain("m4s", text, StringComparison.Ordinal);
        Assert.Contains("\nx1.0.vtt\n", text, StringComparison.Ordinal);
        Assert.Contains("URI=\"x1.2.0.vtt\",INDEPENDENT=YES\n", text, StringComparison.Ordinal);
        Assert.Contains("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"x1.3.", text, StringComparison.Ordinal);
        Assert.Contains("#EXT-X-PROGRAM-DATE-TIME:2026-11-20T12:00:01.000Z\n", text, StringComparison.Ordinal);
        var pictures = Encoding.UTF8.GetString(_programme.Video.Playlist.Write(PlaylistView.Live, skips: false, []));
        Assert.Equal(Durations(pictures), Durations(text));

        static IEnumerable<string> Durations(string playlist) => playlist.Split('\n').Where(l => l.StartsWith("#EXTINF", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cue_is_in_every_part_and_segment_in_whose_time_it_is_seen_and_in_no_other()
    {
        _programme.Play(0, 1, hasSound: false);
        _subtitles.Add(2_500_000, 2_000_000, "over an end");
        _programme.Play(1, 9, hasSound: false);
        var (at, found) = (0L, 0);
        foreach (var segment in _window.Segments.Where(s => s.IsComplete))
        {
            var isIn = at < 4_500_000 && at + segment.Duration > 2_500_000;
            Assert.Equal(isIn ? ["over an end"] : [], Cues(segment.Whole!.Value).Select(c => c.Text));
            found += isIn ? 1 : 0;
            foreach (var part in segment.Parts)
            {
                Assert.Equal(at < 4_500_000 && at + part.Duration > 2_500_000 ? [(2500L, 4500L)] : [], Cues(part.Bytes).Select(c => (c.From, c.To)));
                at += part.Duration;
            }
        }

        Assert.Equal(2, found);
    }

    [Fact]
    public void Cues_are_told_in_the_order_in_which_they_appear_and_keep_their_numbers()
    {
        _programme.Play(0, 0.5, hasSound: false);
        _subtitles.Add(1_500_000, 3_000_000, "second");
        _subtitles.Add(1_000_000, 3_000_000, "first");
        _programme.Play(0.5, 5, hasSound: false);
        Assert.Equal([("2", "first"), ("1", "second")], Cues(_window.Segments[0].Whole!.Value).Select(c => (c.Id, c.Text)));
        Assert.Equal([("2", "first"), ("1", "second")], Cues(_window.Segments[1].Whole!.Value).Select(c => (c.Id, c.Text)));
    }

    [Fact]
    public void What_comes_too_late_for_its_picture_appears_with_the_part_that_is_being_made_for_as_long()
    {
        _programme.Play(0, 3.1, hasSound: false);
        _subtitles.Add(500_000, 700_000, "late");
        _programme.Play(3.1, 6, gop: 100, hasSound: false);
        _programme.Finish();
        Assert.Empty(Cues(_window.Segments[0].Whole!.Value));
        var cue = Assert.Single(Cues(_window.Segments[1].Whole!.Value));
        Assert.InRange(cue.From, 2900, 3100);
        Assert.Equal(700, cue.To - cue.From);
    }

    [Fact]
    public void What_was_over_long_before_the_first_segment_is_for_nobody()
    {
        _programme.Play(60, 61, hasSound: false);
        _subtitles.Add(47_000_000, 2_999_999, "over");
        _subtitles.Add(47_000_000, 3_000_000, "late");
        _programme.Play(61, 66, hasSound: false);
        Assert.Equal(["late"], Cues(_window.Segments[0].Whole!.Value).Select(c => c.Text));
    }

    [Fact]
    public void Of_too_many_the_ones_that_end_first_make_room()
    {
        _programme.Play(0, 0.5, hasSound: false);
        for (var i = 0; i < SubtitleSegmenter.MaxCues + 3; i++) _subtitles.Add(1_000_000, 1_000_000 + i * 1000, $"{i}");
        _programme.Play(0.5, 3, hasSound: false);
        Assert.Equal(Enumerable.Range(3, SubtitleSegmenter.MaxCues).Select(i => $"{i}"), Cues(_window.Segments[0].Whole!.Value).Select(c => c.Text));
    }

    [Fact]
    public void What_was_said_in_a_stream_is_not_carried_into_the_next()
    {
        _programme.Play(0, 1, hasSound: false);
        _subtitles.Add(900_000, 30_000_000, "of the first");
        _programme.Play(1, 3, hasSound: false);
        _programme.Finish();
        _programme.Begin();
        _subtitles.Follow(_programme.Video.Window, _programme.Video.Window.NextSequence);
        _programme.Play(5, 8, hasSound: false);
        Assert.NotEmpty(Cues(_window.Segments[0].Whole!.Value));
        Assert.All(_window.Segments.Where(s => s.Discontinuities == 1 && s.IsComplete), s => Assert.Empty(Cues(s.Whole!.Value)));
    }

    private static List<VttCue> Cues(ReadOnlyMemory<byte> bytes) => VttReader.Read(Encoding.UTF8.GetString(bytes.Span), out _);
}
