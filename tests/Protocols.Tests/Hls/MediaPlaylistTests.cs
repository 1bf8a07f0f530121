using System.Text;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Tests.Media.Containers;

namespace Sluice.Protocols.Tests.Hls;

public sealed class MediaPlaylistTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Whatever_is_published_every_playlist_keeps_its_promises(int seed)
    {
        var random = new Random(seed);
        var programme = new Programme();
        var states = new Dictionary<Programme.Rendition, ReadPlaylist>();
        var durations = new Dictionary<string, decimal>();
        var renders = random.Next(20, 200);
        var changes = 0;
        programme.Changed = rendition =>
        {
            if (changes++ < renders) return;
            var now = programme.Read(rendition);
            if (states.TryGetValue(rendition, out var before))
            {
                Assert.Equal(before.TargetDuration, now.TargetDuration);
                Assert.Equal(before.PartTarget, now.PartTarget);
                Assert.True(now.Sequence >= before.Sequence, "sequence numbers never go back");
                Assert.True(now.Sequence + now.Complete.Count() >= before.Sequence + before.Complete.Count());
                if (now.Sequence <= before.Sequence + before.Complete.Count())
                {
                    var update = programme.Read(rendition, skips: true);
                    Assert.Equal(now.Complete.Select(s => s.Text), before.Apply(update));
                }
            }

            foreach (var segment in now.Complete)
            {
                // A name never means anything else.
                var name = (ReferenceEquals(rendition, programme.Video) ? "v/" : "a/") + segment.Uri;
                Assert.Equal(durations.GetValueOrDefault(name, segment.Duration), segment.Duration);
                durations[name] = segment.Duration;
            }

            states[rendition] = now;
        };

        var at = 0.0;
        for (var stream = 0; stream < 3; stream++)
        {
            programme.Begin();
            for (var spell = 0; spell < 4; spell++)
            {
                var length = 2 + random.NextDouble() * 12;
                var fps = new[] { 5, 12, 15, 24, 25, 29.97, 30, 50, 60 }[random.Next(9)];
                var gop = new[] { 0.5, 1, 1.5, 2, 2.4, 3, 5, 10 }[random.Next(8)];
                var wobble = random.Next(2) * 0.4 / fps;
                programme.Play(at, at + length, fps, gop, jitter: _ => random.NextDouble() * wobble);
                at += length + (random.Next(3) == 0 ? random.NextDouble() * 4 : 0);
            }

            programme.Finish();
            at += random.NextDouble() * 10;
        }

        Assert.NotEmpty(durations);
    }

    [Fact]
    public void An_update_leaves_out_what_is_behind_the_skip_boundary()
    {
        var programme = new Programme();
        programme.Play(0, 61);

        var full = programme.Read(programme.Video);
        var update = programme.Read(programme.Video, skips: true);
        Assert.Equal(full.Sequence, update.Sequence);
        Assert.True(update.Skipped > 5);
        Assert.True(update.Segments.Sum(s => s.Duration) >= update.CanSkipUntil);
        Assert.Equal(full.Complete.Select(s => s.Text), full.Apply(update));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    public void No_more_than_three_segments_list_their_parts_though_longer_ones_may_have_been_promised(int first)
    {
        var programme = new Programme();
        programme.Play(0, 6, gop: first);
        var alone = 0;
        for (var at = 6.0; at < 20; at += 0.1)
        {
            programme.Play(at, at + 0.1, gop: 2, hasSound: false);
            var playlist = programme.Read(programme.Video);
            Assert.True(playlist.TargetDuration >= first);

            // A hint of which nothing is there is read as a segment too.
            var isAlone = playlist.Complete.Count() == playlist.Segments.Count;
            alone += isAlone ? 1 : 0;
            Assert.InRange(playlist.Segments.Count(s => s.Parts.Count > 0), 2, isAlone ? 2 : 3);
            Assert.DoesNotContain(playlist.Segments.SkipLast(isAlone ? 2 : 3), s => s.Parts.Count > 0);
        }

        Assert.True(alone > 0);
    }

    [Fact]
    public void An_update_that_would_leave_nothing_out_is_the_whole_playlist()
    {
        var programme = new Programme();
        programme.Play(0, 9);
        Assert.Equal(0, programme.Read(programme.Video, skips: true).Skipped);
    }

    [Fact]
    public void Views_show_the_newest_or_everything_or_the_newest_stream()
    {
        var programme = new Programme();
        programme.Begin();
        programme.Play(0, 100);
        programme.Finish();
        programme.Begin();
        programme.Play(105, 125);

        var live = programme.Read(programme.Video);
        var rewind = programme.Read(programme.Video, PlaylistView.Rewind);
        var events = programme.Read(programme.Video, PlaylistView.Event);
        Assert.InRange(live.Segments.Sum(s => s.Duration), 40, 44);
        Assert.InRange(rewind.Segments.Sum(s => s.Duration), 119, 121);
        Assert.InRange(events.Segments.Sum(s => s.Duration), 19, 21);
        Assert.True(events.IsEvent);
        Assert.False(live.IsEvent);
        Assert.Equal(0, rewind.Sequence);
    }

    [Fact]
    public void A_stream_whose_beginning_has_gone_is_no_event()
    {
        var programme = new Programme();
        programme.Begin();
        programme.Play(0, 60);
        programme.Video.Window.RemoveOldest(3);
        Assert.False(programme.Read(programme.Video, PlaylistView.Event).IsEvent);
    }

    [Fact]
    public void The_part_that_is_hinted_is_the_part_that_comes()
    {
        var programme = new Programme();
        string? hinted = null;
        programme.Changed = rendition =>
        {
            if (!ReferenceEquals(rendition, programme.Video)) return;
            var playlist = programme.Read(rendition);
            var newest = playlist.Segments.LastOrDefault(s => s.Parts.Count > 0)?.Parts[^1].Uri;
            if (newest is not null && hinted is not null && newest != hinted) Assert.Equal(hinted, playlist.Hint);
            hinted = playlist.Hint;
        };
        programme.Play(0, 13);
        Assert.NotNull(hinted);
    }

    [Fact]
    public void The_end_is_said_and_hints_at_nothing()
    {
        var programme = new Programme();
        programme.Play(0, 9);
        programme.Finish();
        programme.Video.Window.IsEnded = true;

        var playlist = programme.Read(programme.Video, skips: true);
        Assert.True(playlist.IsEnded);
        Assert.Null(playlist.Hint);
        Assert.InRange(playlist.Segments.Sum(s => s.Duration), 8.99m, 9.01m);
    }

    [Fact]
    public void A_player_begins_where_decoding_can_begin()
    {
        // An encoder that makes key pictures only when asked: none for a long time, then one.
        var programme = new Programme();
        programme.Play(0, 100, gop: 1000);
        Assert.False(programme.Video.Window.Segments[^1].IsIndependent);
        programme.Play(100, 104.5, gop: 2);

        var live = programme.Read(programme.Video);
        Assert.True(programme.Video.Window.TryFind(live.Sequence, out var first) && first.IsIndependent);
    }

    [Fact]
    public void The_key_says_what_is_encrypted_of_each_format()
    {
        var window = new SegmentWindow(SegmentTiming.Default);
        var segmenter = new Segmenter(window, SegmentTiming.Default) { Leads = true };
        for (var i = 0; i < 240; i++)
        {
            // Twelve segments of two seconds, the last six of another format.
            var frame = new Frame { Format = i < 120 ? Formats.H264 : Formats.Av1, DecodeTime = i * 9000L, Flags = i % 20 == 0 ? FrameFlags.Keyframe : FrameFlags.None, Payload = "0123"u8 };
            segmenter.Push(in frame, Programme.Zero + TimeSpan.FromSeconds(0.1 * i));
        }

        var playlist = new MediaPlaylist(window, new MediaNames("x1"), SegmentTiming.Default, TimeSpan.FromSeconds(40), 4, "00ff");
        var lines = Encoding.UTF8.GetString(playlist.Write(PlaylistView.Rewind, false, [])).Split('\n').Where(l => l.StartsWith("#EXT-X-KEY", StringComparison.Ordinal) || l.StartsWith("#EXT-X-MAP", StringComparison.Ordinal));
        Assert.Equal(
            [
                "#EXT-X-MAP:URI=\"x1.i0.mp4\"",
                "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"x1.k0.key\",IV=0x00ff",
                "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"x1.k1.key\",IV=0x00ff",
                "#EXT-X-KEY:METHOD=NONE",
                "#EXT-X-MAP:URI=\"x1.i1.mp4\"",
                "#EXT-X-KEY:METHOD=AES-128,URI=\"x1.k1.key\"",
                "#EXT-X-KEY:METHOD=AES-128,URI=\"x1.k2.key\"",
            ],
            lines);
    }

    [Fact]
    public void Reports_name_how_far_the_others_are()
    {
        var window = new SegmentWindow(SegmentTiming.Default);
        var playlist = new MediaPlaylist(window, new MediaNames("x1"), SegmentTiming.Default, TimeSpan.FromSeconds(40));
        var text = Encoding.UTF8.GetString(playlist.Write(PlaylistView.Live, false, [new RenditionReport("../audio-0/index.m3u8", 7, 3)]));
        Assert.Contains("#EXT-X-RENDITION-REPORT:URI=\"../audio-0/index.m3u8\",LAST-MSN=7,LAST-PART=3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Variants_are_listed_once_with_each_group_of_sound()
    {
        var text = Encoding.UTF8.GetString(MultivariantPlaylist.Write(
            [new("h/index.m3u8", 2_000_000, 1_500_000, "avc1.640028") { Width = 1280, Height = 720, FrameRate = 29.97 }, new("l/index.m3u8", 500_000, 400_000, "avc1.64001e")],
            [new("opus", "Sound", "audio-0/index.m3u8", 96_000, 90_000, "opus", 2), new("aac", "Sound (AAC)", "aac/index.m3u8", 128_000, 128_000, "mp4a.40.2", 2)],
            [new("Deutsch \"x\"", "de", "s/index.m3u8")], areIndependent: true));

        Assert.Contains("#EXT-X-STREAM-INF:BANDWIDTH=2096000,AVERAGE-BANDWIDTH=1590000,CODECS=\"avc1.640028,opus\",RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO=\"opus\",SUBTITLES=\"subtitles\"\nh/index.m3u8\n",
            text, StringComparison.Ordinal);
        Assert.Equal(4, text.Split("#EXT-X-STREAM-INF").Length - 1);
        Assert.Equal(2, text.Split("TYPE=AUDIO").Length - 1);
        Assert.Contains("NAME=\"Deutsch x\",LANGUAGE=\"de\"", text, StringComparison.Ordinal);
    }
}
