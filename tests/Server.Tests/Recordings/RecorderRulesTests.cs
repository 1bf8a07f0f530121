using Sluice.Control.Recordings;
using Sluice.Outputs.Recordings;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;
using Sluice.Testing.Media;
using Timeline = Sluice.Control.Tracks.Timeline;

namespace Sluice.Server.Tests.Recordings;

/// <summary>When files begin and end, what is left out, and what is deleted.</summary>
public sealed class RecorderRulesTests : IDisposable
{
    private readonly Studio _studio = new();

    public void Dispose() => _studio.Dispose();

    [FfmpegFact]
    public async Task Fragments_begin_at_key_pictures_and_last_a_second_or_two()
    {
        var recording = await RecordAsync("h264+aac", 8);
        using var file = File.OpenRead(_studio.FileOf(recording));
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(file, out var index));
        Assert.True(index!.IsFinished);
        var pictures = index.Fragments.Where(f => f.Track == 0).ToList();
        Assert.Equal(8, pictures.Count);
        Assert.All(pictures, f => Assert.True(f.IsIndependent));
        Assert.All(pictures, f => Assert.InRange(f.Duration / (double)index.Movie.Tracks[0].Format.ClockRate, 0.95, 1.05));
    }

    [FfmpegFact]
    public async Task A_long_picture_group_is_cut_by_time()
    {
        var recording = await RecordAsync("h264long+aac", 8);
        using var file = File.OpenRead(_studio.FileOf(recording));
        CmafIndex.TryOpen(file, out var index);
        var pictures = index!.Fragments.Where(f => f.Track == 0).ToList();
        Assert.All(pictures, f => Assert.InRange(f.Duration / (double)index.Movie.Tracks[0].Format.ClockRate, 0.04, 2.05));
        Assert.Equal(2, pictures.Count(f => f.IsIndependent));
        Assert.Equal(200, Ffmpeg.DecodedFrames(_studio.FileOf(recording), 'v').Length);

        // A player may begin a segment only where it can decode.
        var playlist = RecordingPlaylist.Write(_studio.Files.Fragmented(recording), true, "");
        Assert.Equal(2, playlist.Split("#EXTINF:4").Length - 1);
    }

    [FfmpegFact]
    public async Task Files_are_split_by_time_at_key_pictures_and_play_as_one()
    {
        _studio.Options = _studio.Options with { SplitDuration = TimeSpan.FromSeconds(3) };
        var recording = await RecordAsync("h264b+aac", 8);
        Assert.Equal(3, recording.Parts.Count);
        Assert.Equal([3, 3, 2], recording.Parts.Select(p => (int)Math.Round(p.Duration.TotalSeconds)));
        Assert.Equal([1, 2, 3], recording.Parts.Select(p => p.Number));
        Assert.All(recording.Parts, p => Assert.Equal(PartState.Finished, p.State));
        Assert.Equal(3, (recording.Parts[1].StartedAt - recording.Parts[0].StartedAt).TotalSeconds, 0.05);
        var pictures = recording.Parts.Sum(p => Ffmpeg.DecodedFrames(_studio.FileOf(recording, p.Number), 'v').Length);
        Assert.Equal(200, pictures);
        var playlist = RecordingPlaylist.Write(_studio.Files.Fragmented(recording), true, "?token=t");
        Assert.Equal(2, playlist.Split("#EXT-X-DISCONTINUITY\n").Length - 1);
        Assert.Equal(3, playlist.Split("#EXT-X-MAP:URI=").Length - 1);
        Assert.Contains("2/init.mp4?token=t", playlist, StringComparison.Ordinal);
    }

    [FfmpegFact]
    public async Task Files_are_split_by_size()
    {
        _studio.Options = _studio.Options with { SplitSize = 60_000 };
        var recording = await RecordAsync("h264+aac", 8);
        Assert.True(recording.Parts.Count > 1);
        Assert.All(recording.Parts.SkipLast(1), p => Assert.InRange(p.Size, 60_000, 260_000));
    }

    [FfmpegFact]
    public async Task Parameters_that_change_begin_another_file()
    {
        var stream = _studio.Publish(Footage.Of("h264+aac"));
        _studio.Play(stream, 4);
        _studio.End(stream);
        var second = _studio.Publish(Footage.Of("h264+aac", "320x180"));
        _studio.Play(second, 4);
        _studio.End(second);
        var recording = Assert.Single(await _studio.DevelopAsync());
        Assert.Equal([192, 320], recording.Parts.Select(p => p.Tracks[0].Width));
        Assert.Equal([100, 100], recording.Parts.Select(p => Ffmpeg.DecodedFrames(_studio.FileOf(recording, p.Number), 'v').Length));
    }

    [FfmpegFact]
    public async Task A_publisher_who_is_soon_back_goes_on_with_the_recording_and_one_who_is_late_begins_another()
    {
        var first = _studio.Publish(Footage.Of("h264+aac"));
        _studio.Play(first, 4);
        _studio.End(first);
        _studio.Clock.Move(TimeSpan.FromSeconds(50));
        var second = _studio.Publish(Footage.Of("h264+aac"));
        _studio.Play(second, 4);
        _studio.End(second);
        _studio.Clock.Move(TimeSpan.FromSeconds(70));
        var third = _studio.Publish(Footage.Of("h264+aac"));
        _studio.Play(third, 4);
        _studio.End(third);
        var recordings = await _studio.DevelopAsync();
        Assert.Equal([1, 2], recordings.Select(r => r.Parts.Count));
        Assert.All(recordings, r => Assert.Equal(RecordingState.Ready, r.State));
    }

    [FfmpegFact]
    public async Task A_publisher_who_takes_over_does_not_end_the_recording()
    {
        var first = _studio.Publish(Footage.Of("h264+aac"));
        _studio.Play(first, 2);
        var second = _studio.Publish(Footage.Of("h264+aac"));
        _studio.Play(second, 3);
        _studio.End(second);
        Assert.Equal(2, Assert.Single(await _studio.DevelopAsync()).Parts.Count);
    }

    [FfmpegFact]
    public async Task Sound_is_where_the_publishers_clock_puts_it_though_its_tracks_count_from_elsewhere()
    {
        var footage = Footage.Of("h264+aac");
        long[] offsets = [7_000_000, 123_456_789];
        var stream = _studio.Publish(footage, offsets, records: false);
        var start = NtpTime.FromUtc(StandingClock.Start.UtcDateTime);
        for (var i = 0; i < 2; i++)
        {
            // Sound is heard 300 ms later than its time stamps say.
            stream.Tracks[i].Place(new Timeline(offsets[i], start + (i == 1 ? TimeSpan.FromMilliseconds(300) : TimeSpan.Zero), footage.Formats[i].ClockRate));
        }

        _studio.Record();
        _studio.Play(stream, 4);
        _studio.End(stream);
        var file = _studio.FileOf(Assert.Single(await _studio.DevelopAsync()));
        Assert.Equal(0, Ffmpeg.Times(file, 'v')[0], 0.001);
        Assert.Equal(0.3, Ffmpeg.Times(file, 'a')[0], 0.05);
    }

    [FfmpegFact]
    public async Task Sound_alone_is_recorded()
    {
        var recording = await RecordAsync("opus", 4);
        var part = Assert.Single(recording.Parts);
        Assert.Equal("audio", Assert.Single(part.Tracks).Kind);
        Assert.InRange(Ffmpeg.Times(_studio.FileOf(recording), 'a').Length, 195, 205);
    }

    [Fact]
    public async Task A_stream_without_anything_leaves_no_file_and_says_so()
    {
        var stream = new FootageStream(Studio.Channel, new Footage("", [new FrameFormat(Codec.H264, 90_000, 0, default, [])], []), _studio.Slab, _studio.Clock.GetUtcNow());
        _studio.Live.Start(stream.Live);
        _studio.Record();
        _studio.Group.Advance(_studio.Clock.Now);
        _studio.End(stream);
        var recording = Assert.Single(await _studio.DevelopAsync());
        Assert.Equal(RecordingState.Failed, recording.State);
        Assert.Equal(RecordingReasons.Empty, recording.Reason);
        Assert.Empty(recording.Parts);
    }

    [FfmpegFact]
    public async Task Old_files_are_deleted_by_age()
    {
        _studio.Options = _studio.Options with { KeepFor = TimeSpan.FromDays(1), SplitDuration = TimeSpan.FromSeconds(3) };
        var recording = await RecordAsync("h264+aac", 8);
        _studio.Clock.Move(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(4));
        await TidyAsync();
        Assert.Equal([2, 3], _studio.Library.Find(recording.Id)!.Parts.Select(p => p.Number));
        Assert.False(File.Exists(_studio.FileOf(recording, 1)));
        Assert.True(File.Exists(_studio.FileOf(recording, 2)));
        _studio.Clock.Move(TimeSpan.FromSeconds(10));
        await TidyAsync();
        Assert.Null(_studio.Library.Find(recording.Id));
        Assert.False(Directory.Exists(_studio.Library.FolderOf(Studio.Channel, recording.Id)));
    }

    [FfmpegTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_oldest_files_make_room(bool perChannel)
    {
        _studio.Options = _studio.Options with { SplitDuration = TimeSpan.FromSeconds(3) };
        var recording = await RecordAsync("h264+aac", 8);
        var keep = recording.Parts[1].Size + recording.Parts[2].Size;
        _studio.Options = perChannel ? _studio.Options with { KeepBytesPerChannel = keep } : _studio.Options with { KeepBytes = keep };
        await TidyAsync();
        Assert.Equal([2, 3], _studio.Library.Find(recording.Id)!.Parts.Select(p => p.Number));
        await TidyAsync();
        Assert.Equal(2, _studio.Library.Find(recording.Id)!.Parts.Count);
    }

    [FfmpegFact]
    public async Task What_grows_is_never_deleted_to_make_room()
    {
        _studio.Options = _studio.Options with { KeepBytes = 1, KeepFor = TimeSpan.FromTicks(1) };
        var stream = _studio.Publish(Footage.Of("h264+aac"));
        _studio.Play(stream, 3);
        await _studio.DevelopAsync();
        await TidyAsync();
        var running = Assert.Single(_studio.Library.List(null, null, 10));
        Assert.Equal(RecordingState.Recording, running.State);
        Assert.True(File.Exists(_studio.FileOf(running)));
        _studio.End(stream);
        await _studio.DevelopAsync();
    }

    [FfmpegTheory]
    [InlineData(0.5, 2.5)]
    [InlineData(1.0, 3.0)]
    [InlineData(0.0, 4.0)]
    [InlineData(3.2, 3.9)]
    public async Task A_clip_shows_exactly_the_span(double start, double end)
    {
        var recording = await RecordAsync("h264b+aac", 4);
        var begun = _studio.Clips.Begin(recording, TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(end))!;
        Assert.Equal(RecordingState.Finishing, begun.State);
        var clip = (await _studio.DevelopAsync()).Single(r => r.Id == begun.Id);
        Assert.Equal(RecordingState.Ready, clip.State);
        Assert.Equal(recording.Id, clip.ClipOf);
        var file = _studio.FileOf(clip);
        var shown = Ffmpeg.DecodedFrames(file, 'v');
        Assert.InRange(shown.Length, (end - start) * 25 - 2, (end - start) * 25 + 2);
        var all = Ffmpeg.DecodedFrames(Footage.Of("h264b+aac").File, 'v');
        var at = Array.IndexOf(all, shown[0]);
        Assert.InRange(at, start * 25 - 2, start * 25 + 2);
        Assert.Equal(all[at..(at + shown.Length)], shown);
        Assert.Equal(end - start, clip.Duration.TotalSeconds, 0.2);
    }

    [FfmpegFact]
    public async Task A_clip_is_cut_out_of_what_is_still_recorded_and_over_the_ends_of_files()
    {
        _studio.Options = _studio.Options with { SplitDuration = TimeSpan.FromSeconds(3) };
        var stream = _studio.Publish(Footage.Of("h264+aac"));
        _studio.Play(stream, 8, loops: true);
        await _studio.DevelopAsync();
        var running = _studio.Library.FindRunning(Studio.Channel)!;
        var begun = _studio.Clips.Begin(running, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4))!;
        Assert.Equal(2, begun.Parts.Count);
        var clip = (await _studio.DevelopAsync()).Single(r => r.Id == begun.Id);
        Assert.Equal(RecordingState.Ready, clip.State);
        Assert.Equal(50, clip.Parts.Sum(p => Ffmpeg.DecodedFrames(_studio.FileOf(clip, p.Number), 'v').Length));
        Assert.Null(_studio.Clips.Begin(running, TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(101)));
        _studio.End(stream);
        await _studio.DevelopAsync();
    }

    private async Task<Recording> RecordAsync(string codecs, double seconds)
    {
        var stream = _studio.Publish(Footage.Of(codecs));
        _studio.Play(stream, seconds, loops: seconds > 4);
        _studio.End(stream);
        var recording = Assert.Single(await _studio.DevelopAsync());
        Assert.Equal(RecordingState.Ready, recording.State);
        return recording;
    }

    private async Task TidyAsync()
    {
        _studio.Finisher.Tidy();
        await _studio.Finisher.SettleAsync();
    }
}
