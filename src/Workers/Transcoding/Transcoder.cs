using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Workers.Transcoding;

/// <summary>
/// Makes one rendition while somebody wants it: reads the origin's frames, feeds them to a child process and starts another where one dies.
/// </summary>
/// <remarks>
/// Three threads meet here. The workshop's decides everything (<see cref="Tick"/>); the one that serves consumers reads frames and puts them into the outbox
/// (<see cref="Advance"/>), under a lock that only a start or a stop contends for; the child's tasks write and read its pipes.
/// Policy at the limits: a child that is more than two seconds behind is not fed until it has caught up, pictures then begin at a key picture; what was passed over is
/// counted. The log of the origin is the queue in front of a full outbox.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The cursor goes when reading stops.")]
internal sealed class Transcoder : IFrameConsumer
{
    private const int AudioOutbox = 256 * 1024;
    private const int VideoOutbox = 8 * 1024 * 1024;

    private const long MostBehind = 2_000_000;
    private const long CaughtUp = 500_000;
    private const int MostDeaths = 6;

    private static readonly TimeSpan HealthyAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan GivenUpFor = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FlushFor = TimeSpan.FromSeconds(1);

    // Nobody hears or sees this much at the beginning; decoders and encoders need it.
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(80);
    private static readonly TimeSpan LiveLead = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MostResumed = TimeSpan.FromSeconds(3);

    private readonly TranscodingWorkshop _workshop;
    private readonly LiveChannel _channel;
    private readonly Track _rendition;
    private readonly Track _origin;
    private readonly RenditionKind _kind;
    private readonly RenditionWriter _writer;

    // Under the lock: what is read and what is fed.
    private readonly Lock _feeding = new();
    private FrameCursor? _cursor;
    private PipeFeed? _feed;
    private bool _isSkipping;
    private long _trustedFrom;
    private long _skipped;

    // The workshop's thread only.
    private ConsumerGroup? _group;
    private ChildRun? _run;
    private Instant _unwantedAt = Instant.Never;
    private Instant _retryAt = Instant.Never;
    private Instant _killAt = Instant.Never;
    private TimeSpan _cpuBefore;
    private Instant _cpuAt;
    private int _deaths;
    private long _from;

    // Read by anybody.
    private volatile RenditionState _state;
    private long _givenUpUntil;
    private int _restarts;
    private int _processId;
    private double _cpu;
    private string? _lastError;
    private bool _isClosed;

    public Transcoder(TranscodingWorkshop workshop, LiveChannel channel, Track rendition, RenditionKind kind)
    {
        _workshop = workshop;
        _channel = channel;
        _rendition = rendition;
        _origin = rendition.Origin!;
        _kind = kind;
        _writer = new RenditionWriter(rendition, channel, kind, workshop.Clock);
    }

    public string ChannelId => _channel.ChannelId;

    private MediaKind Media => _rendition.Id.Kind;

    /// <summary>The child that runs; 0 where none does.</summary>
    public int ProcessId => Volatile.Read(ref _processId);

    /// <inheritdoc />
    public Instant NextTimeout => Instant.Never;

    /// <summary>Why it cannot be made now; null where it can. Any thread.</summary>
    public string? Obstacle => _state switch
    {
        RenditionState.Refused or RenditionState.Failed => Volatile.Read(ref _lastError),
        RenditionState.Idle => _workshop.Clock().Nanoseconds < Volatile.Read(ref _givenUpUntil) ? Volatile.Read(ref _lastError) : _workshop.Quota.WhyNot(Media),
        _ => null,
    };

    /// <summary>What is known of it. Any thread.</summary>
    public RenditionSnapshot Observe() => new(_rendition.Id, _rendition.Format!.Codec, _state, Volatile.Read(ref _restarts),
        _rendition.Frames.Count, Volatile.Read(ref _skipped), ProcessId == 0 ? 0 : Volatile.Read(ref _cpu), Volatile.Read(ref _lastError));

    /// <summary>The stream has ended: let the child finish and give everything back. Any thread.</summary>
    public void Close()
    {
        Volatile.Write(ref _isClosed, true);
        _workshop.Signal(this);
    }

    /// <inheritdoc />
    public void Advance(Instant now)
    {
        var isNew = false;
        lock (_feeding)
        {
            if (_cursor is null) return;
            while ((_feed is null || _feed.Outbox.HasRoom) && _cursor.TryTake(out var frame))
            {
                isNew |= Put(frame);
            }
        }

        if (isNew) _workshop.Signal(this);
    }

    /// <inheritdoc />
    public void Abandon(Exception failure)
    {
        Volatile.Write(ref _lastError, failure.Message);
        TranscodingLog.Abandoned(_workshop.Log, _channel.ChannelId, _rendition.Id, failure);
        Close();
    }

    /// <summary>Does what is due. Only the workshop's thread calls it.</summary>
    /// <returns>When to look again though nobody said so.</returns>
    public Instant Tick(Instant now)
    {
        if (_run is { HasEnded: true } ended) Conclude(ended, now);
        if (Volatile.Read(ref _isClosed)) return TickClosed(now);

        _writer.Settle();
        var isWanted = _rendition.IsWantedAtAll;
        if (isWanted) _unwantedAt = Instant.Never;
        else if (_unwantedAt == Instant.Never) _unwantedAt = now;

        if (!isWanted && (_group is null || now >= _unwantedAt + _workshop.Options.Linger)) return TickUnwanted(now);
        if (_group is null && !TryBegin(now)) return _retryAt;
        if (_cursor is null && now >= _retryAt) StartReading(resumes: true);
        if (_run is null) TryStart(now);
        else Supervise(_run, now);

        SetState(_cursor is null ? RenditionState.Restarting : isWanted ? RenditionState.Running : RenditionState.Lingering);
        var next = now + LookEvery;
        if (_cursor is null) next = Instant.Min(next, _retryAt);
        if (!isWanted) next = Instant.Min(next, _unwantedAt + _workshop.Options.Linger);
        return next;
    }

    private Instant TickClosed(Instant now)
    {
        Stop(now);
        SetState(RenditionState.Idle);
        if (_run is not null)
        {
            if (now >= _killAt) _run.Kill();
            return Instant.Min(_killAt, now + LookEvery);
        }

        _writer.Release();
        return Instant.Never;
    }

    private Instant TickUnwanted(Instant now)
    {
        Stop(now);
        SetState(RenditionState.Idle);
        _deaths = 0;
        _retryAt = Instant.Never;
        if (_run is null)
        {
            _writer.Clear();
            return Instant.Never;
        }

        if (now >= _killAt) _run.Kill();
        return Instant.Min(_killAt, now + LookEvery);
    }

    private bool TryBegin(Instant now)
    {
        if (_retryAt != Instant.Never && now < _retryAt) return false;
        if (!_workshop.Quota.TryEnter(Media, out var reason))
        {
            Volatile.Write(ref _lastError, reason);
            if (_state != RenditionState.Refused) TranscodingLog.Refused(_workshop.Log, _channel.ChannelId, _rendition.Id, reason!);
            SetState(RenditionState.Refused);
            _retryAt = now + AskAgain;
            return false;
        }

        if (_state == RenditionState.Refused) Volatile.Write(ref _lastError, null);
        _retryAt = now;
        StartReading(resumes: false);
        _group = _workshop.GroupOf(_channel);
        _group.Add(_channel, this);
        return true;
    }

    private void StartReading(bool resumes)
    {
        _writer.Rest();
        lock (_feeding)
        {
            _feed = null;
            _isSkipping = false;
            _cursor = new FrameCursor(_origin);
            if (Media == MediaKind.Audio) _cursor.SkipTo(StartPoint.Find(_channel.Stream, _origin, StartTime(resumes)));
        }

        _channel.WakeReaders();
    }

    private StartTime StartTime(bool resumes)
    {
        if (resumes && _writer.Last is { } last)
        {
            var inSource = (long)((Int128)last * (_origin.Frames.Format?.ClockRate ?? RenditionFormats.AudioRate) / RenditionFormats.ClockRateOf(_kind));
            return new StartTime(inSource, MostResumed, Lead);
        }

        // Whoever reads frames wants sound from where the picture begins; WebRTC shows what is now.
        return _rendition.IsWanted(TrackFace.Frames) ? new StartTime(null, null, Lead) : new StartTime(null, LiveLead, TimeSpan.Zero);
    }

    private void Stop(Instant now)
    {
        if (_group is null) return;
        _group.Remove(_channel, this);
        _group = null;
        lock (_feeding)
        {
            _feed?.Outbox.Complete();
            _feed = null;
            _cursor?.Dispose();
            _cursor = null;
        }

        _killAt = now + FlushFor;
        _workshop.Quota.Leave(Media);
    }

    // Under the lock. True where a child must be started.
    private bool Put(scoped in Frame frame)
    {
        var isNew = false;
        if (_feed is null || !ReferenceEquals(frame.Format, _feed.Format) && !frame.Format.Equals(_feed.Format))
        {
            if (!frame.IsKeyframe || !MatroskaWriter.CanWrite(frame.Format.Codec))
            {
                _skipped++;
                return false;
            }

            // The child of the format before finishes what it has, and another begins.
            _feed?.Outbox.Complete();
            _feed = new PipeFeed(frame.Format, frame.PresentationTime, RenditionFormats.ClockRateOf(_kind), Media == MediaKind.Audio ? AudioOutbox : VideoOutbox);
            _trustedFrom = 0;
            isNew = true;
        }

        var time = _feed.Clock.ToPipe(frame.PresentationTime);
        var made = _writer.Newest;
        var behind = made > 0 && made >= _trustedFrom ? _feed.Newest - made : 0;
        if (_isSkipping ? behind > CaughtUp || !frame.IsKeyframe : behind > MostBehind)
        {
            _isSkipping = true;
            _skipped++;
            return isNew;
        }

        // What follows a jump, and what waited for the child to start, counts as behind only when the child has reached it.
        if (_isSkipping || made == 0 || time > _feed.Newest + CaughtUp) _trustedFrom = time;
        _isSkipping = false;
        _feed.Put(frame);
        return isNew;
    }

    private void TryStart(Instant now)
    {
        PipeFeed? feed;
        lock (_feeding) feed = _feed;
        if (feed is null) return;
        try
        {
            var child = ChildProcess.Start(_workshop.Tool!, ArgumentsFor(feed));
            _run = new ChildRun(child, feed, _writer, now, () => _workshop.Signal(this));
            _cpuBefore = default;
            _cpuAt = now;
            _killAt = Instant.Never;
            Volatile.Write(ref _processId, child.Id);
            TranscodingLog.Started(_workshop.Log, _channel.ChannelId, _rendition.Id, child.Id);
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or InvalidOperationException)
        {
            Fall(failure.Message, now);
        }
    }

    private string[] ArgumentsFor(PipeFeed feed)
    {
        _from = PipeClock.Start;
        if (_kind != RenditionKind.PlainVideo) return FfmpegArguments.ForSound(_kind);

        // Pictures that came before anybody looked are only decoded; after a death it goes on where it stopped.
        _from = Math.Clamp(_writer.Last is { } last ? feed.Clock.ToPipe(last) + 1 : feed.Newest, 0, Math.Max(PipeClock.Start, feed.Newest));
        var bitrate = _origin.Statistics.Bitrate > 100_000 ? (long)(_origin.Statistics.Bitrate * 1.2) : 6_000_000;
        return FfmpegArguments.ForPictures(
            TimeSpan.FromMicroseconds(_from), Math.Clamp(bitrate, 500_000, 50_000_000),
            Math.Clamp(Environment.ProcessorCount / 2, 1, 4));
    }

    private void Supervise(ChildRun run, Instant now)
    {
        var cpuFor = now - _cpuAt;
        if (cpuFor >= TimeSpan.FromSeconds(1))
        {
            var cpu = run.CpuTime;
            Volatile.Write(ref _cpu, Math.Max(0, (cpu - _cpuBefore) / cpuFor));
            (_cpuBefore, _cpuAt) = (cpu, now);
        }

        if (run.Feed.Outbox.IsComplete)
        {
            // It has what it gets, and finishes.
            if (_killAt == Instant.Never) _killAt = now + FlushFor;
            if (now >= _killAt) run.Kill();
            return;
        }

        var lastMove = run.StartedAt > _writer.LastOutputAt ? run.StartedAt : _writer.LastOutputAt;
        if (now - lastMove > SilentFor && run.Feed.Newest > Math.Max(_writer.Newest, _from) + CaughtUp)
        {
            run.Kill(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"gave nothing out for {SilentFor.TotalSeconds:0} s"));
        }
        else if (now - run.StartedAt > HealthyAfter && _writer.LastOutputAt - run.StartedAt > HealthyAfter / 2)
        {
            _deaths = 0;
        }
    }

    private void Conclude(ChildRun run, Instant now)
    {
        _run = null;
        Volatile.Write(ref _processId, 0);
        TranscodingLog.Ended(_workshop.Log, _channel.ChannelId, _rendition.Id, run.ProcessId, run.Ending);
        if (run.EndedWell || _group is null) return;
        Fall(run.Ending, now);
    }

    // A child died, or could not be started.
    private void Fall(string reason, Instant now)
    {
        _deaths++;
        Volatile.Write(ref _lastError, reason);
        Interlocked.Increment(ref _restarts);
        _workshop.CountRestart();
        lock (_feeding)
        {
            _feed?.Outbox.Abort();
            _feed = null;
            _cursor?.Dispose();
            _cursor = null;
        }

        if (_deaths < MostDeaths)
        {
            // At once, then after 0.25, 0.5, 1, 2 seconds.
            _retryAt = _deaths == 1 ? now : now + TimeSpan.FromMilliseconds(125 << (_deaths - 1));
            TranscodingLog.Died(_workshop.Log, _channel.ChannelId, _rendition.Id, reason, _deaths);
            return;
        }

        Volatile.Write(ref _lastError, $"given up after {_deaths} deaths in a row, the last: {reason}");
        TranscodingLog.GivenUp(_workshop.Log, _channel.ChannelId, _rendition.Id, _deaths, reason);
        Stop(now);
        SetState(RenditionState.Failed);
        _deaths = 0;
        _retryAt = now + GivenUpFor;
        Volatile.Write(ref _givenUpUntil, _retryAt.Nanoseconds);
    }

    private void SetState(RenditionState state) => _state = state;
}
