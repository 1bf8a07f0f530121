using System.Globalization;
using System.Text;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>What WHIP and WHEP share: reading SDP bodies and turning outcomes into answers.</summary>
internal static class SessionAnswers
{
    public const string Sdp = "application/sdp";
    public const string Fragment = "application/trickle-ice-sdpfrag";
    private const int RetryAfterSeconds = 5;

    /// <summary>True where the content type is the given one; parameters such as a charset do not matter.</summary>
    public static bool IsOfType(HttpRequest request, string mediaType)
    {
        var given = request.ContentType ?? "";
        var semicolon = given.IndexOf(';', StringComparison.Ordinal);
        var bare = semicolon < 0 ? given : given[..semicolon];
        return bare.Trim().Equals(mediaType, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The body as text. Kestrel bounds its size and how slowly it may come.</summary>
    public static async ValueTask<string> ReadTextAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        return await reader.ReadToEndAsync(context.RequestAborted);
    }

    /// <summary>The refusal as a problem.</summary>
    public static Problem Refusal(SessionOutcome outcome)
    {
        var reason = outcome.Reason;
        return outcome.Error switch
        {
            SessionError.BadSdp => Problem.Of(400, "Bad SDP", Or(reason, "The body is no SDP a session can come from."), "Send the browser's own description unchanged."),
            SessionError.NoCommonCodec => Problem.Of(
                406, "No common codec", Or(reason, "The offer has no codec that the other side has."), "Offer H.264, VP8, VP9 or AV1, and Opus."),
            SessionError.NotFound => Problems.UnknownSession(),
            SessionError.Replaced => Problem.Of(
                410, "Replaced", Or(reason, "Another publisher has taken the channel over."), "Start a new session only if you mean to take the channel back."),
            SessionError.PreconditionFailed => Problem.Of(
                412, "Precondition failed", Or(reason, "If-Match names an older ICE session."), "Use the ETag of the latest answer, or If-Match: * to restart ICE."),
            SessionError.PreconditionRequired => Problem.Of(
                428, "Precondition required", Or(reason, "An ICE restart came without If-Match."), "Send If-Match: * with an ICE restart."),
            SessionError.Conflict => Problem.Of(
                409, "Conflict", Or(reason, "The request does not fit the session's state."), "Start a new session with a POST, or end the other one first."),
            SessionError.TooMany => Problem.Of(
                503, "Too many sessions", Or(reason, "This node has as many sessions as it may have."), $"Try again in {RetryAfterSeconds} s.")
                .With("Retry-After", RetryAfterSeconds.ToString(CultureInfo.InvariantCulture)),
            _ => throw new InvalidOperationException($"{outcome.Error} is no refusal."),
        };
    }

    /// <summary>201 with the session's URL, its entity tag and the ICE servers.</summary>
    public static IResult Created(HttpContext context, SessionOutcome outcome, string location, HttpLinks links, WebRtcOptions options)
    {
        var headers = context.Response.Headers;
        headers.Location = location;
        if (outcome.ETag.Length > 0)
            headers.ETag = outcome.ETag;
        headers["Accept-Patch"] = Fragment;
        headers.CacheControl = "no-store";
        foreach (var server in options.IceServers)
            links.AddIceServer(server);
        if (!links.IsEmpty)
            headers.Link = links.ToArray();
        return Results.Text(outcome.Body, Sdp, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>204 for candidates, 200 with the new fragment and tag for an ICE restart.</summary>
    public static IResult Patched(HttpContext context, SessionOutcome outcome)
    {
        if (!outcome.Succeeded)
            return Refusal(outcome);
        if (outcome.ETag.Length > 0)
            context.Response.Headers.ETag = outcome.ETag;
        return outcome.Body.Length == 0 ? Results.NoContent() : Results.Text(outcome.Body, Fragment);
    }

    /// <summary>200 without a body: some clients take an answer with none for a broken connection.</summary>
    public static IResult Closed(SessionOutcome outcome) => outcome.Succeeded ? Results.Ok() : Refusal(outcome);

    /// <summary>If-Match as it came, or null. Some clients put quotes around the star.</summary>
    public static string? IfMatch(HttpRequest request) => request.Headers.IfMatch.ToString() switch
    {
        "" => null,
        "\"*\"" => "*",
        var tag => tag,
    };

    /// <summary>307 to the same resource of another node. The query stays, since a token in it is all that survives the change of origin.</summary>
    public static IResult Redirect(HttpContext context, Elsewhere place)
    {
        var query = context.Request.QueryString;
        if (place.Token is not null)
        {
            var kept = QueryString.Empty;
            foreach (var (name, values) in context.Request.Query)
            {
                foreach (var value in values)
                {
                    if (name != "token")
                        kept = kept.Add(name, value ?? "");
                }
            }
            query = kept.Add("token", place.Token);
        }
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Location = place.BaseUrl + context.Request.Path.ToUriComponent() + query.ToUriComponent();
        return Results.StatusCode(StatusCodes.Status307TemporaryRedirect);
    }

    private static string Or(string reason, string otherwise) => reason.Length > 0 ? reason : otherwise;
}
