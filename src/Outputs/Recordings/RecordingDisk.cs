using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.Outputs.Recordings;

/// <summary>
/// The thread that writes recordings, so that no thread with media to move waits for a disk. Jobs are done in the order they came. What waits is bounded by the
/// files (<see cref="PartFile"/>): one that is too slow drops pictures instead of growing.
/// </summary>
public sealed partial class RecordingDisk : IDisposable
{
    /// <summary>Bytes of all files together that may wait for the disk.</summary>
    internal const long MaxWaiting = 256L * 1024 * 1024;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<Action> _jobs = [];
    private readonly Func<long> _free;
    private readonly Func<RecordingOptions> _options;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private long _lookedAt;
    private long _waiting;
    private long _written;
    private long _faults;
    private long _gaps;
    private long _freeNow = -1;
    private volatile bool _hasRoom = true;

    /// <param name="root">The folder of all recordings.</param>
    /// <param name="options">The options now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="free">Bytes the disk has left; null asks the system.</param>
    public RecordingDisk(string root, Func<RecordingOptions> options, TimeProvider time, ILogger log, Func<long>? free = null)
    {
        Root = Path.GetFullPath(root);
        _options = options;
        _time = time;
        _log = log;
        _free = free ?? FreeOnSystem;
        _thread = new Thread(Run) { Name = "recordings", IsBackground = true };
        _thread.Start();
        Post(Look);
    }

    /// <summary>The folder of all recordings.</summary>
    public string Root { get; }

    /// <summary>The disk has more left than the reserve; looked at every second at most.</summary>
    public bool HasRoom
    {
        get
        {
            var now = _time.GetTimestamp();
            var before = Interlocked.Read(ref _lookedAt);
            if ((before == 0 || _time.GetElapsedTime(before, now) >= LookEvery) && Interlocked.CompareExchange(ref _lookedAt, now, before) == before) Post(Look);
            return _hasRoom;
        }
    }

    /// <summary>So little waits that another file may be begun.</summary>
    internal bool HasCaughtUp => Interlocked.Read(ref _waiting) < MaxWaiting / 2;

    /// <summary>Bytes of media written since the start.</summary>
    public long BytesWritten => Interlocked.Read(ref _written);

    /// <summary>Files that could not be written on.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>Fragments left out because too much waited.</summary>
    public long Gaps => Interlocked.Read(ref _gaps);

    /// <summary>Bytes the disk had left when it was last looked at; -1 before. Having asked makes it be looked at again.</summary>
    public long Free
    {
        get
        {
            _ = HasRoom;
            return Interlocked.Read(ref _freeNow);
        }
    }

    /// <summary>Bytes that recordings leave free.</summary>
    public long Reserve => _options().ReserveBytes;

    internal RecordingOptions Options => _options();

    internal TimeProvider Time => _time;

    /// <summary>Does a job behind all that were posted before. A job that throws is logged, and costs no other.</summary>
    public void Post(Action job)
    {
        if (!_jobs.IsAddingCompleted) _jobs.Add(job);
    }

    /// <summary>Ends when everything posted before has been done.</summary>
    public Task SettleAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_jobs.IsAddingCompleted) return Task.CompletedTask;
        _jobs.Add(done.SetResult);
        return done.Task;
    }

    /// <summary>Counts bytes that wait; false, and not counted, where too many do.</summary>
    internal bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _waiting, bytes) <= MaxWaiting) return true;
        Interlocked.Add(ref _waiting, -bytes);
        return false;
    }

    /// <summary>Bytes wait no longer.</summary>
    internal void Release(long bytes) => Interlocked.Add(ref _waiting, -bytes);

    internal void CountWritten(long bytes) => Interlocked.Add(ref _written, bytes);

    internal void CountFault() => Interlocked.Increment(ref _faults);

    internal void CountGap() => Interlocked.Increment(ref _gaps);

    /// <summary>Bytes above the reserve.</summary>
    internal long Room()
    {
        var free = _free();
        Interlocked.Exchange(ref _freeNow, free);
        var room = free - _options().ReserveBytes;
        _hasRoom = room > 0;
        return room;
    }

    /// <summary>Does what was posted, and ends the thread.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        if (_thread.IsAlive) _thread.Join();
    }

    private void Look() => Room();

    private long FreeOnSystem()
    {
        Directory.CreateDirectory(Root);
        return new DriveInfo(Root).AvailableFreeSpace;
    }

    private void Run()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
        {
            try
            {
                job();
            }
            catch (Exception failure)
            {
                LogFailed(failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A recording's file could not be dealt with")]
    private partial void LogFailed(Exception failure);
}
