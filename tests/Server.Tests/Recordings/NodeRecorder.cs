using Microsoft.Extensions.DependencyInjection;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Outputs.Recordings;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Server.Tests.Recordings;

/// <summary>Lets streams of footage be recorded on a whole node.</summary>
internal sealed class NodeRecorder(RunningNode node)
{
    public void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(10)), string.Join("\n", node.Log.Text.Split((char)10).Where(l => l.Contains("Sluice.Outputs", StringComparison.Ordinal))));

    public Task<Sluice.Control.Recordings.Recording> FinishedOnce()
    {
        var done = new TaskCompletionSource<Sluice.Control.Recordings.Recording>(TaskCreationOptions.RunContinuationsAsynchronously);
        Get<RecordingFinisher>().Finished += r => done.TrySetResult(r);
        return done.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public FootageStream Publish(string channelId, string codecs, out LiveChannel channel)
    {
        channel = Get<LiveChannels>().Open(channelId);
        var stream = new FootageStream(channelId, Footage.Of(codecs), Get<TrackResources>().Slab, DateTimeOffset.UtcNow);
        channel.Start(stream.Live);
        return stream;
    }

    // The recorder begins at the newest key picture there is when it first looks: it must have looked before the rest comes.
    public void Play(FootageStream stream, LiveChannel channel)
    {
        var clock = new StandingClock();
        clock.Move(MonotonicClock.Now - Instant.Zero);
        stream.TryAppend(clock, loops: false);
        stream.TryAppend(clock, loops: false);
        channel.WakeReaders();
        Until(() => Get<RecordingLibrary>().FindRunning(channel.ChannelId)?.Parts.Count == 1);
        while (stream.TryAppend(clock, loops: false)) channel.WakeReaders();
    }

    public async Task<string> RecordAsync(string channelId, string codecs)
    {
        var finished = FinishedOnce();
        var stream = Publish(channelId, codecs, out var channel);
        Until(() => Get<RecordingOutput>().IsRecording(channelId));
        Play(stream, channel);
        Until(() => Get<RecordingLibrary>().FindRunning(channelId) is { } running && running.Duration > TimeSpan.FromSeconds(2));
        channel.End(stream.Live, StreamEnd.Stopped);
        return (await finished).Id;
    }

    private T Get<T>()
        where T : notnull => node.Host.App.Services.GetRequiredService<T>();
}
