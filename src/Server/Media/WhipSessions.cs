using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;
using Sluice.Server.Http;

namespace Sluice.Server.Media;

/// <summary>The HTTP edge's view of <see cref="Inputs.Whip.WhipInput"/>.</summary>
internal sealed class WhipSessions(WebRtcService webRtc, Takeovers takeovers, SessionTickets tickets) : IWhipSessions
{
    public async ValueTask<SessionOutcome> CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation)
    {
        var who = PublisherIdentity.Of(NetworkAddress.From(requester.RemoteAddress, 0), requester.UserAgent);
        if (await takeovers.RefusalAsync(channel, who, "whip", cancellation) is { } reason) return SessionOutcome.Refuse(SessionError.Conflict, reason);
        return tickets.Take(requester.RemoteAddress) is { } ticket
            ? webRtc.Node.Whip.Publish(channel.Id, offerSdp, who, ticket)
            : SessionTickets.Refusal;
    }

    public ValueTask<SessionOutcome> PatchAsync(string channelId, string sessionId, string body, string? ifMatch, CancellationToken cancellation) =>
        new(webRtc.Node.Whip.Patch(channelId, sessionId, body, ifMatch));

    public ValueTask<SessionOutcome> CloseAsync(string channelId, string sessionId, CancellationToken cancellation) =>
        new(webRtc.Node.Whip.Close(channelId, sessionId));
}
