using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sluice.Control.Live;
using Sluice.Control.Pictures;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Thumbnails;

/// <summary>A picture of a stream.</summary>
/// <param name="Jpeg">The picture.</param>
/// <param name="Tag">Tells it from others, for caches.</param>
/// <param name="MadeAt">When it was made.</param>
public sealed record Thumbnail(byte[] Jpeg, string Tag, DateTimeOffset MadeAt);

/// <summary>
/// The newest picture of the live streams somebody looks at: one is made when it is first asked for, and another every few seconds while somebody asks. Nothing is
/// decoded for nobody. The frames face of a track is wanted only for the moment until its next key picture is there.
/// </summary>
public sealed class LiveThumbnails : IDisposable
{
    private static readonly TimeSpan AskedLately = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    private readonly LiveChannels _channels;
    private readonly PictureQueue _queue;
    private readonly Func<ThumbnailOptions> _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Shown> _shown = new(StringComparer.Ordinal);

    public LiveThumbnails(LiveChannels channels, PictureQueue queue, Func<ThumbnailOptions> options, TimeProvider time)
    {
        _channels = channels;
        _queue = queue;
        _options = options;
        _time = time;
    }

    /// <summary>The newest picture of a channel's stream; null where there is none yet. Having asked makes them come.</summary>
    public Thumbnail? Find(string channelId, bool small)
    {
        if (_channels.Find(channelId)?.Stream is not { } stream) return null;
        var shown = _shown.GetOrAdd(channelId, static (_, id) => new Shown(id), stream.Id);
        if (shown.StreamId != stream.Id) return null;
        shown.AskedAt = _time.GetTimestamp();
        return small ? shown.Small : shown.Large;
    }

    /// <summary>Looks which streams are due, and whether key pictures have come. One thread at a time, about once a second.</summary>
    public void Tick(Instant now)
    {
        var options = _options();
        foreach (var stream in _channels.Streams())
        {
            if (!options.Enabled) break;
            if (!_shown.TryGetValue(stream.ChannelId, out var shown)) continue;
            if (shown.StreamId != stream.Id)
            {
                // Who looked at the stream before looks at this one.
                shown.LetGo();
                _shown[stream.ChannelId] = shown = new Shown(stream.Id) { AskedAt = shown.AskedAt };
            }

            Look(stream, shown, now, options);
        }

        foreach (var (channel, shown) in _shown)
        {
            if (options.Enabled && _channels.Find(channel)?.Stream?.Id == shown.StreamId) continue;
            shown.LetGo();
            _shown.TryRemove(new(channel, shown));
        }
    }

    public void Dispose()
    {
        foreach (var shown in _shown.Values)
        {
            shown.LetGo();
        }
    }

    private void Look(LiveStream stream, Shown shown, Instant now, ThumbnailOptions options)
    {
        if (shown.Cursor is { } cursor)
        {
            if (Take(cursor) is { } movie)
            {
                shown.LetGo();
                shown.NextAt = now + options.Interval;
                Post(shown, movie, options);
            }
            else if (now - shown.WantedAt > LongestWait)
            {
                // An encoder with so long a distance between key pictures is asked again later.
                shown.LetGo();
                shown.NextAt = now + options.Interval;
            }

            return;
        }

        if (now < shown.NextAt || shown.IsBeingMade) return;
        if (shown.AskedAt == 0 || _time.GetElapsedTime(shown.AskedAt) > AskedLately) return;
        if (TrackOf(stream) is not { } track) return;
        shown.Cursor = new FrameCursor(track);
        shown.WantedAt = now;
        if (Take(shown.Cursor) is not { } first) return;
        shown.LetGo();
        shown.NextAt = now + options.Interval;
        Post(shown, first, options);
    }

    // Of several renditions the smallest that is large enough to be shown costs the least.
    private static Track? TrackOf(LiveStream stream) => stream.Tracks.Where(t => t.Id is { Kind: MediaKind.Video, Number: 0 })
        .OrderBy(t => t.Resolution.Width is > 0 and < 640 ? int.MaxValue : t.Resolution.Width).FirstOrDefault();

    private static PictureMovie? Take(FrameCursor cursor)
    {
        PictureMovie? movie = null;
        while (cursor.TryTake(out var frame))
        {
            if (!frame.IsKeyframe) continue;
            var newer = PictureMovie.TryBegin(frame.Format);
            if (newer?.TryAdd(in frame) == true) movie = newer;
        }

        return movie;
    }

    private void Post(Shown shown, PictureMovie movie, ThumbnailOptions options)
    {
        shown.IsBeingMade = true;
        var isTaken = _queue.TryPost(decoder =>
        {
            try
            {
                var large = decoder.Decode(movie.Bytes, new PictureSheet(options.Width));
                if (large is null) return;
                var small = decoder.Decode(movie.Bytes, new PictureSheet(options.SmallWidth));
                shown.Small = small is null ? null : Describe(small);
                shown.Large = Describe(large);
            }
            finally
            {
                shown.IsBeingMade = false;
            }
        });
        if (!isTaken) shown.IsBeingMade = false;
    }

    private Thumbnail Describe(byte[] jpeg) => new(jpeg, Convert.ToHexStringLower(SHA256.HashData(jpeg).AsSpan(0, 12)), _time.GetUtcNow());

    private sealed class Shown(Guid streamId)
    {
        private Thumbnail? _large;
        private Thumbnail? _small;
        private int _isBeingMade;
        private long _askedAt;

        public Guid StreamId => streamId;

        public Thumbnail? Large
        {
            get => Volatile.Read(ref _large);
            set => Volatile.Write(ref _large, value);
        }

        public Thumbnail? Small
        {
            get => Volatile.Read(ref _small);
            set => Volatile.Write(ref _small, value);
        }

        public bool IsBeingMade
        {
            get => Volatile.Read(ref _isBeingMade) != 0;
            set => Volatile.Write(ref _isBeingMade, value ? 1 : 0);
        }

        public long AskedAt
        {
            get => Interlocked.Read(ref _askedAt);
            set => Interlocked.Exchange(ref _askedAt, value);
        }

        public FrameCursor? Cursor { get; set; }

        public Instant WantedAt { get; set; }

        public Instant NextAt { get; set; }

        public void LetGo()
        {
            Cursor?.Dispose();
            Cursor = null;
        }
    }
}
