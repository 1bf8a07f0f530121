using Sluice.Control.Channels;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Server.Http;

/// <summary>The publishing sessions behind WHIP. The edge has settled who may publish before it calls.</summary>
public interface IWhipSessions
{
    /// <summary>Takes an offer; on success the outcome has the session's id, the answer and the entity tag.</summary>
    ValueTask<SessionOutcome> CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation);

    /// <summary>
    /// Takes an SDP fragment: trickled candidates (empty body in the outcome) or an ICE restart (the new fragment and tag).
    /// <paramref name="ifMatch"/> is the header as it came; null where the client sent none.
    /// </summary>
    ValueTask<SessionOutcome> PatchAsync(string channelId, string sessionId, string body, string? ifMatch, CancellationToken cancellation);

    /// <summary>Ends a session; refused where there is none of that id on the channel.</summary>
    ValueTask<SessionOutcome> CloseAsync(string channelId, string sessionId, CancellationToken cancellation);
}
