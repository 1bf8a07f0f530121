using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Whip;

/// <summary>
/// Publishers by WHIP (RFC 9725): offers become answers and peers, peers become live streams. The HTTP edge has settled who may publish
/// before it calls. Safe for any thread.
/// </summary>
/// <param name="host">The node's peers.</param>
/// <param name="transports">Makes our side of a session.</param>
/// <param name="channels">Where streams go.</param>
/// <param name="resources">What tracks are made with.</param>
/// <param name="shards">What each shard notes, by shard.</param>
/// <param name="clock">The node's wall clock.</param>
/// <param name="time">For when a stream began.</param>
public sealed partial class WhipInput(PeerHost host, TransportFactory transports, LiveChannels channels, TrackResources resources,
    IReadOnlyList<WhipAppends> shards, WallClock clock, TimeProvider time, ILogger<WhipInput> logger)
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    private readonly RecentIds _replaced = new(MaxRecent);

    private readonly RecentIds _left = new(MaxRecent);

    private sealed record Session(WhipPublisher Publisher, PeerSignalling Signalling);

    /// <summary>Sessions announced or publishing; bounded by the peers the node admits.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>What publishers without transport-wide feedback are told they may send, in bits a second.</summary>
    internal const long MaxBitrate = 50_000_000;

    private const int MaxRecent = 4096;

    internal PeerHost Host => host;

    internal TrackResources Resources => resources;

    internal WallClock Clock => clock;

    internal DateTimeOffset UtcNow => time.GetUtcNow();

    internal WhipAppends ShardOf(Peer peer) => shards[peer.Shard];

    /// <summary>Answers an offer. The stream begins when the peer is connected, and then takes over a channel that is live.</summary>
    /// <param name="channelId">The channel the publisher may publish on.</param>
    /// <param name="offerSdp">Its offer.</param>
    /// <param name="identity">Who it is, as far as that can be seen.</param>
    /// <param name="ticket">Disposed of when the session ends, or at once where none begins.</param>
    public SessionOutcome Publish(string channelId, string offerSdp, PublisherIdentity identity, IDisposable? ticket = null)
    {
        var outcome = Begin(channelId, offerSdp, identity, ticket);
        if (!outcome.Succeeded) ticket?.Dispose();
        return outcome;
    }

    private SessionOutcome Begin(string channelId, string offerSdp, PublisherIdentity identity, IDisposable? ticket)
    {
        if (SessionDescription.TryParse(offerSdp, out var offer) is { } error)
        {
            return SessionOutcome.Refuse(SessionError.BadSdp, $"The offer cannot be read: {error}.");
        }

        var local = transports.Make();
        if (Negotiator.AnswerPublisher(offer, local, out var negotiated, out var answer) is { } refusal) return refusal;
        if (TransportFactory.Settle(local, negotiated) is not { } parameters)
        {
            return SessionOutcome.Refuse(SessionError.BadSdp, "The offer has no certificate fingerprint in sha-256, sha-384 or sha-512.");
        }

        var id = TransportFactory.NewSessionId();
        var publisher = new WhipPublisher(this, id, channels.Open(channelId), negotiated, identity, TransportFactory.NewNumber(), ticket);
        if (!host.TryAnnounce(parameters, publisher, out var registration))
        {
            return SessionOutcome.Refuse(SessionError.TooMany, "The server has all the sessions it may have; try again later.");
        }

        publisher.Attach(registration);
        _sessions[id] = new Session(publisher, new PeerSignalling(host, transports, registration, local, negotiated));
        LogAnnounced(channelId, id, identity.Software);
        return new SessionOutcome(SessionError.None, "", id, answer, PeerSignalling.TagOf(local));
    }

    /// <summary>Trickles candidates or restarts ICE.</summary>
    public SessionOutcome Patch(string channelId, string sessionId, string body, string? ifMatch) =>
        Find(channelId, sessionId) is { } session
            ? session.Signalling.Patch(body, ifMatch)
            : Missing(sessionId);

    /// <summary>Ends a session as its publisher wishes.</summary>
    public SessionOutcome Close(string channelId, string sessionId)
    {
        if (Find(channelId, sessionId) is { } session)
        {
            session.Publisher.Close(StreamEnd.Stopped);
        }
        else if (!_left.Remove(sessionId))
        {
            return Missing(sessionId);
        }

        return new SessionOutcome(SessionError.None, "", sessionId);
    }

    /// <summary>Ends every session of a channel, announced or publishing: what let them in is no longer true.</summary>
    public void CloseAll(string channelId)
    {
        foreach (var (_, session) in _sessions)
        {
            if (session.Publisher.ChannelId == channelId) session.Publisher.Close(StreamEnd.Ended);
        }
    }

    internal void Forget(WhipPublisher publisher, PeerEnd end)
    {
        // Some clients, OBS among them, close the connection and then send the DELETE: it finds what it asks for done.
        if (publisher.WasReplaced) _replaced.Add(publisher.Id);
        else if (end == PeerEnd.ClosedByPeer) _left.Add(publisher.Id);
        _sessions.TryRemove(publisher.Id, out _);
        LogEnded(publisher.ChannelId, publisher.Id, end);
    }

    // Two publishers with one key must not throw each other out for ever: who was replaced is told so, and stays away.
    private SessionOutcome Missing(string sessionId) => _replaced.Contains(sessionId)
        ? SessionOutcome.Refuse(SessionError.Replaced, "Another publisher with the channel's key has taken the channel over.")
        : SessionOutcome.Refuse(SessionError.NotFound, "There is no such session on this channel; it may have ended.");

    private Session? Find(string channelId, string sessionId) =>
        _sessions.TryGetValue(sessionId, out var session) && session.Publisher.ChannelId == channelId ? session : null;
}
