using System.Runtime.CompilerServices;
using Sluice.Control.Channels;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Server.Http;
using Sluice.Server.Live;

namespace Sluice.Server.Tests;

/// <summary>Publishing sessions that answer what the test says and remember what they were asked.</summary>
public sealed class ScriptedWhip : IWhipSessions
{
    public const string Session = "whip-session-1";

    public List<string> Calls { get; } = [];

    public SessionOutcome Next { get; set; } = new(SessionError.None, "", Session, "v=0 answer", "\"tag-1\"");

    public SessionRequester? Requester { get; private set; }

    public ValueTask<SessionOutcome> CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation)
    {
        Calls.Add($"create {channel.Id} {offerSdp}");
        Requester = requester;
        return offerSdp == "throw" ? throw new InvalidOperationException("scripted") : new(Next);
    }

    public ValueTask<SessionOutcome> PatchAsync(string channelId, string sessionId, string body, string? ifMatch, CancellationToken cancellation)
    {
        Calls.Add($"patch {channelId} {sessionId} {body} {ifMatch}");
        return new(sessionId == Session ? Next : SessionOutcome.Refuse(SessionError.NotFound, ""));
    }

    public ValueTask<SessionOutcome> CloseAsync(string channelId, string sessionId, CancellationToken cancellation)
    {
        Calls.Add($"close {channelId} {sessionId}");
        return new(sessionId == Session ? Next : SessionOutcome.Refuse(SessionError.NotFound, ""));
    }
}

/// <summary>Watching sessions of the same kind.</summary>
public sealed class ScriptedWhep : IWhepSessions
{
    public const string Session = "whep-session-1";

    public List<string> Calls { get; } = [];

    public SessionOutcome Next { get; set; } = new(SessionError.None, "", Session, "v=0 answer", "\"tag-1\"");

    public List<WhepEvent> Events { get; } = [];

    public ValueTask<SessionOutcome> CreateAsync(Channel channel, string offerSdp, SessionRequester requester, CancellationToken cancellation)
    {
        Calls.Add($"create {channel.Id} {offerSdp}");
        return new(Next);
    }

    public ValueTask<SessionOutcome> CreateServerOfferAsync(Channel channel, SessionRequester requester, CancellationToken cancellation)
    {
        Calls.Add($"offer {channel.Id}");
        return new(Next with { Body = "v=0 offer" });
    }

    public ValueTask<SessionOutcome> AnswerAsync(string channelId, string sessionId, string answerSdp, CancellationToken cancellation)
    {
        Calls.Add($"answer {channelId} {sessionId} {answerSdp}");
        return new(Next);
    }

    public ValueTask<SessionOutcome> PatchAsync(string channelId, string sessionId, string body, string? ifMatch, CancellationToken cancellation)
    {
        Calls.Add($"patch {channelId} {sessionId} {body} {ifMatch}");
        return new(Next);
    }

    public ValueTask<SessionOutcome> CloseAsync(string channelId, string sessionId, CancellationToken cancellation)
    {
        Calls.Add($"close {channelId} {sessionId}");
        return new(sessionId == Session ? Next : SessionOutcome.Refuse(SessionError.NotFound, ""));
    }

    public ValueTask<SessionOutcome> SelectLayerAsync(
        string channelId, string sessionId, string? mediaId, string? encodingId, CancellationToken cancellation)
    {
        Calls.Add($"layer {channelId} {sessionId} {mediaId ?? "-"} {encodingId ?? "-"}");
        return new(Next);
    }

    public bool Exists(string channelId, string sessionId) => sessionId == Session;

    public async IAsyncEnumerable<WhepEvent> SubscribeAsync(
        string channelId, string sessionId, IReadOnlyCollection<string> events, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var one in Events.Where(e => events.Contains(e.Name)))
        {
            await Task.Yield();
            yield return one;
        }
    }
}

/// <summary>Figures as the test sets them.</summary>
public sealed class ScriptedStreams : ILiveStreams
{
    public List<StreamFigures> Live { get; } = [];

    public List<ViewerFigures> Watching { get; } = [];

    public IReadOnlyList<StreamFigures> All() => Live;

    public StreamFigures? Find(string channelId) => Live.Find(s => s.Channel == channelId);

    public IReadOnlyList<ViewerFigures> Viewers(string channelId) => Watching;

    public PublishErrorFigures? LastPublishError(string channelId) => null;
}

/// <summary>Another node, where the test names one.</summary>
public sealed class ScriptedWhereabouts : IWhereabouts
{
    public Elsewhere? Place { get; set; }

    public ValueTask<Elsewhere?> ForPublisherAsync(string channelId, SessionRequester requester, CancellationToken cancellation) => new(Place);

    public ValueTask<Elsewhere?> ForViewerAsync(string channelId, SessionRequester requester, CancellationToken cancellation) => new(Place);
}
