using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Server.Http;

namespace Sluice.Server.Media;

/// <summary>The HTTP edge's view of <see cref="Inputs.Whip.WhipInput"/>.</summary>
internal sealed class WhipSessions(WebRtcService webRtc, LiveChannels channels, SessionTickets tickets) : IWhipSessions
{
    public ValueTask<SessionOutcome> CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation)
    {
        if (channel.Settings.RefusesTakeover && channels.Find(channel.Id)?.Stream is not null)
        {
            return new(SessionOutcome.Refuse(SessionError.Conflict, "The channel is live and set to refuse a second publisher; stop the first one."));
        }

        return new(tickets.Take(requester.RemoteAddress) is { } ticket
            ? webRtc.Node.Whip.Publish(channel.Id, offerSdp, requester.UserAgent, ticket)
            : SessionTickets.Refusal);
    }

    public ValueTask<SessionOutcome> PatchAsync(string channelId, string sessionId, string body, string? ifMatch, CancellationToken cancellation) =>
        new(webRtc.Node.Whip.Patch(channelId, sessionId, body, ifMatch));

    public ValueTask<SessionOutcome> CloseAsync(string channelId, string sessionId, CancellationToken cancellation) =>
        new(webRtc.Node.Whip.Close(channelId, sessionId));
}
