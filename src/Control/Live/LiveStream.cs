using Sluice.Control.Tracks;
using Sluice.Protocols.Media;

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
    private int _end;

    public LiveStream(string channelId, IReadOnlyList<Track> tracks, IPublication publication, DateTimeOffset startedAt)
    {
        ChannelId = channelId;
        Tracks = tracks;
        StartedAt = startedAt;
        _publication = publication;
    }

    public Guid Id { get; } = Guid.CreateVersion7();

    public string ChannelId { get; }

    public DateTimeOffset StartedAt { get; }

    public IReadOnlyList<Track> Tracks { get; }

    public IPublication Publication => _publication;

    /// <summary>How it ended; <see cref="StreamEnd.None"/> while it lives.</summary>
    public StreamEnd EndReason => (StreamEnd)Volatile.Read(ref _end);

    public bool HasEnded => EndReason != StreamEnd.None;

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

    /// <summary>True for the one caller that ends the stream.</summary>
    internal bool TryEnd(StreamEnd reason) => Interlocked.CompareExchange(ref _end, (int)reason, 0) == 0;
}
