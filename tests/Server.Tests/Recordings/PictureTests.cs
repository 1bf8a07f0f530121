using Sluice.Control.Live;
using Sluice.Control.Pictures;
using Sluice.Outputs.Thumbnails;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Control.Tracks;
using Sluice.Testing.Media;
using Sluice.Workers.Pictures;

namespace Sluice.Server.Tests.Recordings;

/// <summary>Pictures of streams and recordings.</summary>
public sealed class PictureTests : IDisposable
{
    private readonly Studio _studio = new();
    private readonly PictureQueue _queue = new(new FfmpegPictureDecoder("ffmpeg"), NullLogger<PictureQueue>.Instance);
    private ThumbnailOptions _options = new();

    public void Dispose()
    {
        _queue.Dispose();
        _studio.Dispose();
    }

    [FfmpegTheory]
    [InlineData("h264b+aac")]
    [InlineData("h265+aac")]
    [InlineData("vp9+opus")]
    [InlineData("av1+opus")]
    public async Task A_stream_of_any_codec_has_a_picture_and_a_small_one(string codecs)
    {
        using var thumbnails = Thumbnails();
        var stream = _studio.Publish(Footage.Of(codecs), records: false);
        Assert.Null(thumbnails.Find(Studio.Channel, false));
        _studio.Play(stream, 1);
        thumbnails.Tick(_studio.Clock.Now);
        await SettleAsync();
        Assert.Equal("640,360", Size(thumbnails.Find(Studio.Channel, false)!.Jpeg));
        Assert.Equal("160,90", Size(thumbnails.Find(Studio.Channel, true)!.Jpeg));
        Assert.False(stream.Tracks[0].IsWanted(TrackFace.Frames));

        _studio.End(stream);
        Assert.Null(thumbnails.Find(Studio.Channel, false));
        thumbnails.Tick(_studio.Clock.Now);
        Assert.Null(thumbnails.Find(Studio.Channel, false));
    }

    [FfmpegFact]
    public async Task Another_is_made_only_while_somebody_asks()
    {
        using var thumbnails = Thumbnails();
        var stream = _studio.Publish(Footage.Of("h264+aac"), records: false);
        _studio.Play(stream, 1);
        thumbnails.Tick(_studio.Clock.Now);
        await SettleAsync();
        Assert.Null(thumbnails.Find(Studio.Channel, false));
        thumbnails.Tick(_studio.Clock.Now);
        await SettleAsync();
        var first = thumbnails.Find(Studio.Channel, false)!;
        _studio.Play(stream, 5, loops: true);
        thumbnails.Tick(_studio.Clock.Now);
        await SettleAsync();
        Assert.Same(first, thumbnails.Find(Studio.Channel, false));
        _studio.Play(stream, 6.5, loops: true);
        thumbnails.Tick(_studio.Clock.Now);
        await SettleAsync();
        var second = thumbnails.Find(Studio.Channel, false)!;
        Assert.NotEqual(first.MadeAt, second.MadeAt);
        _studio.Play(stream, 100, loops: true);
        thumbnails.Tick(_studio.Clock.Now);
        await SettleAsync();
        Assert.Same(second, thumbnails.Find(Studio.Channel, false));
    }

    [FfmpegFact]
    public async Task A_recording_gets_a_poster_and_a_sheet_whose_track_names_a_picture_for_each_time()
    {
        _options = _options with { Interval = TimeSpan.FromSeconds(2) };
        _studio.Options = _studio.Options with { SplitDuration = TimeSpan.FromSeconds(6) };
        var pictures = new RecordingPictures(_studio.Library, _queue, () => _options);
        var stream = _studio.Publish(Footage.Of("h264b+aac"));
        _studio.Play(stream, 10, loops: true);
        _studio.End(stream);
        var recording = Assert.Single(await _studio.DevelopAsync());
        Assert.Null(pictures.Track(recording, ""));
        pictures.Enqueue(recording);
        await SettleAsync();
        Assert.Equal("640,360", Size(File.ReadAllBytes(pictures.Poster(recording, 1)!)));
        Assert.Equal("1600,90", Size(File.ReadAllBytes(pictures.Sheet(recording, 1)!)));
        var track = pictures.Track(recording, "?token=t")!;
        Assert.StartsWith("WEBVTT\n", track, StringComparison.Ordinal);
        Assert.Equal(5, track.Split("-->").Length - 1);
        Assert.Contains("00:00:00.000 --> 00:00:02.0", track, StringComparison.Ordinal);
        Assert.Contains("1/sprite.jpg?token=t#xywh=160,0,160,90", track, StringComparison.Ordinal);
        Assert.Contains("2/sprite.jpg?token=t#xywh=0,0,160,90", track, StringComparison.Ordinal);

        Assert.True(_studio.Library.TryDelete(recording.Id));
        Assert.Null(pictures.Poster(recording, 1));
    }

    [Fact]
    public async Task No_more_jobs_wait_than_may_and_one_that_throws_costs_no_other()
    {
        using var gate = new ManualResetEventSlim();
        using var queue = new PictureQueue(new NoDecoder(), NullLogger<PictureQueue>.Instance);
        Assert.True(queue.TryPost(_ => gate.Wait()));
        SpinWait.SpinUntil(() => queue.TryPost(_ => throw new InvalidOperationException("a bug")), TimeSpan.FromSeconds(5));
        var taken = 0;
        while (queue.TryPost(_ => { })) taken++;
        Assert.InRange(taken, PictureQueue.MaxWaiting - 3, PictureQueue.MaxWaiting);
        gate.Set();
        var done = new TaskCompletionSource();
        Assert.True(SpinWait.SpinUntil(() => queue.TryPost(_ => done.TrySetResult()), TimeSpan.FromSeconds(10)));
        await done.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [FfmpegFact]
    public void What_is_no_movie_gives_no_picture()
    {
        var decoder = new FfmpegPictureDecoder("ffmpeg");
        Assert.True(decoder.IsAvailable);
        Assert.Null(decoder.Decode(new byte[100], new PictureSheet(640)));
        Assert.Null(decoder.Decode(ReadOnlyMemory<byte>.Empty, new PictureSheet(640)));
        Assert.False(new FfmpegPictureDecoder("no-such-program").IsAvailable);
        Assert.Null(new FfmpegPictureDecoder("no-such-program").Decode(new byte[100], new PictureSheet(640)));
    }

    private static string Size(byte[] jpeg)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, jpeg);
            return Ffmpeg.Probe(path, "v:0", "stream=width,height");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private LiveThumbnails Thumbnails() => new(_studio.Channels, _queue, () => _options, _studio.Clock);

    private async Task SettleAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(_queue.TryPost(_ => done.SetResult()));
        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private sealed class NoDecoder : IPictureDecoder
    {
        public bool IsAvailable => true;

        public byte[]? Decode(ReadOnlyMemory<byte> movie, PictureSheet sheet) => null;
    }
}
