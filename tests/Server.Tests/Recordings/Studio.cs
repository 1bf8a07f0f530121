using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Control.Live;
using Sluice.Control.Recordings;
using Sluice.Control.Tracks;
using Sluice.Outputs.Recordings;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;
using Sluice.Storage.Sqlite;

namespace Sluice.Server.Tests.Recordings;

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class StandingClock : TimeProvider
{
    private TimeSpan _passed;

    public static DateTimeOffset Start { get; } = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public Instant Now => Instant.Zero + _passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Move(TimeSpan span) => _passed += span;

    public override DateTimeOffset GetUtcNow() => Start + _passed;

    public override long GetTimestamp() => _passed.Ticks + 1;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Never();

    private sealed class Never : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}

/// <summary>A publisher that is nobody.</summary>
internal sealed class Nobody : IPublication
{
    public string Protocol => "test";

    public string Vendor => "";

    public TimeSpan RoundTrip => TimeSpan.Zero;

    public void Close(StreamEnd reason)
    {
    }
}

/// <summary>The tracks of footage, with their times moved as a publisher's clock would have them.</summary>
internal sealed class FootageStream
{
    private readonly Footage _footage;
    private readonly long[] _offsets;
    private int _next;
    private double _base;

    public FootageStream(string channelId, Footage footage, Slab slab, DateTimeOffset startedAt, long[]? offsets = null)
    {
        _footage = footage;
        _offsets = offsets ?? [.. footage.Formats.Select(f => 100L * f.ClockRate)];
        Tracks = [.. footage.Formats.Select((f, i) => new Track(
            new TrackId(f.Kind, 0, ""), slab, f.Kind == MediaKind.Video ? PacketLogLimits.Video : PacketLogLimits.Audio) { Native = TrackFace.Frames })];
        for (var i = 0; i < Tracks.Length; i++)
        {
            Tracks[i].Frames.Describe(footage.Formats[i]);
        }

        Live = new LiveStream(channelId, Tracks, new Nobody(), startedAt);
    }

    public Track[] Tracks { get; }

    public LiveStream Live { get; }

    /// <summary>Appends the next frame; starts over, with times that go on, at the footage's end. False where it is not to be looped and has ended.</summary>
    public bool TryAppend(StandingClock clock, bool loops)
    {
        if (_next == _footage.Frames.Length)
        {
            if (!loops) return false;
            _next = 0;
            _base += 4;
        }

        var frame = _footage.Frames[_next++];
        var format = _footage.Formats[frame.Track];
        var due = TimeSpan.FromSeconds(_base + _footage.Seconds(frame));
        if (Started is not { } started) Started = started = clock.Now;
        if (started + due > clock.Now) clock.Move(started + due - clock.Now);
        Tracks[frame.Track].Frames.Append(new Frame
        {
            Format = Change ?? format,
            DecodeTime = _offsets[frame.Track] + (long)(_base * format.ClockRate) + frame.DecodeTime,
            CompositionOffset = frame.CompositionOffset,
            Flags = frame.Flags,
            Payload = frame.Payload,
        }, clock.Now);
        return true;
    }

    public FrameFormat? Change { get; set; }

    private Instant? Started { get; set; }
}

/// <summary>Everything that records, on a clock and threads the test drives.</summary>
internal sealed class Studio : IDisposable
{
    public const string Channel = "stage";

    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly SqliteDatabase _database;

    public Studio(string? folder = null, Func<long>? free = null, string? root = null)
    {
        _ownsFolder = folder is null;
        _folder = folder ?? Directory.CreateTempSubdirectory("sluice-studio-").FullName;
        _database = SqliteDatabase.Open(Path.Combine(_folder, "sluice.db"));
        Store = new SqliteRecordingStore(_database);
        Library = new RecordingLibrary(Store, root ?? Path.Combine(_folder, "recordings"));
        Disk = new RecordingDisk(Library.Root, () => Options, Clock, NullLogger.Instance, free ?? (() => long.MaxValue));
        Finisher = new RecordingFinisher(Library, () => Options, Clock, NullLogger<RecordingFinisher>.Instance);
        Group = new ConsumerGroup(() => { });
        Output = new RecordingOutput(Channels, _ => Group, _ => ValueTask.FromResult(Wanted), Library, Disk, Finisher.Enqueue, NullLogger<RecordingOutput>.Instance);
        Files = new RecordingFiles(Library);
        Clips = new RecordingClips(Library, Finisher, Clock);
        Live = Channels.Open(Channel);
    }

    public RecordingOptions Options { get; set; } = new();

    public bool Wanted { get; set; } = true;

    public StandingClock Clock { get; } = new();

    public Slab Slab { get; } = new(TrackResources.PageSize, 1024);

    public LiveChannels Channels { get; } = new();

    public LiveChannel Live { get; }

    public SqliteRecordingStore Store { get; }

    public RecordingLibrary Library { get; }

    public RecordingDisk Disk { get; }

    public RecordingFinisher Finisher { get; }

    public RecordingOutput Output { get; }

    public RecordingFiles Files { get; }

    public RecordingClips Clips { get; }

    public ConsumerGroup Group { get; }

    public string Folder => _folder;

    public RecentRecordings Recent { get; } = new();

    /// <summary>Puts a stream of footage on, and a recorder on the channel.</summary>
    public FootageStream Publish(Footage footage, long[]? offsets = null, bool records = true)
    {
        var stream = new FootageStream(Channel, footage, Slab, Clock.GetUtcNow(), offsets);
        Live.Start(stream.Live);
        if (records && Recorder is null) Record();
        Group.Advance(Clock.Now);
        return stream;
    }

    public Recorder? Recorder { get; private set; }

    public void Record()
    {
        Recorder = new Recorder(Live, Library, Disk, Recent, Finisher.Enqueue, NullLogger.Instance);
        Recorder.Closed += r =>
        {
            Group.Remove(Live, r);
            Recorder = null;
        };
        Group.Add(Live, Recorder);
    }

    /// <summary>Lets so many seconds of a stream pass.</summary>
    public void Play(FootageStream stream, double seconds = 4, bool loops = false)
    {
        var end = Clock.Now + TimeSpan.FromSeconds(seconds);
        while (Clock.Now < end && stream.TryAppend(Clock, loops))
        {
            Live.WakeReaders();
            Group.Advance(Clock.Now);
        }
    }

    /// <summary>Ends a stream as a lost publisher does.</summary>
    public void End(FootageStream stream)
    {
        Live.End(stream.Live, StreamEnd.Lost);
        Group.Advance(Clock.Now);
    }

    /// <summary>Waits for what was written, finishes it, and gives the channel's recordings, the newest first.</summary>
    public async Task<IReadOnlyList<Recording>> DevelopAsync()
    {
        await Disk.SettleAsync();
        if (!_isStarted) Finisher.Start();
        _isStarted = true;
        await Finisher.SettleAsync();
        await Finisher.SettleAsync();
        return Library.List(Channel, null, 100);
    }

    private bool _isStarted;

    public string FileOf(Recording recording, int number = 1) => Library.FileOf(Channel, recording.Id, number);

    public void Dispose()
    {
        Finisher.Dispose();
        Disk.Dispose();
        _database.Dispose();
        if (_ownsFolder) Directory.Delete(_folder, recursive: true);
    }
}
