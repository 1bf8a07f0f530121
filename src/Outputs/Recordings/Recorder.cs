using Microsoft.Extensions.Logging;
using Sluice.Control.Live;
using Sluice.Control.Recordings;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Recordings;

/// <summary>Records what is live on one channel, stream after stream, until it is stopped or the channel falls silent. Its thread is the consumer group's.</summary>
public sealed partial class Recorder : IFrameConsumer
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly LiveChannel _channel;
    private readonly RecordingLibrary _library;
    private readonly RecordingDisk _disk;
    private readonly RecentRecordings _recent;
    private readonly Action<string> _whenWritten;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RecordingSession? _session;
    private RecordingLedger? _ledger;
    private volatile bool _isToStop;
    private volatile bool _isClosed;

    internal Recorder(LiveChannel channel, RecordingLibrary library, RecordingDisk disk, RecentRecordings recent, Action<string> whenWritten, ILogger log)
    {
        _channel = channel;
        _library = library;
        _disk = disk;
        _recent = recent;
        _whenWritten = whenWritten;
        _log = log;
    }

    /// <summary>Raised once, on the group's thread: it will do nothing more and wants to be taken out of the group.</summary>
    public event Action<Recorder>? Closed;

    public LiveChannel Channel => _channel;

    /// <summary>Ends when it has closed.</summary>
    public Task Ended => _ended.Task;

    /// <inheritdoc />
    public Instant NextTimeout { get; private set; }

    /// <summary>Asks it to close what it writes. Any thread.</summary>
    public void Stop()
    {
        _isToStop = true;
        _channel.WakeReaders();
    }

    /// <inheritdoc />
    public void Advance(Instant now)
    {
        if (_isClosed) return;
        NextTimeout = now + LookEvery;
        var stream = _channel.Stream;
        if (_session is { } session)
        {
            session.Advance(now);
            if (_isToStop || !ReferenceEquals(session.Stream, stream)) EndSession();
        }

        if (_isToStop || stream is null)
        {
            Close();
            return;
        }

        if (_session is not null) return;
        Begin(stream);
        _session!.Advance(now);
    }

    /// <inheritdoc />
    public void Abandon(Exception failure)
    {
        LogFailed(failure, _channel.ChannelId);
        _ledger?.Pause(RecordingReasons.Internal);
        try
        {
            EndSession();
        }
        catch (Exception second)
        {
            LogFailed(second, _channel.ChannelId);
        }

        Close();
    }

    private void Begin(LiveStream stream)
    {
        var now = _disk.Time.GetUtcNow();
        var before = _recent.Take(_channel.ChannelId, now - _disk.Options.ReconnectWindow);
        var recording = before?.Recording ?? new Recording(RecordingId.New(now), _channel.ChannelId, now);
        _ledger = new RecordingLedger(_library, _disk, recording, before is null, before?.Parts ?? 0, _whenWritten);
        _session = new RecordingSession(stream, _disk, _ledger, _log);
        LogBegun(_channel.ChannelId, recording.Id);
    }

    private void EndSession()
    {
        var (session, ledger) = (_session, _ledger);
        _session = null;
        _ledger = null;
        if (session is null || ledger is null) return;
        try
        {
            session.End();
        }
        finally
        {
            ledger.End();
        }

        // Who stops by hand means it; only an absence is gone on with.
        if (!_isToStop) _recent.Put(_channel.ChannelId, new RecentRecording(ledger.Recording, ledger.Parts, _disk.Time.GetUtcNow()));
        LogEnded(_channel.ChannelId, ledger.Recording.Id, ledger.Parts);
    }

    private void Close()
    {
        if (_isClosed) return;
        _isClosed = true;
        NextTimeout = Instant.Never;
        Closed?.Invoke(this);
        _ended.SetResult();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Recording {Channel}: {Recording}")]
    private partial void LogBegun(string channel, string recording);

    [LoggerMessage(Level = LogLevel.Information, Message = "Recording of {Channel} ended: {Recording}, {Parts} files")]
    private partial void LogEnded(string channel, string recording, int parts);

    [LoggerMessage(Level = LogLevel.Error, Message = "The recorder of {Channel} failed")]
    private partial void LogFailed(Exception failure, string channel);
}
