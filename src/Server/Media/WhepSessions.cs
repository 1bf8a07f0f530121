using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sluice.Control.Live;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Server.Http;
using Channel = Sluice.Control.Channels.Channel;

namespace Sluice.Server.Media;

/// <summary>The HTTP edge's view of <see cref="Outputs.Whep.WhepOutput"/>, with the events of the WHEP extensions.</summary>
internal sealed class WhepSessions(WebRtcService webRtc, LiveChannels channels, SessionTickets tickets) : IWhepSessions
{
    // What has no event of its own (a layer's size or bitrate, the layer sent) is looked at this often.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // A thousand viewers who come together are a thousand changes of one number; each is told a few times a second.
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(200);

    public ValueTask<SessionOutcome> CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation) =>
        new(tickets.Take(requester.RemoteAddress) is { } ticket ? webRtc.Node.Whep.Watch(channel.Id, offerSdp, ticket) : SessionTickets.Refusal);

    public ValueTask<SessionOutcome> CreateServerOfferAsync(Channel channel, SessionRequester requester, CancellationToken cancellation) =>
        new(tickets.Take(requester.RemoteAddress) is { } ticket ? webRtc.Node.Whep.Offer(channel.Id, ticket) : SessionTickets.Refusal);

    public ValueTask<SessionOutcome> AnswerAsync(string channelId, string sessionId, string answerSdp, CancellationToken cancellation) =>
        new(webRtc.Node.Whep.Answer(channelId, sessionId, answerSdp));

    public ValueTask<SessionOutcome> PatchAsync(string channelId, string sessionId, string body, string? ifMatch, CancellationToken cancellation) =>
        new(webRtc.Node.Whep.Patch(channelId, sessionId, body, ifMatch));

    public ValueTask<SessionOutcome> CloseAsync(string channelId, string sessionId, CancellationToken cancellation) =>
        new(webRtc.Node.Whep.Close(channelId, sessionId));

    public ValueTask<SessionOutcome> SelectLayerAsync(
        string channelId, string sessionId, string? mediaId, string? encodingId, CancellationToken cancellation) =>
        new(webRtc.Node.Whep.SelectLayer(channelId, sessionId, mediaId, encodingId));

    public bool Exists(string channelId, string sessionId) => webRtc.Node.Whep.Exists(channelId, sessionId);

    public async IAsyncEnumerable<WhepEvent> SubscribeAsync(
        string channelId, string sessionId, IReadOnlyCollection<string> events, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // A change only rings the bell: the state is read when the reader is ready, so a slow one gets the newest and nothing queues up.
        var bell = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void Ring(LiveChannel changed) => bell.Writer.TryWrite(true);
        var live = channels.Open(channelId);
        live.Changed += Ring;
        using var looking = new Timer(_ => bell.Writer.TryWrite(true), null, LookInterval, LookInterval);
        try
        {
            var before = new Dictionary<string, string>(StringComparer.Ordinal);
            bell.Writer.TryWrite(true);
            while (await bell.Reader.WaitToReadAsync(cancellation))
            {
                bell.Reader.TryRead(out _);
                if (!Exists(channelId, sessionId)) yield break;
                foreach (var state in WhepEvents.Describe(live, webRtc.Node.Whep.Lines(channelId, sessionId)))
                {
                    // Active and inactive are two names of one state.
                    var topic = state.Name == "inactive" ? "active" : state.Name;
                    var text = $"{state.Name} {state.Json}";
                    if (before.TryGetValue(topic, out var old) && old == text) continue;
                    before[topic] = text;
                    if (events.Contains(state.Name)) yield return state;
                }

                await Task.Delay(ShortestInterval, cancellation);
            }
        }
        finally
        {
            live.Changed -= Ring;
        }
    }
}
