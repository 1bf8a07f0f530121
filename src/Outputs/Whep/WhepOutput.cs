using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Sluice.Control.Live;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Whep;

/// <summary>
/// Viewers by WHEP (draft-ietf-wish-whep), both flows: the client's offer, or the server's. A viewer may come before the publisher: it agrees on
/// every codec both sides know, and starts when a stream does. The HTTP edge has settled who may watch. Safe for any thread.
/// </summary>
public sealed partial class WhepOutput(PeerHost host, TransportFactory transports, LiveChannels channels, IReadOnlyList<WhepFanOut> fanOuts,
    WallClock clock, TimeProvider time, ILogger<WhepOutput> logger)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);
    private const string Advice = "A player of HLS may take it as it is; H.264 without B-frames from the encoder plays everywhere.";
    private const int MaxUnanswered = 1024;
    private const int MaxLeft = 4096;

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Unanswered> _unanswered = new(StringComparer.Ordinal);

    private readonly RecentIds _left = new(MaxLeft);

    private sealed record Session(WhepViewer Viewer, PeerSignalling Signalling);

    private sealed record Unanswered(string ChannelId, LocalTransport Local, SessionDescription Offer,
        IReadOnlyList<StreamTrackDescription> Tracks, DateTimeOffset Deadline, IDisposable? Ticket);

    /// <summary>Sessions announced or watching; bounded by the peers the node admits.</summary>
    public int SessionCount => _sessions.Count;

    internal WallClock Clock => clock;

    internal WhepFanOut FanOutOf(Peer peer) => fanOuts[peer.Shard];

    /// <summary>Answers a viewer's offer.</summary>
    /// <param name="channelId">The channel the viewer may watch.</param>
    /// <param name="offerSdp">Its offer.</param>
    /// <param name="ticket">Disposed of when the session ends, or at once where none begins.</param>
    public SessionOutcome Watch(string channelId, string offerSdp, IDisposable? ticket = null)
    {
        var outcome = Begin(channelId, offerSdp, ticket);
        if (!outcome.Succeeded) ticket?.Dispose();
        return outcome;
    }

    private SessionOutcome Begin(string channelId, string offerSdp, IDisposable? ticket)
    {
        if (SessionDescription.TryParse(offerSdp, out var offer) is { } error)
        {
            return SessionOutcome.Refuse(SessionError.BadSdp, $"The offer cannot be read: {error}.");
        }

        var local = transports.Make(channelId);
        if (Negotiator.AnswerViewer(offer, local, LiveTracks(channelId), out var negotiated, out var answer) is { } refusal) return WithAdvice(refusal);
        var outcome = Announce(TransportFactory.NewSessionId(), channelId, local, negotiated, ticket);
        return outcome.Succeeded ? outcome with { Body = answer } : outcome;
    }

    /// <summary>Makes an offer for a viewer that sent none; its answer comes by <see cref="Answer"/>.</summary>
    /// <param name="channelId">The channel the viewer may watch.</param>
    /// <param name="ticket">Disposed of when the session ends, or at once where none begins.</param>
    public SessionOutcome Offer(string channelId, IDisposable? ticket = null)
    {
        var now = time.GetUtcNow();
        foreach (var (old, unanswered) in _unanswered)
        {
            if (unanswered.Deadline < now && _unanswered.TryRemove(old, out _)) unanswered.Ticket?.Dispose();
        }

        if (_unanswered.Count >= MaxUnanswered)
        {
            ticket?.Dispose();
            return SessionOutcome.Refuse(SessionError.TooMany, "Too many offers wait for their answers; try again in half a minute.");
        }

        var local = transports.Make(channelId);
        var tracks = LiveTracks(channelId);
        var offer = Negotiator.OfferToViewer(local, tracks);
        var id = TransportFactory.NewSessionId();
        _unanswered[id] = new Unanswered(channelId, local, offer, tracks, now + AnswerTimeout, ticket);
        return new SessionOutcome(SessionError.None, "", id, offer.ToSdp(), PeerSignalling.TagOf(local));
    }

    /// <summary>Takes the answer to <see cref="Offer"/>.</summary>
    public SessionOutcome Answer(string channelId, string sessionId, string answerSdp)
    {
        if (!_unanswered.TryGetValue(sessionId, out var waiting) || waiting.ChannelId != channelId || waiting.Deadline < time.GetUtcNow())
        {
            return _sessions.ContainsKey(sessionId)
                ? SessionOutcome.Refuse(SessionError.Conflict, "The offer has been answered already.")
                : NoSession;
        }

        if (SessionDescription.TryParse(answerSdp, out var answer) is { } error)
        {
            return SessionOutcome.Refuse(SessionError.BadSdp, $"The answer cannot be read: {error}.");
        }

        var refusal = Negotiator.AcceptViewerAnswer(waiting.Offer, answer, waiting.Local, waiting.Tracks, out var negotiated);
        if (refusal is not null) return WithAdvice(refusal);
        if (!_unanswered.TryRemove(sessionId, out _)) return SessionOutcome.Refuse(SessionError.Conflict, "The offer has been answered already.");
        var outcome = Announce(sessionId, channelId, waiting.Local, negotiated, waiting.Ticket);
        if (!outcome.Succeeded) waiting.Ticket?.Dispose();
        return outcome;
    }

    /// <summary>Trickles candidates or restarts ICE. Candidates for an offer that waits for its answer are taken note of and not needed.</summary>
    public SessionOutcome Patch(string channelId, string sessionId, string body, string? ifMatch)
    {
        if (Find(channelId, sessionId) is { } session) return session.Signalling.Patch(body, ifMatch);
        return _unanswered.TryGetValue(sessionId, out var waiting) && waiting.ChannelId == channelId
            ? new SessionOutcome(SessionError.None, "", sessionId)
            : NoSession;
    }

    /// <summary>Ends a session as its viewer wishes.</summary>
    public SessionOutcome Close(string channelId, string sessionId)
    {
        var found = _unanswered.TryGetValue(sessionId, out var waiting) && waiting.ChannelId == channelId && _unanswered.TryRemove(sessionId, out _);
        if (found) waiting!.Ticket?.Dispose();
        if (!found && Find(channelId, sessionId) is { } session)
        {
            host.Close(session.Signalling.Registration);
            found = true;
        }

        return found || _left.Remove(sessionId) ? new SessionOutcome(SessionError.None, "", sessionId) : NoSession;
    }

    /// <summary>Ends every session of a channel: what let them in is no longer true. Those who may stay come back by themselves.</summary>
    public void CloseAll(string channelId)
    {
        foreach (var (id, waiting) in _unanswered)
        {
            if (waiting.ChannelId == channelId && _unanswered.TryRemove(id, out _)) waiting.Ticket?.Dispose();
        }

        foreach (var (_, session) in _sessions)
        {
            if (session.Viewer.Channel.ChannelId == channelId) host.Close(session.Signalling.Registration);
        }
    }

    /// <summary>True where the session exists.</summary>
    public bool Exists(string channelId, string sessionId) =>
        Find(channelId, sessionId) is not null || (_unanswered.TryGetValue(sessionId, out var waiting) && waiting.ChannelId == channelId);

    /// <summary>Chooses a layer for one m-line, or with a null encoding the automatic choice. A null media id means every picture.</summary>
    public SessionOutcome SelectLayer(string channelId, string sessionId, string? mediaId, string? encodingId)
    {
        if (Find(channelId, sessionId) is not { } session) return NoSession;
        if (encodingId is not null && channels.Find(channelId)?.Stream is { } stream && stream.Tracks.All(t => t.Id.EncodingId != encodingId))
        {
            return SessionOutcome.Refuse(SessionError.Conflict, $"The stream has no layer '{encodingId}'.");
        }

        if (!session.Viewer.TrySelectLayer(mediaId, encodingId ?? ""))
        {
            return SessionOutcome.Refuse(SessionError.Conflict, "The session has no such medium.");
        }

        if (session.Signalling.Registration is { Shard: >= 0 } registration) host.Wake(registration);
        return new SessionOutcome(SessionError.None, "", sessionId);
    }

    /// <summary>What a session's m-lines show now; empty where there is no such session.</summary>
    public IReadOnlyList<WhepLine> Lines(string channelId, string sessionId) =>
        Find(channelId, sessionId) is { } session ? session.Viewer.Lines() : [];

    internal void Close(WhepViewer viewer)
    {
        if (_sessions.TryGetValue(viewer.Id, out var session)) host.Close(session.Signalling.Registration);
    }

    internal void Forget(WhepViewer viewer, PeerEnd end)
    {
        // Some clients close the connection and then send the DELETE: it finds what it asks for done.
        if (end == PeerEnd.ClosedByPeer) _left.Add(viewer.Id);
        _sessions.TryRemove(viewer.Id, out _);
        LogEnded(viewer.Channel.ChannelId, viewer.Id, end);
    }

    private static SessionOutcome NoSession { get; } =
        SessionOutcome.Refuse(SessionError.NotFound, "There is no such session on this channel; it may have ended.");

    private static SessionOutcome WithAdvice(SessionOutcome refusal) => refusal.Error == SessionError.NoCommonCodec
        ? refusal with { Reason = $"{refusal.Reason} {Advice}" }
        : refusal;

    private SessionOutcome Announce(string id, string channelId, LocalTransport local, NegotiatedSession negotiated, IDisposable? ticket)
    {
        if (TransportFactory.Settle(local, negotiated) is not { } parameters)
        {
            return SessionOutcome.Refuse(SessionError.BadSdp, "The SDP has no certificate fingerprint in sha-256, sha-384 or sha-512.");
        }

        var tracks = negotiated.Media
            .Select(m => new OutgoingTrack(m, m.Ordinal, m.LocalSsrcs.Ssrc,
                m.Payloads.Any(p => p.RtxPayloadType is not null) ? m.LocalSsrcs.RtxSsrc : 0, TransportFactory.NewNumber()))
            .ToArray();
        // The name the description gives the sources (RFC 5576 §6.1): receivers tie sound and picture together by it.
        var cname = Encoding.ASCII.GetBytes(local.StreamId);
        var viewer = new WhepViewer(this, id, channels.Open(channelId), tracks, cname, time.GetUtcNow(), ticket);
        if (!host.TryAnnounce(parameters, viewer, out var registration))
        {
            return SessionOutcome.Refuse(SessionError.TooMany, "The server has all the sessions it may have; try again later.");
        }

        _sessions[id] = new Session(viewer, new PeerSignalling(host, transports, registration, local, negotiated));
        LogAnnounced(channelId, id);
        return new SessionOutcome(SessionError.None, "", id, "", PeerSignalling.TagOf(local));
    }

    private List<StreamTrackDescription> LiveTracks(string channelId)
    {
        var descriptions = new List<StreamTrackDescription>();
        if (channels.Find(channelId)?.Stream is not { } stream) return descriptions;
        foreach (var kind in (ReadOnlySpan<MediaKind>)[MediaKind.Video, MediaKind.Audio])
        {
            // Only what has been seen counts: a publisher may have agreed on codecs it will not use.
            for (var number = 0; WebRtcSource.Describe(stream, kind, number) is { } description; number++)
            {
                descriptions.Add(description);
            }
        }

        return descriptions;
    }

    private Session? Find(string channelId, string sessionId) =>
        _sessions.TryGetValue(sessionId, out var session) && session.Viewer.Channel.ChannelId == channelId ? session : null;
}

/// <summary>One m-line of a session.</summary>
/// <param name="Mid">Its media id.</param>
/// <param name="Kind">Sound or picture.</param>
/// <param name="Number">Which of the stream's sources of that kind it shows.</param>
/// <param name="EncodingId">The layer sent now; empty where the source has one or none is sent.</param>
public sealed record WhepLine(string Mid, MediaKind Kind, int Number, string EncodingId);
