using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sluice.Control.Recordings;

namespace Sluice.Outputs.Recordings;

/// <summary>
/// The work on recordings that nobody waits for, on one thread of low priority, one job at a time: files left by a crash are put right, written parts are made
/// plain files, old ones are deleted. Waiting jobs are bounded by the recordings there are: each waits once.
/// </summary>
public sealed partial class RecordingFinisher : IDisposable
{
    private static readonly TimeSpan TidyEvery = TimeSpan.FromMinutes(1);

    private readonly RecordingLibrary _library;
    private readonly Func<RecordingOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly BlockingCollection<Job> _jobs = [];
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stop = new();
    private ITimer? _tidying;

    /// <param name="library">The recordings.</param>
    /// <param name="options">The options now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public RecordingFinisher(RecordingLibrary library, Func<RecordingOptions> options, TimeProvider time, ILogger<RecordingFinisher> log)
    {
        _library = library;
        _options = options;
        _time = time;
        _log = log;
        _thread = new Thread(Run) { Name = "finishing", IsBackground = true, Priority = ThreadPriority.Lowest };
    }

    /// <summary>Raised when a recording has become ready, on the finisher's thread.</summary>
    public event Action<Recording>? Finished;

    /// <summary>Raised when parts of a recording have been finished, on the finisher's thread.</summary>
    public event Action<Recording>? PartsFinished;

    /// <summary>Puts right what the last run left, then does what is asked for.</summary>
    public void Start()
    {
        Enqueue("recovery", Recover);
        _thread.Start();
        _tidying = _time.CreateTimer(_ => Tidy(), null, TidyEvery, TidyEvery);
    }

    /// <summary>Finishes what a recording has written. Any thread.</summary>
    public void Enqueue(string recordingId) => Enqueue(recordingId, () => Finish(recordingId));

    /// <summary>Deletes what is too old or too much. Any thread.</summary>
    public void Tidy() => Enqueue("retention", () => RecordingRetention.Apply(_library, _options(), _time.GetUtcNow()));

    /// <summary>Does something behind what waits; nothing where a job of the same name waits already. Any thread.</summary>
    public void Enqueue(string name, Action job)
    {
        if (!_waiting.TryAdd(name, true)) return;
        try
        {
            _jobs.Add(new Job(name, job));
        }
        catch (InvalidOperationException)
        {
            // Stopped: the next start finds what is left to do.
        }
    }

    /// <summary>Ends when what was asked for before has been done.</summary>
    public Task SettleAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue($"settle {Guid.NewGuid()}", done.SetResult);
        return done.Task;
    }

    /// <summary>Ends the thread when the job at hand is done; the next start goes on.</summary>
    public void Dispose()
    {
        _tidying?.Dispose();
        _stop.Cancel();
        _jobs.CompleteAdding();
        if (_thread.IsAlive) _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            foreach (var job in _jobs.GetConsumingEnumerable(_stop.Token))
            {
                _waiting.TryRemove(job.Name, out _);
                try
                {
                    job.Do();
                }
                catch (Exception failure)
                {
                    LogFailed(failure, job.Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    private void Finish(string id)
    {
        if (_library.Store.Find(id) is not { } recording) return;
        foreach (var part in recording.Parts)
        {
            if (part.State != PartState.Written) continue;
            var finished = PartFinisher.Finish(_library.FileOf(recording.ChannelId, id, part.Number), part);
            _library.Store.Put(id, finished);
        }

        if (_library.Find(id) is { } after && after.Parts.Any(p => p.State == PartState.Finished)) PartsFinished?.Invoke(after);
        if (_library.IsRunning(id) || _library.Store.Find(id) is not { State: RecordingState.Finishing } now) return;
        if (now.Parts.Any(p => p.State is PartState.Writing or PartState.Written)) return;
        var isGood = now.Parts.Any(p => p.State == PartState.Finished);
        now = now with { State = isGood ? RecordingState.Ready : RecordingState.Failed, Reason = isGood || now.Reason.Length > 0 ? now.Reason : RecordingReasons.Empty };
        _library.Store.Update(now);
        LogFinished(now.ChannelId, id, now.State);
        Finished?.Invoke(now);
    }

    private void Recover()
    {
        foreach (var recording in _library.Store.InState(RecordingState.Recording))
        {
            if (_library.IsRunning(recording.Id)) continue;
            foreach (var part in recording.Parts.Where(p => p.State == PartState.Writing))
            {
                _library.Store.Put(recording.Id, PartFinisher.Recover(_library.FileOf(recording.ChannelId, recording.Id, part.Number), part));
            }

            var now = _library.Store.Find(recording.Id) ?? recording;
            _library.Store.Update(recording with { State = RecordingState.Finishing, EndedAt = now.StartedAt + now.Duration });
            LogRecovered(recording.ChannelId, recording.Id);
        }

        Adopt();
        foreach (var recording in _library.Store.InState(RecordingState.Finishing))
        {
            // A clip that was not cut to its end.
            foreach (var part in recording.Parts.Where(p => p.State == PartState.Writing))
            {
                _library.Store.Put(recording.Id, part with { State = PartState.Failed });
            }

            Enqueue(recording.Id);
        }
    }

    // A power cut may cost the database its last rows, but not the files they spoke of.
    private void Adopt()
    {
        if (!Directory.Exists(_library.Root)) return;
        foreach (var channel in Directory.GetDirectories(_library.Root).Select(Path.GetFileName))
        {
            if (!Control.Channels.ChannelId.IsValid(channel)) continue;
            foreach (var id in Directory.GetDirectories(Path.Combine(_library.Root, channel!)).Select(Path.GetFileName))
            {
                if (RecordingId.IsValid(id) && !_library.IsRunning(id!)) Adopt(channel!, id!);
            }
        }
    }

    private void Adopt(string channelId, string id)
    {
        var recording = _library.Store.Find(id);
        var known = recording?.Parts.Select(p => p.Number).ToHashSet() ?? [];
        var found = new List<RecordingPart>();
        foreach (var path in Directory.GetFiles(_library.FolderOf(channelId, id), "*" + RecordingLibrary.UnfinishedExtension))
        {
            File.Delete(path);
        }

        foreach (var path in Directory.GetFiles(_library.FolderOf(channelId, id), "*.mp4"))
        {
            if (!int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || known.Contains(number) || path != _library.FileOf(channelId, id, number)) continue;
            var part = PartFinisher.Recover(path, new RecordingPart(number, File.GetCreationTimeUtc(path)));
            if (part.State != PartState.Failed) found.Add(part);
        }

        if (found.Count == 0) return;
        if (recording is null)
        {
            var startedAt = found.Min(p => p.StartedAt);
            recording = new Recording(id, channelId, startedAt);
            _library.Store.Add(recording with { State = RecordingState.Finishing, EndedAt = startedAt + TimeSpan.FromTicks(found.Sum(p => p.Duration.Ticks)) });
        }
        else
        {
            _library.Store.Update(recording with { State = RecordingState.Finishing });
        }

        foreach (var part in found)
        {
            _library.Store.Put(id, part);
        }

        LogRecovered(channelId, id);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Recording {Recording} of {Channel} is {State}")]
    private partial void LogFinished(string channel, string recording, RecordingState state);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Recording {Recording} of {Channel} was left by a node that died; what is whole of it is kept")]
    private partial void LogRecovered(string channel, string recording);

    [LoggerMessage(Level = LogLevel.Error, Message = "Work on recordings failed: {Job}")]
    private partial void LogFailed(Exception failure, string job);

    private sealed record Job(string Name, Action Do);
}
