using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sluice.Control.Tracks;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Captions;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>Whether what a playlist request waits for is there.</summary>
public enum HlsReadiness
{
    /// <summary>The playlist answers it.</summary>
    Ready = 0,

    /// <summary>It is to come: wait.</summary>
    NotYet,

    /// <summary>It lies too far ahead to be waited for: 400.</summary>
    TooFar,
}

/// <summary>
/// One rendition of a channel: its segments, and its playlists as they were last rendered. Written by the thread of the channel's consumers, read by any.
/// </summary>
public sealed class HlsRendition
{
    private const int Views = 3;
    private const int Encodings = 3;

    // RFC 8216bis §6.2.5.2: how many parts ahead a request may be.
    private static readonly TimeSpan AdvanceLimit = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly HlsBody?[] _bodies = new HlsBody?[Views * 2 * Encodings];
    private readonly ConcurrentDictionary<int, MediaInit> _inits = new();
    private readonly MediaPlaylist _playlist;
    private readonly HlsWait _chunks;
    private readonly HlsWait _parts;
    private readonly HlsWait _segments;
    private readonly HlsSettings _settings;
    private long _version = 1;
    private long _askedAt = -1;
    private int _releases;
    private bool _isEnded;
    private Edge _edge;

    internal HlsRendition(string name, MediaKind? kind, MediaNames names, HlsSettings settings, HlsKeys? keys, HlsCrew crew, long firstSequence, int discontinuities)
    {
        _chunks = new HlsWait(crew);
        _parts = new HlsWait(crew);
        _segments = new HlsWait(crew);
        Name = name;
        Kind = kind;
        Names = names;
        Keys = keys;
        _settings = settings;
        Window = new SegmentWindow(settings.Timing, firstSequence, discontinuities);
        Segmenter = new Segmenter(Window, settings.Timing);
        _playlist = new MediaPlaylist(Window, names, settings.Timing, settings.LiveWindow, settings.SegmentsPerKey, keys?.Vector ?? "");
        _edge = new Edge(firstSequence, 0, []);
    }

    // The newest state of what blocking requests ask about; replaced whole.
    private sealed record Edge(long OpenSequence, int OpenParts, int[] LastParts);

    public string Name { get; }

    /// <summary>Pictures or sound; null for text.</summary>
    public MediaKind? Kind { get; }

    public MediaNames Names { get; }

    /// <summary>The language of its text; empty for pictures and sound.</summary>
    internal string Language { get; init; } = "";

    /// <summary>With what media is encrypted; null where it is not.</summary>
    public HlsKeys? Keys { get; }

    /// <summary>The sequence numbers of the first and the last segment that can be had.</summary>
    public (long First, long Last) Range
    {
        get
        {
            lock (_gate) return Window.Segments.Count == 0 ? (Window.NextSequence, Window.NextSequence) : (Window.Segments[0].Sequence, Window.NextSequence - 1);
        }
    }

    /// <summary>Captions that were found in its pictures so far.</summary>
    internal CaptionServices Captions { get; set; }

    internal SegmentWindow Window { get; }

    internal Segmenter Segmenter { get; }

    internal ConcurrentDictionary<long, HlsFile> Files { get; } = new();

    /// <summary>What it is made of while somebody asks for it; null for what the publisher sends.</summary>
    internal Track? Offered { get; init; }

    internal bool IsOnDemand => Offered is not null;

    /// <summary>Nothing of it is there yet, and whoever asks for it gets it.</summary>
    internal bool CanBeMade => Offered is { } offered && offered.Obstacle?.Invoke() is null;

    /// <summary>Announced, but nothing came.</summary>
    internal bool IsSilent { get; set; }

    /// <summary>Duration of all complete segments, in microseconds; under the lock.</summary>
    internal long HeldDuration { get; set; }

    /// <summary>Something can be played: a complete segment at which decoding can begin.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Its playlist was asked for within the span before now.</summary>
    internal bool WasAskedFor(Instant now, TimeSpan within) => Volatile.Read(ref _askedAt) is >= 0 and var at && now - new Instant(at) < within;

    /// <summary>Grows when waits end though what they wait for has not come.</summary>
    public int Releases => Volatile.Read(ref _releases);

    /// <summary>Notes that its playlist is asked for: what is made on demand is made for a while.</summary>
    public void Ask(Instant now) => Volatile.Write(ref _askedAt, now.Nanoseconds);

    /// <summary>Nothing will be added: its playlist says so.</summary>
    public bool IsEnded => Volatile.Read(ref _isEnded);

    /// <summary>Where a segment lies on disk; null where it does not.</summary>
    public (string Path, long Length)? FileOf(long sequence) => Files.TryGetValue(sequence, out var file) && file.IsSaved ? (file.Path, file.Length) : null;

    /// <summary>The lock of window and playlist.</summary>
    internal Lock Gate => _gate;

    /// <summary>After a change: publishes what it led to and wakes whom it concerns. Only the consumers' thread.</summary>
    internal void Publish(SegmentChange what)
    {
        if ((what & SegmentChange.Begun) != 0)
        {
            Volatile.Write(ref _isEnded, false);
            if (Segmenter.Init is { } init) _inits[init.Number] = init;
        }

        if ((what & (SegmentChange.Part | SegmentChange.Segment | SegmentChange.Begun)) != 0)
        {
            if ((what & SegmentChange.Segment) != 0) IsReady |= Window.Segments.Any(s => s.IsComplete && s.IsIndependent) || Window.CompleteCount > 8;
            var open = Window.Open;
            Volatile.Write(ref _edge, new Edge(open?.Sequence ?? Window.NextSequence, open?.PartCount ?? 0, LastParts()));
            Interlocked.Increment(ref _version);
        }

        if (what == SegmentChange.None) return;
        _chunks.Release();
        if ((what & (SegmentChange.Part | SegmentChange.Segment)) != 0) _parts.Release();
        if ((what & SegmentChange.Segment) != 0) _segments.Release();
    }

    /// <summary>Nothing will be added, until a publisher comes back.</summary>
    internal void End()
    {
        lock (_gate) Window.IsEnded = true;
        Volatile.Write(ref _isEnded, true);
        ReleaseAll();
    }

    /// <summary>Ends every wait: the stream is over, or nothing comes.</summary>
    internal void ReleaseAll()
    {
        Interlocked.Increment(ref _releases);
        Interlocked.Increment(ref _version);
        _chunks.Release();
        _parts.Release();
        _segments.Release();
    }

    /// <summary>Whether a request can be answered now (RFC 8216bis §6.2.5.2).</summary>
    public HlsReadiness Look(in DeliveryDirectives directives)
    {
        var edge = Volatile.Read(ref _edge);
        var (sequence, part) = (directives.Sequence, directives.Part);
        if (sequence < 0) return HlsReadiness.Ready;
        if (sequence > edge.OpenSequence + 1) return HlsReadiness.TooFar;
        if (part < 0) return sequence < edge.OpenSequence ? HlsReadiness.Ready : HlsReadiness.NotYet;

        // A part behind the last of its segment is the first of the next one.
        var back = (int)Math.Min(int.MaxValue, edge.OpenSequence - sequence);
        if (back > 0 && (back > edge.LastParts.Length || part < edge.LastParts[^back])) return HlsReadiness.Ready;
        if (back > 0) (sequence, part) = (sequence + 1, 0);
        if (sequence < edge.OpenSequence || (sequence == edge.OpenSequence && part < edge.OpenParts)) return HlsReadiness.Ready;
        var ahead = part - (sequence == edge.OpenSequence ? edge.OpenParts : 0);
        return ahead > AdvanceLimit / _settings.Timing.Part ? HlsReadiness.TooFar : HlsReadiness.NotYet;
    }

    /// <summary>Steps at which it is worth to <see cref="Look"/> again.</summary>
    public HlsWait WaitFor(in DeliveryDirectives directives) => directives.Part < 0 && IsReady ? _segments : _parts;

    /// <summary>Completes with the next part.</summary>
    public Task NextPart => _parts.Next;

    /// <summary>Completes when the growing part has more bytes, or there is a new one.</summary>
    public Task NextChunk => _chunks.Next;

    /// <summary>Forgets what no segment needs any more; under the lock.</summary>
    internal void ForgetInits()
    {
        if (_inits.Count <= 1 || Window.Segments.Count == 0) return;
        foreach (var (number, _) in _inits)
        {
            if (number < Window.Segments[0].Init?.Number) _inits.TryRemove(number, out _);
        }
    }

    /// <summary>The initialization section of a number.</summary>
    public MediaInit? FindInit(long number) => number <= int.MaxValue ? _inits.GetValueOrDefault((int)number) : null;

    /// <summary>The segment of a number; the one that grows too.</summary>
    public bool TryFind(long sequence, [NotNullWhen(true)] out MediaSegment? segment)
    {
        lock (_gate) return Window.TryFind(sequence, out segment);
    }

    /// <summary>The playlist as it is now, rendered by the first who asks.</summary>
    public HlsBody Render(PlaylistView view, bool skips, HlsEncoding encoding, HlsChannel channel)
    {
        var slot = ((int)view * 2 + (skips ? 1 : 0)) * Encodings + (int)encoding;
        if (Volatile.Read(ref _bodies[slot]) is { } newest && newest.Version == Volatile.Read(ref _version)) return newest;
        lock (_bodies)
        {
            var version = Volatile.Read(ref _version);
            if (_bodies[slot] is { } body && body.Version == version) return body;
            byte[] plain;
            var reports = channel.ReportsBeside(this, FileOf(view));
            lock (_gate)
            {
                Window.Promise(channel.TargetDuration);
                plain = _playlist.Write(view, skips, reports).ToArray();
            }

            var bytes = HlsBody.Encode(plain, encoding);
            body = new HlsBody(bytes, string.Create(CultureInfo.InvariantCulture, $"\"{Names.Tag}-{version:x}-{slot:x}\""), version);
            Volatile.Write(ref _bodies[slot], body);
            return body;
        }
    }

    /// <summary>The playlist's file name in a view.</summary>
    public static string FileOf(PlaylistView view) => view switch
    {
        PlaylistView.Rewind => "rewind.m3u8",
        PlaylistView.Event => "event.m3u8",
        _ => "index.m3u8",
    };

    /// <summary>Bits a second over the newest segments: of the largest one, and of all.</summary>
    internal (long Peak, long Average) Bitrate()
    {
        const int newest = 16;
        lock (_gate)
        {
            var (bytes, duration, peak) = (0L, 0L, 0L);
            var end = Window.CompleteCount;
            for (var i = Math.Max(0, end - newest); i < end; i++)
            {
                var segment = Window.Segments[i];
                bytes += segment.Length;
                duration += segment.Duration;

                // Short ones at the beginning of a stream say nothing.
                if (segment.Duration >= 500_000) peak = Math.Max(peak, segment.Length * 8_000_000 / segment.Duration);
            }

            return duration == 0 ? (0, 0) : (Math.Max(peak, bytes * 8_000_000 / duration), bytes * 8_000_000 / duration);
        }
    }

    /// <summary>Decoding can begin at every segment in the ordinary playlist.</summary>
    internal bool IsIndependent
    {
        get
        {
            lock (_gate)
            {
                for (var i = Math.Max(0, Window.Segments.Count - 16); i < Window.Segments.Count; i++)
                {
                    if (!Window.Segments[i].IsIndependent) return false;
                }

                return true;
            }
        }
    }

    /// <summary>How far it is; false where nothing can be had yet.</summary>
    internal bool TryReport(out long sequence, out int part)
    {
        var edge = Volatile.Read(ref _edge);
        (sequence, part) = (edge.OpenSequence, edge.OpenParts - 1);
        if (part >= 0) return true;
        if (edge.LastParts.Length == 0) return false;
        (sequence, part) = (edge.OpenSequence - 1, edge.LastParts[^1] - 1);
        return part >= 0;
    }

    // How many parts the newest complete segments had: requests ask about those at most.
    private int[] LastParts()
    {
        var complete = Window.CompleteCount;
        var count = Math.Min(complete, 4);
        var parts = new int[count];
        for (var i = 0; i < count; i++) parts[i] = Window.Segments[complete - count + i].PartCount;
        return parts;
    }
}
