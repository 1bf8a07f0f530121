using System.Diagnostics;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Sockets;
using Sluice.Testing.Media;
using Sluice.Workers.Transcoding;

namespace Sluice.Workers.Tests.Transcoding;

public sealed class ChildLifeTests
{
    private const int Rate = 48_000;

    private static readonly Lazy<List<KeptFrame>> Tone = new(() => MediaSample.Aac("sine=frequency=440:duration=20", Rate, 2));

    [FfmpegFact]
    public void Nothing_runs_while_nobody_wants_anything()
    {
        using var stage = new Stage();
        var track = stage.Publish(Tone.Value);
        stage.Append(track, Tone.Value.Take(100));

        var rendition = stage.Rendition("opus");
        Assert.Equal(RenditionState.Idle, stage.Observe(rendition).State);
        Assert.Equal(0, stage.TranscoderOf(rendition).ProcessId);
        Assert.False(track.IsWantedAtAll);
    }

    [FfmpegFact]
    public void A_rendition_rests_when_its_last_reader_has_gone_and_gives_its_memory_back()
    {
        using var stage = new Stage();
        var track = stage.Publish(Tone.Value);
        var rendition = stage.Rendition("opus");
        int child;
        using (var reader = stage.Read(rendition))
        {
            stage.Append(track, Tone.Value.Take(100));
            reader.WaitForTime(Rate);
            child = stage.TranscoderOf(rendition).ProcessId;
            Assert.True(IsAlive(child));
        }

        stage.WaitForState(rendition, s => s.State == RenditionState.Idle && stage.TranscoderOf(rendition).ProcessId == 0 && rendition.Frames.HeldBytes == 0);
        Assert.False(IsAlive(child));
        Assert.False(track.IsWantedAtAll);
        Assert.Equal(0, stage.Workshop.Children(MediaKind.Audio));
    }

    [FfmpegFact]
    public void A_reader_that_comes_back_while_it_lingers_finds_the_same_child()
    {
        using var stage = new Stage(new TranscodingOptions { Linger = TimeSpan.FromMinutes(5) });
        var track = stage.Publish(Tone.Value);
        var rendition = stage.Rendition("opus");
        var fed = 0;
        var child = 0;
        for (var i = 0; i < 10; i++)
        {
            using var reader = stage.Read(rendition);
            stage.Append(track, Tone.Value.Skip(fed).Take(47));
            fed += 47;
            reader.WaitForTime(Tone.Value[fed].DecodeTime - Rate / 2);
            if (child == 0) child = stage.TranscoderOf(rendition).ProcessId;
            Assert.Equal(child, stage.TranscoderOf(rendition).ProcessId);
        }

        stage.WaitForState(rendition, s => s.State == RenditionState.Lingering);
        Assert.True(IsAlive(child));
    }

    [FfmpegFact]
    public void What_a_killed_child_leaves_is_taken_up_by_the_next_without_a_gap()
    {
        using var stage = new Stage();
        var track = stage.Publish(Tone.Value);
        var rendition = stage.Rendition("opus");
        using var reader = stage.Read(rendition);
        stage.Append(track, Tone.Value.Take(94));
        var before = reader.WaitForTime((long)(1.5 * Rate));
        Kill(stage, rendition);
        stage.Append(track, Tone.Value.Skip(94).Take(47));
        reader.WaitForTime((long)(2.5 * Rate));
        stage.Append(track, Tone.Value.Skip(141).Take(47));
        var frames = reader.WaitForTime((long)(3.5 * Rate));

        Assert.Equal(1, stage.Observe(rendition).Restarts);
        Assert.Contains("signal 9", stage.Observe(rendition).LastError, StringComparison.Ordinal);
        Assert.Equal(1, stage.Workshop.Restarts);
        for (var i = 1; i < frames.Count; i++)
        {
            Assert.Equal(960, frames[i].DecodeTime - frames[i - 1].DecodeTime);
        }

        var sound = MediaSample.Decode(frames, Rate);
        Assert.True(MediaSample.AmplitudeOf(440, sound.AsSpan((int)(2.5 * Rate), Rate / 2), Rate) > 0.05);
        Assert.True(frames.Count > before.Count);
    }

    [FfmpegFact]
    public void A_killed_child_is_followed_at_once_and_the_second_in_a_row_after_a_quarter_of_a_second()
    {
        // The workshop's time passes only where the test says so; whatever waits for time waits for ever.
        var start = MonotonicClock.Now;
        var passed = 0L;
        using var stage = new Stage(clock: () => start + TimeSpan.FromMilliseconds(Volatile.Read(ref passed)));
        var track = stage.Publish(Tone.Value);
        var rendition = stage.Rendition("opus");
        using var reader = stage.Read(rendition);
        stage.Append(track, Tone.Value.Take(94));
        reader.WaitForTime((long)(1.5 * Rate));

        var first = Kill(stage, rendition);
        stage.WaitForState(rendition, _ => stage.TranscoderOf(rendition).ProcessId is not 0 and var next && next != first);
        stage.Append(track, Tone.Value.Skip(94).Take(94));
        reader.WaitForTime((long)(3.5 * Rate));

        Kill(stage, rendition);
        stage.WaitForState(rendition, s => s is { Restarts: 2, State: RenditionState.Restarting });
        stage.Append(track, Tone.Value.Skip(188).Take(94));
        Volatile.Write(ref passed, 250);
        var frames = reader.WaitForTime((long)(5.5 * Rate));

        Assert.Equal(2, stage.Observe(rendition).Restarts);
        Assert.All(frames.Zip(frames.Skip(1)), pair => Assert.Equal(960, pair.Second.DecodeTime - pair.First.DecodeTime));
    }

    [FfmpegFact]
    public void The_death_of_one_child_does_not_concern_another()
    {
        using var stage = new Stage();
        var first = stage.MakeTrack(MediaKind.Audio);
        var second = new Track(new TrackId(MediaKind.Audio, 1, ""), TrackResources.MakeSlab(1 << 24), PacketLogLimits.Audio) { Native = TrackFace.Frames };
        first.Frames.Describe(Tone.Value[0].Format);
        second.Frames.Describe(Tone.Value[0].Format);
        stage.Publish(first, second);
        using var one = stage.Read(stage.Stream.Offered[0]);
        using var other = stage.Read(stage.Stream.Offered[1]);
        stage.Append(first, Tone.Value.Take(94));
        stage.Append(second, Tone.Value.Take(94));
        one.WaitForTime(Rate);
        other.WaitForTime(Rate);
        var unharmed = stage.TranscoderOf(stage.Stream.Offered[1]).ProcessId;
        Kill(stage, stage.Stream.Offered[0]);
        stage.Append(first, Tone.Value.Skip(94).Take(94));
        stage.Append(second, Tone.Value.Skip(94).Take(94));
        one.WaitForTime(3 * Rate);
        other.WaitForTime(3 * Rate);

        Assert.Equal(unharmed, stage.TranscoderOf(stage.Stream.Offered[1]).ProcessId);
        Assert.Equal([1, 0], stage.Workshop.Observe(stage.Stream).Select(s => s.Restarts));
    }

    [FfmpegFact]
    public void A_stream_that_ends_takes_its_children_with_it()
    {
        using var stage = new Stage();
        var track = stage.Publish(Tone.Value);
        var rendition = stage.Rendition("opus");
        using var reader = stage.Read(rendition);
        stage.Append(track, Tone.Value.Take(94));
        reader.WaitForTime(Rate);
        var transcoder = stage.TranscoderOf(rendition);
        var child = transcoder.ProcessId;

        stage.Channel.End(stage.Stream, StreamEnd.Stopped);

        stage.WaitForState(rendition, _ => transcoder.ProcessId == 0 && rendition.Frames.HeldBytes == 0);
        Assert.False(IsAlive(child));
        Assert.False(track.IsWantedAtAll);
    }

    [FfmpegFact]
    public void A_workshop_that_stops_leaves_no_child()
    {
        int child;
        using (var stage = new Stage())
        {
            var track = stage.Publish(Tone.Value);
            using var reader = stage.Read(stage.Rendition("opus"));
            stage.Append(track, Tone.Value.Take(94));
            reader.WaitForTime(Rate);
            child = stage.TranscoderOf(stage.Rendition("opus")).ProcessId;
            stage.Workshop.Stop();
            Assert.False(IsAlive(child));
        }
    }

    [FfmpegFact]
    public void A_hundred_starts_and_stops_leave_nothing_behind()
    {
        using var stage = new Stage();
        var track = stage.Publish(Tone.Value);
        var rendition = stage.Rendition("opus");
        var appended = 0;
        var handles = 0;
        for (var round = 0; round < 104; round++)
        {
            using (var reader = stage.Read(rendition))
            {
                stage.WaitForState(rendition, s => s.State == RenditionState.Running);
                stage.Append(track, Tone.Value.Skip(appended).Take(8));
                appended += 8;
                reader.WaitFor(frames => frames.Count > 0);
            }

            stage.WaitForState(rendition, s => s.State == RenditionState.Idle && stage.TranscoderOf(rendition).ProcessId == 0);
            if (round == 3) handles = OpenFiles();
        }

        // Other tests open and close files beside this one; one left by each start would be a hundred.
        Assert.InRange(OpenFiles(), 0, handles + 50);
        Assert.Equal(0, stage.Observe(rendition).Restarts);
        Assert.Equal(0, stage.Workshop.Children(MediaKind.Audio));
    }

    [FfmpegFact]
    public void Children_that_wait_hold_no_thread()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var fake = new FakeConverter("exec sed d");
        using var stage = new Stage(fake.Options);
        var tracks = Enumerable.Range(0, 24).Select(i =>
        {
            var track = new Track(new TrackId(MediaKind.Audio, i, ""), TrackResources.MakeSlab(1 << 22), PacketLogLimits.Audio) { Native = TrackFace.Frames };
            track.Frames.Describe(Tone.Value[0].Format);
            return track;
        }).ToArray();
        stage.Publish(tracks);
        var before = Threads();
        var readers = stage.Stream.Offered.Select(stage.Read).ToList();
        foreach (var track in tracks)
        {
            stage.Append(track, Tone.Value.Take(4));
        }

        foreach (var rendition in stage.Stream.Offered)
        {
            stage.WaitForState(rendition, _ => stage.TranscoderOf(rendition).ProcessId != 0);
        }

        Assert.InRange(Threads(), 0, before + 12);
        readers.ForEach(r => r.Dispose());
    }

    [Fact]
    public void Without_a_converter_nothing_is_offered()
    {
        using var stage = new Stage(new TranscodingOptions { FfmpegPath = "/nowhere/ffmpeg" });
        var track = stage.MakeTrack(MediaKind.Audio);
        track.Describe(new TrackFormat(Codec.Aac, Rate, 2, ""));
        stage.Publish(track);

        Assert.Empty(stage.Stream.Offered);
        Assert.Null(stage.Workshop.Tool);
    }

    [FfmpegTheory]
    [InlineData("printf garbage; exec sed d", "makes no sense")]
    [InlineData("echo 'no such luck' >&2; exit 3", "ended with code 3: no such luck")]
    [InlineData("printf 'nut/multimedia container\\0NMNMNMNMNMNMNMNM'; exec sed d", "makes no sense")]
    public void A_converter_that_never_works_is_given_up_with_the_reason(string body, string reason)
    {
        using var fake = new FakeConverter(body);
        using var stage = new Stage(fake.Options);
        var track = stage.Publish(Tone.Value);
        var rendition = stage.Rendition("opus");
        var reader = stage.Read(rendition);
        stage.Append(track, Tone.Value.Take(20));

        var state = stage.WaitForState(rendition, s => s.State == RenditionState.Failed);

        Assert.StartsWith("given up after 6 deaths in a row", state.LastError, StringComparison.Ordinal);
        Assert.Contains(reason, state.LastError, StringComparison.Ordinal);
        Assert.Equal(6, state.Restarts);
        Assert.Equal(0, stage.Workshop.Children(MediaKind.Audio));
        Assert.False(track.IsWantedAtAll);

        // Who comes next is told, though nobody waits for it any more.
        reader.Dispose();
        stage.WaitForState(rendition, s => s.State == RenditionState.Idle);
        Assert.Contains(reason, rendition.Obstacle!(), StringComparison.Ordinal);
    }

    [FfmpegFact]
    public void A_child_that_takes_everything_and_gives_nothing_is_ended()
    {
        using var fake = new FakeConverter("exec sed d");
        using var stage = new Stage(fake.Options);
        var track = stage.Publish(Tone.Value);
        var rendition = stage.Rendition("opus");
        using var reader = stage.Read(rendition);
        stage.Append(track, Tone.Value.Take(94));

        var state = stage.WaitForState(rendition, s => s.Restarts > 0);

        Assert.Contains("gave nothing out", state.LastError, StringComparison.Ordinal);
    }

    [FfmpegFact]
    public void A_child_that_reads_nothing_holds_up_nobody_and_its_queue_is_bounded()
    {
        using var fake = new FakeConverter("exec sleep 1000");
        using var stage = new Stage(fake.Options);
        var track = stage.Publish(Tone.Value);
        var rendition = stage.Rendition("opus");
        using var reader = stage.Read(rendition);
        using var witness = stage.Read(track);
        stage.WaitForState(rendition, s => s.State == RenditionState.Running);

        stage.Append(track, Tone.Value);

        // Another consumer on the same thread sees every frame.
        witness.WaitForTime(Tone.Value[^1].DecodeTime);
    }

    [FfmpegFact]
    public void Where_all_places_are_taken_the_next_is_refused_by_name_and_comes_in_when_one_is_free()
    {
        using var stage = new Stage(new TranscodingOptions { MaxAudio = 1, Linger = TimeSpan.Zero });
        var first = stage.MakeTrack(MediaKind.Audio);
        var second = new Track(new TrackId(MediaKind.Audio, 1, ""), TrackResources.MakeSlab(1 << 24), PacketLogLimits.Audio) { Native = TrackFace.Frames };
        first.Frames.Describe(Tone.Value[0].Format);
        second.Frames.Describe(Tone.Value[0].Format);
        stage.Publish(first, second);
        var one = stage.Read(stage.Stream.Offered[0]);
        stage.WaitForState(stage.Stream.Offered[0], s => s.State == RenditionState.Running);
        Assert.Contains("Transcoding:MaxAudio", stage.Stream.Offered[1].Obstacle!(), StringComparison.Ordinal);
        Assert.Null(stage.Stream.Offered[0].Obstacle!());
        using var other = stage.Read(stage.Stream.Offered[1]);

        var refused = stage.WaitForState(stage.Stream.Offered[1], s => s.State == RenditionState.Refused);
        Assert.Contains("Transcoding:MaxAudio", refused.LastError, StringComparison.Ordinal);

        one.Dispose();
        var taken = stage.WaitForState(stage.Stream.Offered[1], s => s.State == RenditionState.Running);
        Assert.Null(taken.LastError);
        Assert.Null(stage.Stream.Offered[1].Obstacle!());
    }

    // kill -9 of the child that makes a rendition.
    private static int Kill(Stage stage, Track rendition)
    {
        using var child = Process.GetProcessById(stage.TranscoderOf(rendition).ProcessId);
        child.Kill();
        return child.Id;
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static int OpenFiles() => Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;

    private static int Threads()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
