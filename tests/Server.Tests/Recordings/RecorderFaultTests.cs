using Sluice.Control.Recordings;
using Sluice.Outputs.Recordings;
using Sluice.Testing.Media;

namespace Sluice.Server.Tests.Recordings;

/// <summary>What crashes, full disks and slow disks leave.</summary>
public sealed class RecorderFaultTests
{
    [FfmpegTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(777)]
    [InlineData(20_000)]
    public async Task What_a_crash_leaves_plays_at_once_and_is_put_right_at_the_next_start(int lost)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-crash-").FullName;
        try
        {
            string id;
            using (var studio = new Studio())
            {
                var stream = studio.Publish(Footage.Of("h264b+aac"));
                studio.Play(stream, 7.5, loops: true);
                await studio.Disk.SettleAsync();

                // The machine as it is at this moment, without what the disk had not got yet.
                Copy(studio.Folder, folder);
                id = studio.Library.FindRunning(Studio.Channel)!.Id;
                var left = Path.Combine(folder, "recordings", Studio.Channel, id, "0001.mp4");
                using (var file = File.OpenWrite(left)) file.SetLength(file.Length - lost);
                var (exit, _, _) = Ffmpeg.TryRun("ffprobe", "-v", "error", left);
                Assert.Equal(0, exit);
                studio.End(stream);
                await studio.DevelopAsync();
            }

            using var next = new Studio(folder);
            var recording = Assert.Single(await next.DevelopAsync());
            Assert.Equal(id, recording.Id);
            Assert.Equal(RecordingState.Ready, recording.State);
            var expected = lost < 10_000 ? 6 : 5;
            Assert.InRange(recording.Duration.TotalSeconds, expected - 1, 7.5);
            var pictures = Ffmpeg.DecodedFrames(next.FileOf(recording), 'v');
            Assert.InRange(pictures.Length, 25 * (expected - 1), 25 * 8);
            Assert.Equal(new FileInfo(next.FileOf(recording)).Length, recording.Size);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [FfmpegFact]
    public async Task Files_the_database_has_forgotten_are_listed_again()
    {
        using var studio = new Studio();
        var stream = studio.Publish(Footage.Of("h264+aac"));
        studio.Play(stream);
        studio.End(stream);
        await studio.Disk.SettleAsync();
        var id = Assert.Single(studio.Library.List(null, null, 10)).Id;
        studio.Store.Remove(id);
        Assert.Empty(studio.Library.List(null, null, 10));

        // Beside it what nobody should take for a recording.
        Directory.CreateDirectory(Path.Combine(studio.Library.Root, "Not A Channel", id));
        Directory.CreateDirectory(Path.Combine(studio.Library.Root, Studio.Channel, "not-a-recording"));
        File.WriteAllText(Path.Combine(studio.Library.FolderOf(Studio.Channel, id), "0002.mp4"), "no film");
        var found = Assert.Single(await studio.DevelopAsync());
        Assert.Equal(id, found.Id);
        Assert.Equal(RecordingState.Ready, found.State);
        Assert.Equal(2, Assert.Single(found.Parts).Tracks.Count);
        Assert.Equal(100, Ffmpeg.DecodedFrames(studio.FileOf(found), 'v').Length);
    }

    [FfmpegFact]
    public async Task A_full_disk_stops_the_recording_by_name_and_it_goes_on_when_there_is_room()
    {
        var free = 10L << 30;
        using var studio = new Studio(free: () => Interlocked.Read(ref free));
        var stream = studio.Publish(Footage.Of("h264+aac"));
        await PlayAsync(studio, stream, 3);
        Interlocked.Exchange(ref free, studio.Options.ReserveBytes - 1);
        await PlayAsync(studio, stream, 3);
        var stopped = studio.Library.FindRunning(Studio.Channel)!;
        Assert.Equal(RecordingReasons.DiskFull, stopped.Reason);
        Assert.Equal((1, studio.Options.ReserveBytes - 1), (studio.Disk.Faults, studio.Disk.Free));
        var size = new FileInfo(studio.FileOf(stopped)).Length;
        Assert.Equal(size, studio.Disk.BytesWritten);
        await PlayAsync(studio, stream, 4);
        Assert.Equal(size, new FileInfo(studio.FileOf(stopped)).Length);
        Assert.False(stream.Live.HasEnded);

        Interlocked.Exchange(ref free, 10L << 30);
        await PlayAsync(studio, stream, 6);
        Assert.Equal("", studio.Library.FindRunning(Studio.Channel)!.Reason);
        studio.End(stream);
        var recording = Assert.Single(await studio.DevelopAsync());
        Assert.Equal(RecordingState.Ready, recording.State);
        Assert.Equal(2, recording.Parts.Count(p => p.State == PartState.Finished));
        foreach (var part in recording.Parts) Ffmpeg.DecodedFrames(studio.FileOf(recording, part.Number), 'v');
    }

    [SmallDiskFact]
    public async Task A_disk_that_refuses_in_the_middle_of_a_fragment_keeps_what_was_whole()
    {
        using var disk = SmallDisk.TryMount()!;
        using var studio = new Studio(root: Path.Combine(disk.Folder, "recordings"));
        var stream = studio.Publish(Footage.Of("h264b+aac"));
        var reasons = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            await PlayAsync(studio, stream, 0.5);
            reasons.Add(studio.Library.FindRunning(Studio.Channel)!.Reason);
        }

        Assert.Contains(reasons, r => r.Length > 0);
        Assert.False(stream.Live.HasEnded);
        studio.End(stream);
        var recording = Assert.Single(await studio.DevelopAsync());
        Assert.NotEqual(PartState.Failed, Assert.Single(recording.Parts).State);
        Assert.True(Ffmpeg.DecodedFrames(studio.FileOf(recording), 'v').Length >= 25);
    }

    [FfmpegFact]
    public async Task A_disk_that_does_not_keep_up_costs_pictures_up_to_a_key_picture_and_never_memory()
    {
        using var studio = new Studio();
        var stream = studio.Publish(Footage.Of("h264+aac", "1280x720"));
        await PlayAsync(studio, stream, 2);
        using var stuck = new ManualResetEventSlim();
        studio.Disk.Post(stuck.Wait);
        studio.Play(stream, 200, loops: true);
        stuck.Set();
        await studio.Disk.SettleAsync();
        await PlayAsync(studio, stream, 4);
        studio.End(stream);
        var recording = Assert.Single(await studio.DevelopAsync());
        var part = Assert.Single(recording.Parts);
        Assert.True(part.Gaps > 0);
        Assert.Equal(part.Gaps, studio.Disk.Gaps);
        Assert.InRange(part.Size, 1 << 20, PartFile.MaxWaiting * 2);
        Assert.InRange(part.Duration.TotalSeconds, 195, 215);
        Assert.InRange(Ffmpeg.DecodedFrames(studio.FileOf(recording), 'v').Length, 100, 200 * 25);
    }

    [FfmpegFact]
    public async Task A_recorder_that_fails_keeps_what_it_has_and_costs_nobody_else()
    {
        using var studio = new Studio();
        var stream = studio.Publish(Footage.Of("h264+aac"));
        studio.Play(stream, 3);
        studio.Recorder!.Abandon(new InvalidOperationException("a bug"));
        var recording = Assert.Single(await studio.DevelopAsync());
        Assert.Equal(RecordingState.Ready, recording.State);
        Assert.Equal(RecordingReasons.Internal, recording.Reason);
        Assert.True(Ffmpeg.DecodedFrames(studio.FileOf(recording), 'v').Length >= 50);
    }

    private static async Task PlayAsync(Studio studio, FootageStream stream, double seconds)
    {
        // In steps, so that the disk's thread does what it would have done in that time.
        for (var i = 0; i < seconds * 2; i++)
        {
            studio.Play(stream, 0.5, loops: true);
            await studio.Disk.SettleAsync();
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
