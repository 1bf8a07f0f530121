using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>Why a live stream ended; said once, to the log, the Service and the viewers.</summary>
public enum StreamEnd
{
    /// <summary>It has not.</summary>
    None = 0,

    /// <summary>The publisher said so (WHIP DELETE, a closing DTLS alert).</summary>
    Stopped,

    /// <summary>The publisher fell silent.</summary>
    Lost,

    /// <summary>Another publisher with the right key took the channel over.</summary>
    TakenOver,

    /// <summary>The operator ended it, or the channel was deleted or its key rotated.</summary>
    Ended,

    /// <summary>The node shuts down.</summary>
    Shutdown,
}

/// <summary>The publisher's end of a stream, as Control needs it.</summary>
public interface IPublication
{
    /// <summary>The protocol it came by: <c>whip</c>.</summary>
    string Protocol { get; }

    /// <summary>What the publisher's software calls itself; may be empty.</summary>
    string Vendor { get; }

    /// <summary>Round trip to the publisher, or zero while unknown.</summary>
    TimeSpan RoundTrip { get; }

    /// <summary>Who publishes; the same object for every stream of one session.</summary>
    PublisherIdentity Identity => PublisherIdentity.Unknown;

    /// <summary>Ends the publication from our side. Any thread; may be called when it has already gone.</summary>
    void Close(StreamEnd reason);
}

/// <summary>
/// One live session on a channel, from publish to end. Its tracks are known when it starts; a publisher that brings others starts a new stream.
/// It ends exactly once.
/// </summary>
public sealed class LiveStream
{
    private readonly IPublication _publication;
    private readonly Track[] _tracks;
    private int _end;

    /// <param name="channelId">The channel.</param>
    /// <param name="tracks">What the publisher sends.</param>
    /// <param name="publication">The publisher's end.</param>
    /// <param name="startedAt">When it began.</param>
    /// <param name="offered">Renditions made on demand; their <see cref="Track.Origin"/> is among the tracks.</param>
    public LiveStream(string channelId, IReadOnlyList<Track> tracks, IPublication publication, DateTimeOffset startedAt,
        IReadOnlyList<Track>? offered = null)
    {
        Offered = offered ?? [];
        ChannelId = channelId;
        _tracks = tracks as Track[] ?? [.. tracks];
        StartedAt = startedAt;
        _publication = publication;
    }

    public Guid Id { get; } = Guid.CreateVersion7();

    public string ChannelId { get; }

    public DateTimeOffset StartedAt { get; }

    /// <summary>What the publisher sends.</summary>
    public IReadOnlyList<Track> Tracks => _tracks;

    /// <summary>Renditions that are made while somebody wants them: sound in another codec, pictures without reordering.</summary>
    public IReadOnlyList<Track> Offered { get; }

    /// <summary>What is said along with the media.</summary>
    public TimedQueue<TimedNote> Notes { get; } = new();

    /// <summary>Texts to be read along with the media.</summary>
    public TimedQueue<TimedCue> Cues { get; } = new();

    public IPublication Publication => _publication;

    /// <summary>How it ended; <see cref="StreamEnd.None"/> while it lives.</summary>
    public StreamEnd EndReason => (StreamEnd)Volatile.Read(ref _end);

    public bool HasEnded => EndReason != StreamEnd.None;

    /// <summary>When the publisher last sent anything; zero before the first.</summary>
    public Instant LastMedia
    {
        get
        {
            var last = Instant.Zero;
            for (var i = 0; i < Tracks.Count; i++)
            {
                if (Tracks[i].Statistics.LastPacket is var at && at != Instant.Never && at > last) last = at;
            }

            return last;
        }
    }

    /// <summary>The renditions of one source, in the publisher's order of preference.</summary>
    public Track? Find(MediaKind kind, int number, string? encodingId = null)
    {
        for (var i = 0; i < Tracks.Count; i++)
        {
            var id = Tracks[i].Id;
            if (id.Kind == kind && id.Number == number && (encodingId is null || id.EncodingId == encodingId)) return Tracks[i];
        }

        return null;
    }

    /// <summary>Every rendition of one source: what the publisher sends first, then what can be made of it.</summary>
    public IEnumerable<Track> Renditions(MediaKind kind, int number) => Tracks.Concat(Offered).Where(t => t.Id.Kind == kind && t.Id.Number == number);

    /// <summary>Brings the derived faces of the publisher's tracks up to date; the input calls it when it has appended, before readers are told.</summary>
    public void Derive(Instant now)
    {
        foreach (var track in _tracks)
        {
            track.Derive(now);
        }
    }

    /// <summary>True for the one caller that ends the stream.</summary>
    internal bool TryEnd(StreamEnd reason) => Interlocked.CompareExchange(ref _end, (int)reason, 0) == 0;
}
