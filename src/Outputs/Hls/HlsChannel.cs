using System.Collections.Concurrent;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>
/// The packager of one channel: reads the tracks of whatever stream is on and makes renditions of them, which outlive the stream. Its consumers' thread writes; HTTP
/// threads read and wait.
/// </summary>
public sealed partial class HlsChannel : IFrameConsumer
{
    private const int FramesAtATime = 256;
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PictureWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Attention = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Headroom = TimeSpan.FromMinutes(10);

    private readonly HlsOutput _output;
    private readonly HlsSettings _settings;
    private readonly HlsDisk _disk;
    private readonly WallClock _clock;
    private readonly MediaNames _names;
    private readonly MediaNames _textNames;
    private readonly string _folder;
    private readonly HlsKeys? _keys;
    private readonly HlsWait _changes;

    // Held while the consumers' thread works; whoever closes the channel waits for a call to end.
    private readonly Lock _work = new();
    private readonly List<HlsFeed> _feeds = [];
    private readonly ConcurrentDictionary<string, HlsRendition> _byName = new(StringComparer.Ordinal);
    private HlsRendition[] _renditions = [];
    private LiveStream? _stream;
    private HlsFeed? _leader;
    private NtpTime _zero;
    private int _discontinuities = -1;
    private Instant _streamAt;
    private Instant _endedAt = Instant.Never;
    private Instant _progressAt;
    private Instant _tickAt;
    private Instant _now;
    private long _keyframeAsked = -1;
    private bool _isClosed;

    internal HlsChannel(HlsOutput output, LiveChannel live, HlsSettings settings, HlsDisk disk, WallClock clock, string tag, Instant now)
    {
        _output = output;
        _changes = new HlsWait(output.Crew);
        Live = live;
        _settings = settings;
        _disk = disk;
        _clock = clock;
        _names = new MediaNames(tag);
        _textNames = new MediaNames(tag, isText: true);
        _folder = disk.FolderOf(live.ChannelId, tag);
        _keys = settings.SegmentsPerKey > 0 ? new HlsKeys(settings.SegmentsPerKey, settings.EncryptsSamples) : null;
        _zero = clock.ToNtp(now) + -Headroom;
        AskedAt = now;
    }

    public LiveChannel Live { get; }

    public string ChannelId => Live.ChannelId;

    /// <summary>The stream is over and its publisher has not come back in time.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Gone: look for the channel again.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <inheritdoc />
    public Instant NextTimeout => IsClosed ? Instant.Never : _tickAt;

    /// <summary>The renditions that can be had, pictures first.</summary>
    public IReadOnlyList<HlsRendition> Renditions => Volatile.Read(ref _renditions);

    /// <summary>When anything was asked for last.</summary>
    internal Instant AskedAt { get; private set; }

    /// <summary>Grows when those who wait for something to play are told that it has not come.</summary>
    public int Releases { get; private set; }

    /// <summary>Notes that somebody looks at the channel.</summary>
    public void Look(Instant now) => AskedAt = now;

    /// <summary>What all playlists promise, in seconds.</summary>
    internal int TargetDuration
    {
        get
        {
            var target = 1;
            foreach (var rendition in Renditions)
            {
                target = Math.Max(target, rendition.Window.TargetDuration > 0 ? rendition.Window.TargetDuration : rendition.Window.ExpectedTarget);
            }

            return target;
        }
    }

    /// <summary>Completes when renditions have come or gone, or one has become playable.</summary>
    public Task Changes => _changes.Next;

    /// <summary>There is something to play in every rendition that the publisher sends.</summary>
    public bool IsReady
    {
        get
        {
            var hasAny = false;
            foreach (var rendition in Renditions)
            {
                if (rendition.IsOnDemand || rendition.Kind is null) continue;
                if (rendition.IsReady) hasAny = true;
                else if (!rendition.IsSilent) return false;
            }

            return hasAny;
        }
    }

    public HlsRendition? Find(ReadOnlySpan<char> name) => _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var rendition) ? rendition : null;

    /// <inheritdoc />
    public void Advance(Instant now)
    {
        lock (_work)
        {
            if (!IsClosed) Work(now);
        }
    }

    private void Work(Instant now)
    {
        _now = now;
        FollowOffer();
        var stream = Live.Stream;
        Drain(now);
        if (!ReferenceEquals(stream, _stream))
        {
            if (_stream is not null) EndStream(now);
            if (stream is not null) BeginStream(stream, now);
            Drain(now);
        }

        if (now >= _tickAt)
        {
            _tickAt = now + TickInterval;
            Tick(now);
        }
    }

    /// <inheritdoc />
    public void Abandon(Exception failure) => _output.Lose(this, failure);

    /// <summary>Lets go of everything; whoever waits is told.</summary>
    internal void Close()
    {
        if (Interlocked.Exchange(ref _isClosed, true)) return;
        lock (_work)
        {
            foreach (var feed in _feeds) feed.Dispose();
            _feeds.Clear();
            _leader = null;
        }

        ReleaseAll();
        DismissAll();
        _disk.DeleteFolder(_folder);
    }

    /// <summary>How far the renditions beside one are.</summary>
    internal RenditionReport[] ReportsBeside(HlsRendition one, string file)
    {
        var reports = new List<RenditionReport>();
        foreach (var other in Renditions)
        {
            if (!ReferenceEquals(one, other) && other.TryReport(out var sequence, out var part))
                reports.Add(new RenditionReport($"../{other.Name}/{file}", sequence, part));
        }

        return [.. reports];
    }

    private void ReleaseAll()
    {
        Releases++;
        foreach (var rendition in Renditions) rendition.ReleaseAll();
        _changes.Release();
    }

    private void BeginStream(LiveStream stream, Instant now)
    {
        _stream = stream;
        _notesTaken = 0;
        _cuesTaken = 0;
        _streamAt = now;
        _progressAt = now;
        _endedAt = Instant.Never;
        IsOver = false;
        _discontinuities++;
        var wanted = new List<HlsRendition>();
        foreach (var track in stream.Tracks.OrderByDescending(t => t.Id.Kind == MediaKind.Video).ThenBy(t => t.Id.Number))
        {
            var rendition = RenditionOf(track, isOnDemand: false);
            wanted.Add(rendition);
            _feeds.Add(new HlsFeed(track, rendition, _clock));
        }

        foreach (var track in stream.Offered)
        {
            if (HlsOffers.IsOfUse(stream, track)) wanted.Add(RenditionOf(track, isOnDemand: true));
        }

        wanted.AddRange(_subtitles.Select(s => s.Rendition));
        foreach (var old in Renditions)
        {
            if (wanted.Contains(old)) continue;
            _byName.TryRemove(old.Name, out _);
            old.End();
        }

        Volatile.Write(ref _renditions, [.. wanted]);
        foreach (var rendition in wanted)
        {
            _byName[rendition.Name] = rendition;
            lock (rendition.Gate) rendition.Segmenter.Continue(_discontinuities);
        }

        Lead(_feeds.Count > 0 ? _feeds[0] : null);
        _changes.Release();
    }

    private HlsRendition RenditionOf(Track track, bool isOnDemand)
    {
        var name = track.Id.ToString();
        if (_byName.TryGetValue(name, out var known) && known.IsOnDemand == isOnDemand) return known;
        return MakeRendition(name, track.Id.Kind, isOnDemand ? track : null);
    }

    private HlsRendition MakeRendition(string name, MediaKind? kind, Track? offered, string language = "")
    {
        var sequence = 0L;
        foreach (var other in Renditions) sequence = Math.Max(sequence, other.Window.NextSequence);
        return new HlsRendition(name, kind, kind is null ? _textNames : _names, _settings, _keys, _output.Crew, sequence, Math.Max(0, _discontinuities)) { Offered = offered, Language = language };
    }

    private void Lead(HlsFeed? feed)
    {
        _leader = feed;
        foreach (var rendition in Renditions) rendition.Segmenter.Leads = ReferenceEquals(rendition, feed?.Rendition);
        foreach (var subtitles in _subtitles) subtitles.Follow(feed, isNext: true);
    }

    private void EndStream(Instant now)
    {
        foreach (var feed in _feeds)
        {
            SegmentChange change;
            lock (feed.Rendition.Gate) change = feed.Rendition.Segmenter.Finish();
            Publish(feed.Rendition, change);
            feed.Dispose();
        }

        AdvanceSubtitles();
        _feeds.Clear();
        _stream = null;
        _leader = null;
        _endedAt = now;
    }

    // Leader first, so that the others know where to cut.
    private void Drain(Instant now)
    {
        if (_leader is not { } leader) return;
        TakeNotes();
        TakeCues();
        Take(leader, now);
        AdvanceSubtitles();
        if (!leader.Rendition.Segmenter.IsOpen) return;
        for (var i = 0; i < _feeds.Count; i++)
        {
            var feed = _feeds[i];
            if (ReferenceEquals(feed, leader)) continue;
            if (!feed.HasBegun) feed.BeginAt(_zero + TimeSpan.FromMicroseconds(leader.Rendition.Segmenter.SegmentShownAt));
            Take(feed, now);
        }

        AskForKeyframe(leader);
    }

    private void Take(HlsFeed feed, Instant now)
    {
        for (var i = 0; i < FramesAtATime; i++)
        {
            if (!feed.TryTake(_zero)) return;
            var change = feed.LastChange;
            if (change == SegmentChange.None) continue;
            if ((change & SegmentChange.Begun) != 0) Align(feed, change);
            Publish(feed.Rendition, change);
            if ((change & SegmentChange.Part) != 0) _progressAt = now;
        }

        // The rest at the next call, which comes at once: others share this thread.
        _tickAt = now;
    }

    private void Align(HlsFeed feed, SegmentChange change)
    {
        var segmenter = feed.Rendition.Segmenter;
        var isLeader = ReferenceEquals(feed, _leader);
        var breaks = (change & SegmentChange.Discontinuity) != 0 && feed.Rendition.Window.Discontinuities > _discontinuities;
        if (breaks) _discontinuities = feed.Rendition.Window.Discontinuities;
        if (!isLeader && !breaks) return;
        var drift = isLeader ? feed.Drift(_zero) : TimeSpan.Zero;
        foreach (var other in _feeds)
        {
            if (ReferenceEquals(other, feed) || !other.Rendition.Segmenter.IsOpen) continue;
            var time = other.Rendition.Kind == MediaKind.Video ? segmenter.SegmentStart : segmenter.SegmentShownAt;
            other.Rendition.Segmenter.CutAt(time, _discontinuities);
            if (isLeader) other.Correct(other.Drift(_zero) - drift);
        }
    }

    private void Publish(HlsRendition rendition, SegmentChange change)
    {
        var wasReady = rendition.IsReady;
        rendition.Publish(change);
        if ((change & SegmentChange.Segment) != 0) Keep(rendition);
        if (rendition.IsReady != wasReady) _changes.Release();
    }

    // An encoder that makes key pictures when asked is asked while somebody watches: segments of even length begin with one each.
    private void AskForKeyframe(HlsFeed leader)
    {
        var segmenter = leader.Rendition.Segmenter;
        if (!segmenter.WantsKeyframe || _now - AskedAt > Attention || _keyframeAsked == leader.Rendition.Window.NextSequence) return;
        _keyframeAsked = leader.Rendition.Window.NextSequence;
        foreach (var feed in _feeds)
        {
            if (feed.Rendition.Kind == MediaKind.Video && feed.Track.MakesKeyframes) feed.Track.RequestKeyframe();
        }
    }
}
