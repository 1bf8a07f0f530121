using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Workers.Transcoding;

/// <summary>
/// Where renditions are made: one thread that starts, watches and ends the child processes of the node. Children are tied to that thread, so none outlives the
/// server.
/// </summary>
public sealed class TranscodingWorkshop : IDisposable
{
    private static readonly TimeSpan LoadEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(3);

    private readonly ConcurrentQueue<Transcoder> _signals = new();
    private readonly ConditionalWeakTable<Track, Transcoder> _transcoders = [];
    private readonly Dictionary<Transcoder, Instant> _active = [];
    private readonly List<Transcoder> _due = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly ProcessorLoad _load = new();
    private readonly Func<LiveChannel, ConsumerGroup> _groupOf;
    private readonly Thread _thread;
    private long _restarts;
    private int _isTold;
    private volatile bool _stops;

    /// <param name="options">How much, and with what.</param>
    /// <param name="groupOf">The thread a channel's consumers are served by.</param>
    /// <param name="clock">The node's monotonic clock.</param>
    /// <param name="log">Where starts, deaths and refusals are written.</param>
    public TranscodingWorkshop(TranscodingOptions options, Func<LiveChannel, ConsumerGroup> groupOf, Func<Instant> clock, ILogger<TranscodingWorkshop> log)
    {
        Options = options;
        Log = log;
        Clock = clock;
        Quota = new ChildQuota(options);
        _groupOf = groupOf;
        _thread = new Thread(Run) { Name = "transcoding", IsBackground = true };
    }

    public TranscodingOptions Options { get; }

    /// <summary>The converter; null before the start, and where there is none.</summary>
    public FfmpegTool? Tool { get; private set; }

    /// <summary>Children that died since the start.</summary>
    public long Restarts => Interlocked.Read(ref _restarts);

    internal ILogger Log { get; }

    internal Func<Instant> Clock { get; }

    internal ChildQuota Quota { get; }

    /// <summary>Places taken for a kind of media.</summary>
    public int Children(MediaKind kind) => Quota.Children(kind);

    /// <summary>Looks for the converter and begins. Blocks for a moment.</summary>
    public void Start()
    {
        if (!Options.IsEnabled) return;
        Tool = FfmpegTool.Probe(Options.FfmpegPath);
        if (Tool is null)
        {
            TranscodingLog.Missing(Log, Options.FfmpegPath);
            return;
        }

        TranscodingLog.Found(Log, Tool.Path, Tool.Version);
        _thread.Start();
    }

    /// <summary>Ends every child and waits for that.</summary>
    public void Stop()
    {
        _stops = true;
        Wake();
        if (_thread.IsAlive) _thread.Join();
    }

    /// <summary>The stream has ended: its renditions end with it.</summary>
    public void Close(LiveStream stream)
    {
        foreach (var track in stream.Offered)
        {
            if (_transcoders.TryGetValue(track, out var transcoder)) transcoder.Close();
        }
    }

    /// <summary>How the renditions of a stream stand.</summary>
    public IReadOnlyList<RenditionSnapshot> Observe(LiveStream stream)
    {
        var snapshots = new List<RenditionSnapshot>();
        foreach (var track in stream.Offered)
        {
            if (_transcoders.TryGetValue(track, out var transcoder)) snapshots.Add(transcoder.Observe());
        }

        return snapshots;
    }

    // The semaphore stays: who comes too late with news must not fail.
    public void Dispose() => Stop();

    /// <summary>Has a rendition made whenever it is wanted.</summary>
    internal void Attend(LiveChannel channel, Track rendition, RenditionKind kind)
    {
        var transcoder = new Transcoder(this, channel, rendition, kind);
        _transcoders.Add(rendition, transcoder);
        rendition.Obstacle = () => transcoder.Obstacle;
        rendition.WantChanged += _ => Signal(transcoder);
    }

    /// <summary>The one that makes a rendition.</summary>
    internal Transcoder? Find(Track rendition) => _transcoders.TryGetValue(rendition, out var transcoder) ? transcoder : null;

    internal ConsumerGroup GroupOf(LiveChannel channel) => _groupOf(channel);

    internal void CountRestart() => Interlocked.Increment(ref _restarts);

    /// <summary>Asks the thread to look at a transcoder. Any thread; returns at once.</summary>
    internal void Signal(Transcoder transcoder)
    {
        _signals.Enqueue(transcoder);
        Wake();
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _isTold, 1) == 0) _news.Release();
    }

    private void Run()
    {
        var loadAt = Clock();
        while (!_stops)
        {
            var now = Clock();
            if (now >= loadAt)
            {
                Quota.Load = _load.Measure();
                loadAt = now + LoadEvery;
            }

            var next = Instant.Min(TickAll(now), loadAt);
            var wait = next - Clock();
            if (wait > TimeSpan.Zero) _news.Wait(wait);
            Interlocked.Exchange(ref _isTold, 0);
        }

        End();
    }

    private Instant TickAll(Instant now)
    {
        while (_signals.TryDequeue(out var signalled))
        {
            _active[signalled] = now;
        }

        _due.Clear();
        foreach (var (transcoder, at) in _active)
        {
            if (at <= now) _due.Add(transcoder);
        }

        foreach (var transcoder in _due)
        {
            var at = Tick(transcoder, now);
            if (at == Instant.Never) _active.Remove(transcoder);
            else _active[transcoder] = at;
        }

        var next = Instant.Never;
        foreach (var at in _active.Values)
        {
            next = Instant.Min(next, at);
        }

        return next;
    }

    private Instant Tick(Transcoder transcoder, Instant now)
    {
        try
        {
            return transcoder.Tick(now);
        }
        catch (Exception failure)
        {
            TranscodingLog.Failed(Log, transcoder.ChannelId, failure);
            transcoder.Close();
            return Instant.Never;
        }
    }

    private void End()
    {
        foreach (var transcoder in _active.Keys)
        {
            transcoder.Close();
        }

        var until = Clock() + EndWithin;
        while (_active.Count > 0 && Clock() < until)
        {
            var next = Instant.Min(TickAll(Clock()), until);
            var wait = next - Clock();
            if (_active.Count > 0 && wait > TimeSpan.Zero) _news.Wait(wait);
            Interlocked.Exchange(ref _isTold, 0);
        }
    }
}
