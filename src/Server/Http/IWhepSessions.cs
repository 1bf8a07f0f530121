using Sluice.Control.Channels;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Server.Http;

/// <summary>The watching sessions behind WHEP. The edge has settled who may watch before it calls.</summary>
public interface IWhepSessions
{
    /// <summary>Takes the client's offer; on success the outcome has the session's id, the answer and the entity tag.</summary>
    ValueTask<SessionOutcome> CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation);

    /// <summary>Makes an offer for a client that sent none; the client's answer comes by <see cref="AnswerAsync"/>.</summary>
    ValueTask<SessionOutcome> CreateServerOfferAsync(Channel channel, SessionRequester requester, CancellationToken cancellation);

    /// <summary>Takes the client's answer to the server's offer.</summary>
    ValueTask<SessionOutcome> AnswerAsync(string channelId, string sessionId, string answerSdp, CancellationToken cancellation);

    /// <summary>Takes an SDP fragment, as <see cref="IWhipSessions.PatchAsync"/>.</summary>
    ValueTask<SessionOutcome> PatchAsync(string channelId, string sessionId, string body, string? ifMatch, CancellationToken cancellation);

    /// <summary>Ends a session; refused where there is none of that id on the channel.</summary>
    ValueTask<SessionOutcome> CloseAsync(string channelId, string sessionId, CancellationToken cancellation);

    /// <summary>Chooses a layer for one medium or, with a null encoding, goes back to automatic choice. Null media: every medium.</summary>
    ValueTask<SessionOutcome> SelectLayerAsync(
        string channelId, string sessionId, string? mediaId, string? encodingId, CancellationToken cancellation);

    /// <summary>True where the session exists.</summary>
    bool Exists(string channelId, string sessionId);

    /// <summary>
    /// The session's events from now on: first the present state of each wanted event, then every change. Ends with the session. The
    /// implementation bounds what it queues for a slow reader and keeps the newest of each name.
    /// </summary>
    IAsyncEnumerable<WhepEvent> SubscribeAsync(
        string channelId, string sessionId, IReadOnlyCollection<string> events, CancellationToken cancellation);
}

/// <summary>One server-sent event.</summary>
/// <param name="Name">One of <c>active</c>, <c>inactive</c>, <c>layers</c>, <c>viewercount</c>.</param>
/// <param name="Json">The data, one line of JSON.</param>
public readonly record struct WhepEvent(string Name, string Json);
