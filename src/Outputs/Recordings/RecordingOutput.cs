using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sluice.Control.Live;

namespace Sluice.Outputs.Recordings;

/// <summary>What a hand's wish to record or not came to.</summary>
public enum RecordingAnswer
{
    /// <summary>It is done, or will be with the next frame.</summary>
    Done,

    /// <summary>Nobody streams on the channel.</summary>
    NotLive,
}

/// <summary>Puts recorders on the channels that are to be recorded, and takes them off. Any thread.</summary>
public sealed partial class RecordingOutput : IAsyncDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(4);

    private readonly LiveChannels _channels;
    private readonly Func<LiveChannel, ConsumerGroup> _groupOf;
    private readonly Func<string, ValueTask<bool>> _isWanted;
    private readonly RecordingLibrary _library;
    private readonly RecordingDisk _disk;
    private readonly Action<string> _whenWritten;
    private readonly ILogger _log;
    private readonly RecentRecordings _recent = new();
    private readonly ConcurrentDictionary<string, Recorder> _recorders = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ByHand> _byHand = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _seen = new(StringComparer.Ordinal);
    private readonly Channel<LiveChannel> _news = System.Threading.Channels.Channel.CreateUnbounded<LiveChannel>(new() { SingleReader = true });
    private Task _following = Task.CompletedTask;
    private volatile bool _stops;

    /// <param name="channels">What is live.</param>
    /// <param name="groupOf">The threads that serve a channel's consumers.</param>
    /// <param name="isWanted">Whether a channel is to be recorded, by its settings.</param>
    /// <param name="library">Where recordings are listed.</param>
    /// <param name="disk">What writes them.</param>
    /// <param name="whenWritten">Told a recording's id when something of it can be finished.</param>
    /// <param name="log">The log.</param>
    public RecordingOutput(LiveChannels channels, Func<LiveChannel, ConsumerGroup> groupOf, Func<string, ValueTask<bool>> isWanted,
        RecordingLibrary library, RecordingDisk disk, Action<string> whenWritten, ILogger<RecordingOutput> log)
    {
        _channels = channels;
        _groupOf = groupOf;
        _isWanted = isWanted;
        _library = library;
        _disk = disk;
        _whenWritten = whenWritten;
        _log = log;
    }

    /// <summary>Follows what is live from now on.</summary>
    public void Start()
    {
        _channels.Changed += Follow;
        _following = Task.Run(FollowAsync);
        foreach (var channel in _channels.All())
        {
            Follow(channel);
        }
    }

    /// <summary>Looks again whether a channel is to be recorded: its settings changed.</summary>
    public void Reconsider(string channelId)
    {
        if (_channels.Find(channelId) is { } channel) _news.Writer.TryWrite(channel);
    }

    /// <summary>Records the stream that is on, or stops doing so, whatever the settings say.</summary>
    public RecordingAnswer Switch(string channelId, bool on)
    {
        if (_channels.Find(channelId) is not { Stream: { } stream } channel) return RecordingAnswer.NotLive;
        _byHand[channelId] = new ByHand(stream.Id, on);
        _news.Writer.TryWrite(channel);
        return RecordingAnswer.Done;
    }

    /// <summary>Channels that are recorded now.</summary>
    public int Count => _recorders.Count;

    /// <summary>True while a channel's stream is recorded.</summary>
    public bool IsRecording(string channelId) => _recorders.ContainsKey(channelId);

    /// <summary>A recording was deleted: nothing goes on with it.</summary>
    public void Forget(string recordingId) => _recent.Forget(recordingId);

    /// <summary>A channel is gone: one of the same name goes on with nothing of it.</summary>
    public void ForgetChannel(string channelId)
    {
        _recent.Take(channelId, DateTimeOffset.MaxValue);
        _byHand.TryRemove(channelId, out _);
    }

    /// <summary>Closes every recording. The threads of the consumers must still run.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stops) return;
        _stops = true;
        _channels.Changed -= Follow;
        _news.Writer.TryComplete();
        await _following;
        foreach (var recorder in _recorders.Values)
        {
            recorder.Stop();
        }

        try
        {
            while (_recorders.Values.FirstOrDefault() is { } last)
            {
                await last.Ended.WaitAsync(StopWithin);
            }

            await _disk.SettleAsync().WaitAsync(StopWithin);
        }
        catch (TimeoutException)
        {
            // The next start puts right what this one leaves, as after a crash.
            LogNotClosed(_recorders.Count);
        }
    }

    private void Follow(LiveChannel channel)
    {
        // Viewers come and go far more often than streams do.
        var version = channel.Version;
        if (_seen.TryGetValue(channel.ChannelId, out var seen) && seen == version) return;
        _seen[channel.ChannelId] = version;
        _news.Writer.TryWrite(channel);
    }

    private async Task FollowAsync()
    {
        await foreach (var channel in _news.Reader.ReadAllAsync())
        {
            try
            {
                await ConsiderAsync(channel);
            }
            catch (Exception failure)
            {
                LogNotConsidered(failure, channel.ChannelId);
            }
        }
    }

    private async Task ConsiderAsync(LiveChannel channel)
    {
        var recorder = _recorders.GetValueOrDefault(channel.ChannelId);
        if (channel.Stream is not { } stream)
        {
            // The recorder sees the end by itself; the wish of a hand outlives a short absence only with the recorder.
            if (_channels.Find(channel.ChannelId) is null) _seen.TryRemove(channel.ChannelId, out _);
            return;
        }

        if (await IsToRecordAsync(channel.ChannelId, stream))
        {
            if (recorder is null && !_stops) Add(channel);
        }
        else
        {
            recorder?.Stop();
        }
    }

    private async ValueTask<bool> IsToRecordAsync(string channelId, LiveStream stream)
    {
        if (_byHand.TryGetValue(channelId, out var byHand))
        {
            if (byHand.StreamId == stream.Id) return byHand.On;

            // The publisher is back: what was wished for the stream before holds for as long as its recording may be gone on with.
            if (byHand.On && (_recorders.ContainsKey(channelId) || _recent.Has(channelId, _disk.Time.GetUtcNow() - _disk.Options.ReconnectWindow)))
            {
                _byHand[channelId] = byHand with { StreamId = stream.Id };
                return true;
            }

            _byHand.TryRemove(channelId, out _);
        }

        return await _isWanted(channelId);
    }

    private void Add(LiveChannel channel)
    {
        var recorder = new Recorder(channel, _library, _disk, _recent, _whenWritten, _log);
        recorder.Closed += Remove;
        _recorders[channel.ChannelId] = recorder;
        _groupOf(channel).Add(channel, recorder);
    }

    private void Remove(Recorder recorder)
    {
        _groupOf(recorder.Channel).Remove(recorder.Channel, recorder);
        _recorders.TryRemove(new(recorder.Channel.ChannelId, recorder));

        // A stream may have come while the recorder thought there was none.
        if (recorder.Channel.Stream is not null) _news.Writer.TryWrite(recorder.Channel);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Whether {Channel} is to be recorded could not be found out")]
    private partial void LogNotConsidered(Exception failure, string channel);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} recordings could not be closed in time; they are put right at the next start")]
    private partial void LogNotClosed(int count);

    private sealed record ByHand(Guid StreamId, bool On);
}
