using Sluice.Control.Admission;
using Sluice.Control.Recordings;
using Sluice.Outputs.Hls;
using Sluice.Outputs.Recordings;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>Settles who may see and who may change recordings: who may watch a channel sees its recordings; its owner and the operator change them.</summary>
/// <remarks>
/// Elements that load addresses by themselves send no header. Their addresses carry a grant: unguessable, forgotten when it is unused for hours, and taken back with any watch
/// token of the channel.
/// </remarks>
internal sealed class RecordingGate(
    RecordingLibrary library, OperatorToken operators, SessionGate sessions, IService service, Limits limits, LiveOptions options, HlsOutput hls)
{
    /// <summary>True where the request has the operator's token.</summary>
    public bool IsOperator(HttpContext context) => Requester.Bearer(context.Request) is { } bearer && operators.Matches(bearer);

    /// <summary>The recording, where the request may see it; else the refusal.</summary>
    public async ValueTask<(Recording? Recording, Problem? Refused)> ForViewerAsync(HttpContext context, string id)
    {
        if (library.Find(id) is not { } recording)
            return (null, Unknown());
        return await RefuseViewerAsync(context, recording.ChannelId) is { } refused ? (null, refused) : (recording, null);
    }

    /// <summary>The recording, where the request comes from its channel's owner or the operator; else the refusal.</summary>
    public async ValueTask<(Recording? Recording, Problem? Refused)> ForOwnerAsync(HttpContext context, string id)
    {
        if (library.Find(id) is not { } recording)
            return (null, Unknown());
        return await RefuseOwnerAsync(context, recording.ChannelId) is { } refused ? (null, refused) : (recording, null);
    }

    /// <summary>Null where the request may watch the channel.</summary>
    public async ValueTask<Problem?> RefuseViewerAsync(HttpContext context, string channelId)
    {
        if (GrantInUrl(context.Request) is { } grant)
            return hls.Grants.Opens(grant, channelId) ? null : GrantGone();
        return IsOperator(context) ? null : (await sessions.ForViewerAsync(context, channelId, options.Current.Http)).Refused;
    }

    /// <summary>A grant to watch the channel, for one who may; null where there are too many.</summary>
    public string? Give(string channelId) => hls.Grants.Give(channelId);

    /// <summary>What a request for a playlist was let in by, as a query for the addresses in the answer; empty where its URL has nothing.</summary>
    public static string LeaveOf(HttpRequest request) =>
        GrantInUrl(request) is { } grant ? QueryOf(grant)
        : SessionGate.TokenInUrl(request) is { } token ? QueryString.Create("token", token).ToUriComponent() : "";

    /// <summary>A grant as the query of an address.</summary>
    public static string QueryOf(string grant) => QueryString.Create("grant", grant).ToUriComponent();

    /// <summary>Null where the request comes from the channel's owner or the operator.</summary>
    public async ValueTask<Problem?> RefuseOwnerAsync(HttpContext context, string channelId)
    {
        if (Requester.Bearer(context.Request) is not { } bearer)
        {
            return Problem.Of(401, "Owner needed", "This request needs the operator's token or the channel's stream key, and none came.",
                "Send one of them as Authorization: Bearer TOKEN.").With("WWW-Authenticate", "Bearer realm=\"sluice owner\"");
        }
        var address = Requester.Address(context, options.Current.Http);
        if (limits.OnLogin(address) is { } limited)
            return limited;
        if (operators.Matches(bearer))
            return null;
        var answer = await service.VerifyPublishAsync(channelId, bearer, context.RequestAborted);
        if (answer.Verdict == Verdict.Granted)
            return null;
        limits.CountFailedLogin(address, $"recordings of {channelId}");
        return Problem.Of(403, "Not the owner", "The token that came is neither the operator's nor this channel's stream key.",
            "Use the operator's token, or the stream key of the channel.");
    }

    private static string? GrantInUrl(HttpRequest request) => request.Query["grant"].ToString() is { Length: > 0 } grant ? grant : null;

    private static Problem GrantGone() => Problem.Of(
        403, "Grant gone", "The grant in this URL is not valid (any more).", "Ask for a new one: POST /api/v1/recordings/{id}/viewings with the token.");

    public static Problem Unknown() => Problem.Of(
        404, "Unknown recording", "There is no such recording: it was never made, or has been deleted.", "GET /api/v1/recordings lists those that there are.");
}
