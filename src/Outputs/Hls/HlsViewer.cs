using Sluice.Control.Live;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>
/// Somebody who asks for playlists again and again: known by the grant in the URL where the channel is private, else by address, software and the session the player names. Gone when no request
/// came for a while.
/// </summary>
public sealed class HlsViewer : IAudience
{
    /// <summary>Without a request for so long it is gone.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly DateTimeOffset _since;
    private long _seenAt;
    private long _requests;
    private bool _isClosed;

    internal HlsViewer(string id, DateTimeOffset since, Instant now)
    {
        Id = id;
        _since = since;
        _seenAt = now.Nanoseconds;
    }

    public string Id { get; }

    internal Instant SeenAt => new(Volatile.Read(ref _seenAt));

    /// <summary>The operator sent it away.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    internal void Touch(Instant now)
    {
        Volatile.Write(ref _seenAt, now.Nanoseconds);
        Interlocked.Increment(ref _requests);
    }

    /// <inheritdoc />
    public ViewerSnapshot Observe() =>
        new(Id, "hls", _since, Volatile.Read(ref _requests), 0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero, 0, "");

    /// <inheritdoc />
    public void Close() => Volatile.Write(ref _isClosed, true);
}
