using Sluice.Control.Channels;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Server.Http;

/// <summary>A node without media: every session is refused with the reason.</summary>
internal sealed class NoSessions : IWhipSessions, IWhepSessions
{
    private static readonly SessionOutcome Refused = SessionOutcome.Refuse(SessionError.TooMany, "This node carries no media.");
    private static readonly SessionOutcome Unknown = SessionOutcome.Refuse(SessionError.NotFound, "There is no such session.");

    ValueTask<SessionOutcome> IWhipSessions.CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation) =>
        new(Refused);

    ValueTask<SessionOutcome> IWhepSessions.CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation) =>
        new(Refused);

    public ValueTask<SessionOutcome> CreateServerOfferAsync(Channel channel, SessionRequester requester, CancellationToken cancellation) => new(Refused);

    public ValueTask<SessionOutcome> AnswerAsync(string channelId, string sessionId, string answerSdp, CancellationToken cancellation) => new(Unknown);

    public ValueTask<SessionOutcome> PatchAsync(
        string channelId, string sessionId, string body, string? ifMatch, CancellationToken cancellation) => new(Unknown);

    public ValueTask<bool> CloseAsync(string channelId, string sessionId, CancellationToken cancellation) => new(false);

    public ValueTask<SessionOutcome> SelectLayerAsync(
        string channelId, string sessionId, string? mediaId, string? encodingId, CancellationToken cancellation) => new(Unknown);

    public bool Exists(string channelId, string sessionId) => false;

    public IAsyncEnumerable<WhepEvent> SubscribeAsync(
        string channelId, string sessionId, IReadOnlyCollection<string> events, CancellationToken cancellation) =>
        AsyncEnumerable.Empty<WhepEvent>();
}
