using Sluice.Control.Channels;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Server.Http;

namespace Sluice.Server.Media;

/// <summary>The HTTP edge's view of <see cref="Inputs.Whip.WhipInput"/>.</summary>
internal sealed class WhipSessions(WebRtcService webRtc) : IWhipSessions
{
    public ValueTask<SessionOutcome> CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation) =>
        new(webRtc.Node.Whip.Publish(channel.Id, offerSdp, requester.UserAgent));

    public ValueTask<SessionOutcome> PatchAsync(string channelId, string sessionId, string body, string? ifMatch, CancellationToken cancellation) =>
        new(webRtc.Node.Whip.Patch(channelId, sessionId, body, ifMatch));

    public ValueTask<bool> CloseAsync(string channelId, string sessionId, CancellationToken cancellation) =>
        new(webRtc.Node.Whip.Close(channelId, sessionId));
}
