using System.Net;
using Sluice.Control.Admission;
using Sluice.Control.Channels;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>Settles who may publish and who may watch, before any session is made.</summary>
internal sealed class SessionGate
{
    private readonly IService _service;
    private readonly Limits _limits;

    public SessionGate(IService service, Limits limits)
    {
        _service = service;
        _limits = limits;
    }

    /// <summary>The channel, where the request's key may publish on it; else the refusal. A key in the URL counts when no header came.</summary>
    public async ValueTask<(Channel? Channel, Problem? Refused)> ForPublisherAsync(
        HttpContext context, string channelId, string? keyInUrl, HttpOptions options)
    {
        var key = Requester.Bearer(context.Request) ?? keyInUrl;
        var address = Requester.Address(context, options);
        if (key is not null && _limits.OnLogin(address) is { } limited)
            return (null, limited);
        var answer = await _service.VerifyPublishAsync(channelId, key, context.RequestAborted);
        return Settle(answer, channelId, address, $"publishing on {channelId}", PublishKeyMissing,
            key is null || StreamKey.TryParse(key, out _) ? PublishKeyWrong : PublishKeyMalformed);
    }

    /// <summary>The channel, where the request may watch it; else the refusal.</summary>
    public async ValueTask<(Channel? Channel, Problem? Refused)> ForViewerAsync(HttpContext context, string channelId, HttpOptions options)
    {
        var token = Requester.Bearer(context.Request) ?? TokenInUrl(context.Request);
        var address = Requester.Address(context, options);
        if (token is not null && _limits.OnLogin(address) is { } limited)
            return (null, limited);
        var answer = await _service.VerifyWatchAsync(channelId, token, context.RequestAborted);
        return Settle(answer, channelId, address, $"watching {channelId}", WatchTokenMissing, WatchTokenWrong);
    }

    /// <summary>The token of <c>?token=</c>, or null.</summary>
    public static string? TokenInUrl(HttpRequest request) => request.Query["token"].ToString() is { Length: > 0 } token ? token : null;

    private static Problem PublishKeyMissing() => Problem.Of(
        401, "Stream key needed", "Publishing needs the channel's stream key, and none came.",
        "Send it as Authorization: Bearer KEY (in OBS: the field Bearer Token).").With("WWW-Authenticate", "Bearer realm=\"publish\"");

    private static Problem PublishKeyWrong() => Problem.Of(
        403, "Stream key wrong", "The stream key that came does not open this channel.",
        "Copy the key again; if it is lost, rotate it in the console and use the new one.");

    private static Problem PublishKeyMalformed() => Problem.Of(403, "Stream key wrong", "The stream key that came is none.", StreamKey.Shape);

    private static Problem WatchTokenMissing() => Problem.Of(
        401, "Watch token needed", "This channel is private, and no watch token came.",
        "Send the token you were given as Authorization: Bearer TOKEN or as ?token=TOKEN.").With("WWW-Authenticate", "Bearer realm=\"watch\"");

    private static Problem WatchTokenWrong() => Problem.Of(
        403, "Watch token wrong", "The watch token that came does not open this channel, or was taken back.",
        "Ask the channel's owner for a new one.");

    private (Channel? Channel, Problem? Refused) Settle(
        AdmissionAnswer answer, string channelId, IPAddress address, string attempt, Func<Problem> missing, Func<Problem> wrong)
    {
        switch (answer.Verdict)
        {
            case Verdict.Granted:
                return (answer.Channel, null);
            case Verdict.ChannelUnknown:
                return (null, Problems.UnknownChannel(channelId));
            case Verdict.KeyMissing:
                return (null, missing());
            default:
                _limits.CountFailedLogin(address, attempt);
                return (null, wrong());
        }
    }
}
